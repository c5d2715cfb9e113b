#include "support/certreplines_inner.h"

#include <openssl/x509v3.h>
#include <string.h>

static const char *
key_owner(struct reading *r, const EVP_PKEY *key)
{
	for (size_t i = 0; i < r->known->count; i++)
		if (EVP_PKEY_eq(X509_get0_pubkey(r->known->certs[i].cert), key) == 1)
			return r->known->certs[i].name;
	return "nobody";
}

static void
add_leaf(struct reading *r, X509 *leaf)
{
	const char *subject = "nobody", *issuer = "nobody";
	time_t now = r->known->now;

	for (size_t i = r->known->count; i-- > 0;) {
		const struct known_cert *known = &r->known->certs[i];

		if (X509_NAME_cmp(X509_get_subject_name(leaf),
		        X509_get_subject_name(known->cert)) == 0)
			subject = known->name;
		if (X509_verify(leaf, X509_get0_pubkey(known->cert)) == 1 &&
		    X509_check_issued(known->cert, leaf) == X509_V_OK)
			issuer = known->name;
	}
	buf_add_format(r->out, "leaf's key: %s\nleaf's subject: %s\nleaf's issuer: %s\n",
	    key_owner(r, X509_get0_pubkey(leaf)), subject, issuer);
	buf_add_format(r->out, "leaf is: %s\n",
	    X509_cmp_time(X509_get0_notAfter(leaf), &now) < 0    ? "over"
	    : X509_cmp_time(X509_get0_notBefore(leaf), &now) > 0 ? "not yet valid"
	                                                         : "valid");
	buf_add_format(r->out, "leaf's serial: %02x\n",
	    ASN1_STRING_get0_data(X509_get0_serialNumber(leaf))[1]);
}

static void
add_bag(struct reading *r, struct bytes plain)
{
	const unsigned char *p = plain.data;
	CMS_ContentInfo *bag = d2i_CMS_ContentInfo(NULL, &p, (long)plain.len);
	STACK_OF(X509) *certs = bag != NULL ? CMS_get1_certs(bag) : NULL;
	STACK_OF(X509_CRL) *crls = bag != NULL ? CMS_get1_crls(bag) : NULL;
	X509 *alone;

	p = plain.data;
	alone = bag == NULL ? d2i_X509(NULL, &p, (long)plain.len) : NULL;
	buf_add_format(r->out, "inside: %s\n",
	    bag != NULL     ? encoding_of(plain)
	    : alone != NULL ? "a certificate"
	                    : "nothing known");
	if (alone != NULL && certs == NULL)
		certs = sk_X509_new_null();
	if (alone != NULL)
		sk_X509_push(certs, alone);
	add_certs(r, "bag", certs);
	buf_add_format(
	    r->out, "crls: %d\n", sk_X509_CRL_num(crls) > 0 ? sk_X509_CRL_num(crls) : 0);
	for (int i = 0; i < sk_X509_num(certs); i++) {
		size_t j = 0;

		while (j < r->known->count &&
		       X509_cmp(r->known->certs[j].cert, sk_X509_value(certs, i)) != 0)
			j++;
		if (j == r->known->count)
			add_leaf(r, sk_X509_value(certs, i));
	}
	sk_X509_pop_free(certs, X509_free);
	sk_X509_CRL_pop_free(crls, X509_CRL_free);
	CMS_ContentInfo_free(bag);
}

static void
add_opened(struct reading *r, struct bytes der)
{
	for (size_t i = 0; i < r->known->count; i++) {
		const unsigned char *p = der.data;
		CMS_ContentInfo *envelope = d2i_CMS_ContentInfo(NULL, &p, (long)der.len);
		EVP_PKEY *key = r->known->certs[i].private_key;
		BIO *plain = BIO_new(BIO_s_mem());
		char *data;
		long len;
		bool ok = key != NULL && CMS_decrypt(envelope, key, NULL, NULL, plain,
		                             CMS_BINARY | CMS_DEBUG_DECRYPT) == 1;

		if (ok) {
			buf_add_format(
			    r->out, "opened by: %s\n", r->known->certs[i].name);
			len = BIO_get_mem_data(plain, &data);
			add_bag(r, (struct bytes){(unsigned char *)data, (size_t)len});
		}
		BIO_free(plain);
		CMS_ContentInfo_free(envelope);
		if (ok)
			return;
	}
	buf_add_text(r->out, "opened by: nobody\n");
}

/* CMS_* has no reader for the content cipher: look for it behind id-data. */
static void
add_cipher(struct reading *r, CMS_ContentInfo *envelope)
{
	static const int nids[] = {NID_des_cbc, NID_des_ede3_cbc, NID_aes_128_cbc,
	    NID_aes_192_cbc, NID_aes_256_cbc};
	unsigned char *der = NULL;
	int len = i2d_CMS_ContentInfo(envelope, &der);

	for (size_t i = 0; i < sizeof(nids) / sizeof(nids[0]); i++) {
		unsigned char *oid = NULL;
		int oid_len = i2d_ASN1_OBJECT(OBJ_nid2obj(nids[i]), &oid);

		if (memmem(der, (size_t)len, oid, (size_t)oid_len) != NULL)
			buf_add_format(r->out, "cipher: %s\n", OBJ_nid2sn(nids[i]));
		OPENSSL_free(oid);
	}
	OPENSSL_free(der);
}

static void
add_envelope(struct reading *r, struct bytes der, CMS_ContentInfo *envelope)
{
	STACK_OF(CMS_RecipientInfo) *recipients = CMS_get0_RecipientInfos(envelope);
	CMS_RecipientInfo *recipient = sk_CMS_RecipientInfo_value(recipients, 0);
	ASN1_OCTET_STRING *key_id = NULL;
	X509_NAME *issuer = NULL;
	ASN1_INTEGER *serial = NULL;
	X509_ALGOR *algorithm = NULL;

	buf_add_format(r->out, "envelope: %s\nenvelope's version: %ld\n",
	    encoding_of(der), version_of(envelope, 0));
	buf_add_format(r->out, "recipient's version: %ld\n", version_of(envelope, 1));
	CMS_RecipientInfo_ktri_get0_signer_id(recipient, &key_id, &issuer, &serial);
	add_name(r, "recipient", key_id, issuer, serial);
	CMS_RecipientInfo_ktri_get0_algs(recipient, NULL, NULL, &algorithm);
	add_algorithm(r, "transport", algorithm);
	add_cipher(r, envelope);
	add_opened(r, der);
}

void
add_content(struct reading *r)
{
	ASN1_OCTET_STRING **content = CMS_get0_content(r->cms);
	struct bytes octets = {.data = NULL};
	const unsigned char *p;
	CMS_ContentInfo *envelope = NULL;

	if (*content == NULL) {
		buf_add_text(r->out, "content: absent\n");
		return;
	}
	octets = string_of(*content);
	p = octets.data;
	if (octets.len > 0)
		envelope = d2i_CMS_ContentInfo(NULL, &p, (long)octets.len);
	if (envelope == NULL) {
		buf_add_format(r->out, "content: %zu octets\n", octets.len);
		return;
	}
	buf_add_text(r->out, "content: CMS\n");
	add_envelope(r, octets, envelope);
	CMS_ContentInfo_free(envelope);
}
