/*
 * gss: libgssapi_krb5 loaded when it is first needed, so that who does not use
 * --mscep-user need not have it.
 */
#ifndef AUTH_GSS_H
#define AUTH_GSS_H

#include "base/err.h"
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>

/* The functions by their own names; the types are those of the headers. */
struct gss {
	__typeof__(gss_accept_sec_context) *accept_sec_context;
	__typeof__(gss_acquire_cred_from) *acquire_cred_from;
	__typeof__(gss_delete_sec_context) *delete_sec_context;
	__typeof__(gss_display_name) *display_name;
	__typeof__(gss_import_name) *import_name;
	__typeof__(gss_release_buffer) *release_buffer;
	__typeof__(gss_release_cred) *release_cred;
	__typeof__(gss_release_name) *release_name;
	__typeof__(gss_set_neg_mechs) *set_neg_mechs;
};

extern const gss_OID_desc gss_ntlm;   /* MS-NLMP's, of gss-ntlmssp */
extern const gss_OID_desc gss_spnego; /* RFC 4178 */

/* NULL: the library or the NTLM mechanism is not there; err names the package. Any
   thread may call it; the answer is found once. */
const struct gss *gss_load(struct err *err);

#endif
