#include "scep/describe_inner.h"

#include "certs/ossl.h"
#include "scep/signer.h"
#include <limits.h>
#include <openssl/pem.h>
#include <string.h>

/* What a file of aids came to. */
struct found {
	size_t keys;
	size_t certs;
	bool is_protected; /* a key that a passphrase guards */
};

/* There is nobody to ask: noted, and answered with no passphrase. */
static int
refuse_passphrase(char *text, int size, int is_writing, void *arg)
{
	struct found *found = arg;

	found->is_protected = true;
	return -1;
}

static bool
add_key(struct describe_aids *aids, struct found *found, EVP_PKEY *key)
{
	if (key == NULL || aids->key_count == DESCRIBE_KEYS_MAX) {
		EVP_PKEY_free(key);
		return key == NULL;
	}
	aids->keys[aids->key_count++] = key;
	found->keys++;
	return true;
}

static bool
add_cert(struct describe_aids *aids, struct found *found, struct bytes der)
{
	struct asn1_certificate *certificate = certificate_read(der);

	if (certificate == NULL)
		return true;
	certificate_free(certificate);
	if (aids->cert_count == DESCRIBE_CERTS_MAX)
		return false;
	buf_add(&aids->certs[aids->cert_count++], der.data, der.len);
	found->certs++;
	return true;
}

/* All certificates of a bag, as GetCACert answers. */
static bool
add_bag(struct describe_aids *aids, struct found *found, struct bytes der)
{
	ASN1_TYPE *content = content_info_unwrap(oid_signed_data, der);
	struct bytes inner = any_bytes(content);
	struct signed_data *bag = NULL;
	bool ok = true;

	if (inner.len > 0)
		bag = d2i_signed_data(NULL, &inner.data, (long)inner.len);
	for (int i = 0; bag != NULL && ok && i < sk_ASN1_TYPE_num(bag->certificates); i++)
		ok = add_cert(
		    aids, found, any_bytes(sk_ASN1_TYPE_value(bag->certificates, i)));
	signed_data_free(bag);
	ASN1_TYPE_free(content);
	return ok;
}

/* One PEM block; false: no room for it. */
static bool
add_block(struct describe_aids *aids, struct found *found, struct bytes pem,
    const char *label, struct bytes der)
{
	BIO *bio;
	bool ok;

	if (strcmp(label, PEM_STRING_X509) == 0 ||
	    strcmp(label, PEM_STRING_X509_OLD) == 0)
		return add_cert(aids, found, der);
	if (strcmp(label, PEM_STRING_PKCS7) == 0 || strcmp(label, PEM_STRING_CMS) == 0)
		return add_bag(aids, found, der);
	if (strstr(label, "PRIVATE KEY") == NULL)
		return true;
	bio = BIO_new_mem_buf(pem.data, (int)pem.len);
	ok = bio != NULL &&
	     add_key(aids, found,
	         PEM_read_bio_PrivateKey(bio, NULL, refuse_passphrase, found));
	BIO_free(bio);
	return ok;
}

/* False: no room. The text of each block is read again by whoever knows its label. */
static bool
add_blocks(struct describe_aids *aids, struct found *found, struct bytes text)
{
	BIO *bio = BIO_new_mem_buf(text.data, (int)text.len);
	char *label = NULL, *header = NULL;
	unsigned char *der = NULL;
	long len = 0;
	size_t start = 0;
	bool ok = bio != NULL;

	while (ok && PEM_read_bio(bio, &label, &header, &der, &len) == 1) {
		ok = add_block(aids, found,
		    (struct bytes){text.data + start, text.len - start}, label,
		    (struct bytes){der, (size_t)len});
		start = text.len - BIO_pending(bio);
		OPENSSL_cleanse(der, (size_t)len);
		OPENSSL_free(label);
		OPENSSL_free(header);
		OPENSSL_free(der);
	}
	BIO_free(bio);
	return ok;
}

static bool
add_der(struct describe_aids *aids, struct found *found, struct bytes der)
{
	const unsigned char *p = der.data;

	if (der.len == 0 || der.data[0] != 0x30)
		return true;
	if (!add_cert(aids, found, der) || !add_bag(aids, found, der))
		return false;
	return found->certs > 0 ||
	       add_key(aids, found, d2i_AutoPrivateKey(NULL, &p, (long)der.len));
}

bool
describe_aids_add(
    struct describe_aids *aids, struct bytes text, const char *what, struct err *err)
{
	struct found found = {.keys = 0};
	bool has_room;

	if (text.len == 0 || text.len > DESCRIBE_BYTES_MAX)
		return err_set(err, ERR_USAGE,
		    "%s is empty or too large: give a PEM file with a private key", what);
	has_room = add_blocks(aids, &found, text) &&
	           (found.keys + found.certs > 0 || add_der(aids, &found, text));
	ossl_forget();
	if (!has_room)
		return err_set(err, ERR_USAGE,
		    "%s: there are more than %d keys or %d certificates", what,
		    DESCRIBE_KEYS_MAX, DESCRIBE_CERTS_MAX);
	if (found.is_protected)
		return err_set(err, ERR_USAGE,
		    "the private key in %s is protected by a passphrase: take it off with openssl pkey -in %s -out FILE",
		    what, what);
	if (found.keys + found.certs == 0)
		return err_set(err, ERR_USAGE,
		    "there is no private key and no certificate in %s, which should be PEM or DER",
		    what);
	return true;
}

void
describe_aids_clear(struct describe_aids *aids)
{
	for (size_t i = 0; i < aids->key_count; i++)
		EVP_PKEY_free(aids->keys[i]);
	for (size_t i = 0; i < aids->cert_count; i++)
		buf_clear(&aids->certs[i]);
	*aids = (struct describe_aids){.key_count = 0};
}

struct asn1_certificate *
known_certificate(const struct description *d, const ASN1_TYPE *name)
{
	struct signed_data given = {.certificates = NULL};
	struct signer_cert found = {.certificate = NULL};

	if (d->outer != NULL && signer_cert_find(d->outer, name, &found))
		return found.certificate;
	for (size_t i = 0; i < d->aids->cert_count; i++)
		any_push(&given.certificates, buf_bytes(&d->aids->certs[i]));
	if (!signer_cert_find(&given, name, &found))
		found.certificate = NULL;
	sk_ASN1_TYPE_pop_free(given.certificates, ASN1_TYPE_free);
	ossl_forget();
	return found.certificate;
}
