#include "support/scepclient.h"

#include "base/mem.h"
#include <openssl/bn.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#define LONG_SERIAL_BITS 256
#define VALID_SECONDS    (365L * 24 * 3600)

static bool
set_subject(struct scep_client *client, const char *common_name)
{
	const char *text = common_name != NULL ? common_name : "host1";

	client->subject = X509_NAME_new();
	return client->subject != NULL &&
	       X509_NAME_add_entry_by_txt(client->subject, "CN", MBSTRING_UTF8,
	           (const unsigned char *)text, -1, -1, 0) == 1;
}

static bool
set_serial(X509 *cert, bool is_long)
{
	BIGNUM *number = BN_new();
	bool ok = number != NULL &&
	          BN_rand(number, is_long ? LONG_SERIAL_BITS : 63, BN_RAND_TOP_ONE,
	              BN_RAND_BOTTOM_ANY) == 1 &&
	          BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;

	BN_free(number);
	return ok;
}

static bool
add_extension(X509 *cert, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *extension;
	bool ok;

	X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = extension != NULL && X509_add_ext(cert, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return ok;
}

static X509 *
self_signed(EVP_PKEY *key, const X509_NAME *subject, const struct scep_identity *identity)
{
	X509 *cert = X509_new();

	if (cert == NULL || X509_set_version(cert, identity->is_v1 ? 0 : 2) != 1 ||
	    !set_serial(cert, identity->is_v1) ||
	    X509_set_subject_name(cert, subject) != 1 ||
	    X509_set_issuer_name(cert, subject) != 1 ||
	    X509_gmtime_adj(X509_getm_notBefore(cert), -3600) == NULL ||
	    X509_gmtime_adj(X509_getm_notAfter(cert), VALID_SECONDS) == NULL ||
	    X509_set_pubkey(cert, key) != 1 ||
	    (!identity->is_v1 && !add_extension(cert, NID_key_usage,
	                             "critical,digitalSignature,keyEncipherment")) ||
	    (identity->has_key_id &&
	        !add_extension(cert, NID_subject_key_identifier, "hash")) ||
	    X509_sign(cert, key, EVP_sha256()) <= 0) {
		X509_free(cert);
		return NULL;
	}
	return cert;
}

struct scep_client *
scep_client_new(const struct scep_identity *identity)
{
	struct scep_client *client = mem_alloc(sizeof(*client));

	/* An explicit load of one provider switches the automatic default off. */
	OSSL_PROVIDER_load(NULL, "default");
	OSSL_PROVIDER_load(NULL, "legacy");
	client->key = identity->is_ec ? EVP_EC_gen("P-256")
	                              : EVP_RSA_gen(identity->rsa_bits != 0
	                                                ? (size_t)identity->rsa_bits
	                                                : (size_t)2048);
	if (client->key != NULL && set_subject(client, identity->common_name))
		client->cert = self_signed(client->key, client->subject, identity);
	if (client->cert == NULL) {
		scep_client_free(client);
		return NULL;
	}
	return client;
}

void
scep_client_free(struct scep_client *client)
{
	if (client == NULL)
		return;
	EVP_PKEY_free(client->key);
	X509_free(client->cert);
	X509_NAME_free(client->subject);
	sk_X509_pop_free(client->bag, X509_free);
	free(client->transaction_id);
	free(client);
}

/* Certificates of a certs-only SignedData, or the one certificate that `body` is. */
static STACK_OF(X509) * certificates_of(struct bytes body)
{
	const unsigned char *p = body.data;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &p, (long)body.len);
	STACK_OF(X509) *certs = NULL;
	X509 *single;

	if (cms != NULL) {
		certs = CMS_get1_certs(cms);
		CMS_ContentInfo_free(cms);
		return certs;
	}
	p = body.data;
	single = d2i_X509(NULL, &p, (long)body.len);
	certs = single != NULL ? sk_X509_new_null() : NULL;
	if (certs == NULL || sk_X509_push(certs, single) <= 0)
		X509_free(single);
	return certs;
}

int
scep_count_certificates(struct bytes body, bool *ret_has_ca)
{
	STACK_OF(X509) *certs = certificates_of(body);
	int count = sk_X509_num(certs);

	*ret_has_ca = false;
	for (int i = 0; i < count; i++)
		*ret_has_ca |= X509_check_ca(sk_X509_value(certs, i)) > 0;
	sk_X509_pop_free(certs, X509_free);
	ERR_clear_error();
	return count;
}

static bool
has_usage(X509 *cert, uint32_t usage)
{
	return (X509_get_extension_flags(cert) & EXFLAG_KUSAGE) != 0 &&
	       (X509_get_key_usage(cert) & usage) != 0;
}

bool
scep_client_set_ca(struct scep_client *client, struct bytes body)
{
	STACK_OF(X509) *certs = certificates_of(body);

	sk_X509_pop_free(client->bag, X509_free);
	client->bag = certs;
	client->ca = client->ra_sign = client->ra_encrypt = NULL;
	for (int i = 0; i < sk_X509_num(certs); i++) {
		X509 *cert = sk_X509_value(certs, i);

		if (X509_check_ca(cert) > 0) {
			client->ca = cert;
			continue;
		}
		if (client->ra_sign == NULL && has_usage(cert, KU_DIGITAL_SIGNATURE))
			client->ra_sign = cert;
		if (client->ra_encrypt == NULL && has_usage(cert, KU_KEY_ENCIPHERMENT))
			client->ra_encrypt = cert;
	}
	if (client->ra_sign == NULL)
		client->ra_sign = client->ca;
	if (client->ra_encrypt == NULL)
		client->ra_encrypt = client->ca;
	return client->ca != NULL;
}

void
scep_client_adopt(struct scep_client *client, X509 *leaf)
{
	X509_up_ref(leaf);
	X509_free(client->cert);
	client->cert = leaf;
}
