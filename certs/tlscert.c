#include "certs/tlscert.h"

#include "certs/extensions.h"
#include "certs/issue.h"
#include "certs/ossl.h"
#include "certs/templates.h"
#include <openssl/ec.h>
#include <openssl/x509v3.h>
#include <string.h>

#define DAY_S           86400
#define COMMON_NAME_MAX 64 /* ub-common-name, RFC 5280 appendix A */

/* A name that is too long for a CN gives an empty subject. */
static bool
write_subject(struct buf *out, const char *name)
{
	X509_NAME *subject = X509_NAME_new();
	bool ok = subject != NULL;

	if (ok && strlen(name) <= COMMON_NAME_MAX)
		ok = X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
		         (const unsigned char *)name, -1, -1, 0) == 1;
	ok = ok && OSSL_DER(out, subject, i2d_X509_NAME);
	X509_NAME_free(subject);
	return ok;
}

static GENERAL_NAME *
general_name(const char *name)
{
	GENERAL_NAME *general = GENERAL_NAME_new();
	ASN1_OCTET_STRING *address = a2i_IPADDRESS(name);
	ASN1_IA5STRING *dns;

	if (general != NULL && address != NULL) {
		GENERAL_NAME_set0_value(general, GEN_IPADD, address);
		return general;
	}
	ASN1_OCTET_STRING_free(address);
	dns = ASN1_IA5STRING_new();
	if (general != NULL && dns != NULL && ASN1_STRING_set(dns, name, -1) == 1) {
		GENERAL_NAME_set0_value(general, GEN_DNS, dns);
		return general;
	}
	ASN1_IA5STRING_free(dns);
	GENERAL_NAME_free(general);
	return NULL;
}

static X509_EXTENSION *
alt_names(const char *const names[], size_t count)
{
	GENERAL_NAMES *all = sk_GENERAL_NAME_new_null();
	X509_EXTENSION *extension = NULL;
	GENERAL_NAME *name;
	size_t i;

	for (i = 0; i < count && all != NULL; i++) {
		name = general_name(names[i]);
		if (name == NULL || sk_GENERAL_NAME_push(all, name) <= 0) {
			GENERAL_NAME_free(name);
			goto out;
		}
	}
	if (all != NULL)
		extension = X509V3_EXT_i2d(NID_subject_alt_name, 0, all);
out:
	sk_GENERAL_NAME_pop_free(all, GENERAL_NAME_free);
	return extension;
}

/* RFC 5280 4.2.1.3: an EC key signs the handshake and encrypts nothing. */
static bool
write_extensions(struct buf *out, const char *const names[], size_t count)
{
	STACK_OF(X509_EXTENSION) *extensions = sk_X509_EXTENSION_new_null();
	bool ok =
	    extensions != NULL && extensions_push(extensions, alt_names(names, count)) &&
	    extensions_push(extensions,
	        X509V3_EXT_conf_nid(NULL, NULL, NID_ext_key_usage, "serverAuth")) &&
	    extensions_push(extensions, X509V3_EXT_conf_nid(NULL, NULL, NID_key_usage,
	                                    "critical,digitalSignature")) &&
	    template_write(extensions, ASN1_ITEM_rptr(X509_EXTENSIONS), out);

	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	return ok;
}

bool
tlscert_issue(struct tlscert *ret, struct pki *pki, const char *const names[],
    size_t count, time_t now, struct err *err)
{
	struct tlscert cert = {.key = EVP_EC_gen("P-256")};
	struct buf subject = BUF_INIT, spki = BUF_INIT, extensions = BUF_INIT;
	struct leaf leaf = {.not_before = now - PKI_BACKDATE_S,
	    .not_after = now + (time_t)TLSCERT_DAYS * DAY_S};
	bool ok = false;

	if (count == 0) {
		err_set(err, ERR_USAGE, "a TLS certificate needs at least one name");
	} else if (cert.key == NULL || !OSSL_DER(&spki, cert.key, i2d_PUBKEY) ||
	           !write_subject(&subject, names[0]) ||
	           !write_extensions(&extensions, names, count) ||
	           !pki_serial(leaf.serial)) {
		ossl_err(err, "cannot prepare a TLS certificate");
	} else {
		leaf.subject = buf_bytes(&subject);
		leaf.spki = buf_bytes(&spki);
		leaf.extensions = buf_bytes(&extensions);
		ok = leaf_issue(&leaf, pki, &cert.der, err);
	}
	if (ok)
		*ret = cert;
	else
		tlscert_clear(&cert);
	buf_clear(&subject);
	buf_clear(&spki);
	buf_clear(&extensions);
	ossl_forget();
	return ok;
}

void
tlscert_clear(struct tlscert *cert)
{
	EVP_PKEY_free(cert->key);
	cert->key = NULL;
	buf_clear(&cert->der);
}
