#include "auth/gss.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

#define GSS_LIBRARY "libgssapi_krb5.so.2"
#define GSS_CURE    "NTLM and Negotiate need it; Basic works without"

/* gss_OID_desc has no const: the library does not write into an OID. */
static unsigned char ntlm_oid[] = {43, 6, 1, 4, 1, 0x82, 55, 2, 2, 10};
static unsigned char spnego_oid[] = {43, 6, 1, 5, 5, 2};
const gss_OID_desc gss_ntlm = {sizeof(ntlm_oid), ntlm_oid};
const gss_OID_desc gss_spnego = {sizeof(spnego_oid), spnego_oid};

#define GSS_FUNCTION(name)                               \
	{                                                \
		"gss_" #name, offsetof(struct gss, name) \
	}

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
    GSS_FUNCTION(accept_sec_context),
    GSS_FUNCTION(acquire_cred_from),
    GSS_FUNCTION(delete_sec_context),
    GSS_FUNCTION(display_name),
    GSS_FUNCTION(import_name),
    GSS_FUNCTION(release_buffer),
    GSS_FUNCTION(release_cred),
    GSS_FUNCTION(release_name),
    GSS_FUNCTION(set_neg_mechs),
};

/* What one process finds out once; written inside pthread_once alone. */
static struct {
	pthread_once_t once;
	struct gss gss;
	struct err err;
} loaded = {.once = PTHREAD_ONCE_INIT};

static bool
load_functions(struct gss *gss, struct err *err)
{
	void *library, *function;

	/* Never closed: its threads' data and its mechanisms outlive every context. */
	library = dlopen(GSS_LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL)
		return err_set(err, ERR_FAILED,
		    "cannot load " GSS_LIBRARY
		    ": install the packages libgssapi-krb5-2 and gss-ntlmssp "
		    "(" GSS_CURE ")");
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		function = dlsym(library, functions[i].name);
		if (function == NULL)
			return err_set(err, ERR_FAILED,
			    GSS_LIBRARY " has no %s: install MIT Kerberos 1.11 or later "
			                "(" GSS_CURE ")",
			    functions[i].name);
		memcpy((char *)gss + functions[i].offset, &function, sizeof(function));
	}
	return true;
}

/* Asking for the list would not do: it is read from /etc/gss/mech.d, where the entry
   stays when the package goes. */
static bool
has_ntlm(const struct gss *gss)
{
	gss_OID_desc ntlm = gss_ntlm;
	gss_OID_set_desc mechanisms = {1, &ntlm};
	gss_cred_id_t credential = GSS_C_NO_CREDENTIAL;
	OM_uint32 major, minor;

	major = gss->acquire_cred_from(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE,
	    &mechanisms, GSS_C_ACCEPT, GSS_C_NO_CRED_STORE, &credential, NULL, NULL);
	gss->release_cred(&minor, &credential);
	return major == GSS_S_COMPLETE;
}

static void
load_once(void)
{
	if (load_functions(&loaded.gss, &loaded.err) && !has_ntlm(&loaded.gss))
		err_set(&loaded.err, ERR_FAILED,
		    "GSSAPI has no NTLM mechanism: install the package gss-ntlmssp "
		    "(" GSS_CURE ")");
}

const struct gss *
gss_load(struct err *err)
{
	pthread_once(&loaded.once, load_once);
	if (loaded.err.kind != ERR_NONE) {
		*err = loaded.err;
		return NULL;
	}
	return &loaded.gss;
}
