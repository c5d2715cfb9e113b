#include "scep/signer.h"

#include "scep/message.h"
#include "support/scep_fixture.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

Test(signer, knows_its_own_certificates, .timeout = 20)
{
	static const struct scep_request request = {.message_type = 17};
	struct pki *pki = scep_fixture_pki();
	struct pki *other = scep_fixture_pki();
	struct scep_client *client = scep_fixture_client(pki, (struct scep_identity){0});
	time_t now = time(NULL);
	const struct {
		const char *name;
		const struct pki *issuer;
		time_t at;
		bool ours;
	} cases[] = {
	    {"valid", pki, now, true},
	    {"expired", pki, now + (PKI_LEAF_DAYS + 1) * 86400L, false},
	    {"not yet valid", pki, now - 86400, false},
	    {"same name, another key", other, now, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		X509 *leaf = scep_fixture_leaf(cases[i].issuer, client, now);
		struct buf der = BUF_INIT;
		struct scep_message *message;

		scep_client_adopt(client, leaf);
		cr_assert(scep_client_request(client, &request, &der));
		message = message_open(buf_bytes(&der), pki, cases[i].at);
		cr_expect(eq(int, (int)message->fate, MESSAGE_OPENED), "case %s",
		    cases[i].name);
		cr_expect(
		    message->signer_is_ours == cases[i].ours, "case %s", cases[i].name);
		message_free(message);
		buf_clear(&der);
		X509_free(leaf);
	}
	scep_client_free(client);
	pki_release(other);
	pki_release(pki);
}

/* The message with its signed attributes reversed; signed over them as they then are,
 * or with `sign_sorted` in DER's order. */
static void
reverse_attributes(struct buf *der, EVP_PKEY *key, bool sign_sorted)
{
	ASN1_TYPE *content = content_info_unwrap(oid_signed_data, buf_bytes(der));
	struct bytes bytes = any_bytes(content);
	struct signed_data *data = d2i_signed_data(NULL, &bytes.data, (long)bytes.len);
	struct bytes signer = any_bytes(sk_ASN1_TYPE_value(data->signer_infos, 0));
	struct signer_info *info = d2i_signer_info(NULL, &signer.data, (long)signer.len);
	STACK_OF(ASN1_TYPE) *order = sk_ASN1_TYPE_new_null();
	struct buf to_sign = BUF_INIT;
	struct buf out = BUF_INIT;
	unsigned char signature[512];
	size_t len = sizeof(signature);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	for (int i = sk_ASN1_TYPE_num(info->signed_attrs) - 1; i >= 0; i--)
		sk_ASN1_TYPE_push(order, sk_ASN1_TYPE_value(info->signed_attrs, i));
	cr_assert(attributes_set_of(sign_sorted ? info->signed_attrs : order, &to_sign));
	sk_ASN1_TYPE_free(info->signed_attrs);
	info->signed_attrs = order;
	EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key);
	cr_assert(EVP_DigestSign(ctx, signature, &len, to_sign.data, to_sign.len) == 1);
	ASN1_OCTET_STRING_set(info->signature, signature, (int)len);
	cr_assert(OSSL_DER(&out, info, i2d_signer_info));
	sk_ASN1_TYPE_pop_free(data->signer_infos, ASN1_TYPE_free);
	data->signer_infos = NULL;
	cr_assert(any_push(&data->signer_infos, buf_bytes(&out)));
	buf_reset(&out);
	cr_assert(OSSL_DER(&out, data, i2d_signed_data));
	buf_reset(der);
	cr_assert(content_info_wrap(oid_signed_data, buf_bytes(&out), der));
	EVP_MD_CTX_free(ctx);
	buf_clear(&out);
	buf_clear(&to_sign);
	signer_info_free(info);
	signed_data_free(data);
	ASN1_TYPE_free(content);
}

Test(signer, attributes_may_be_out_of_order, .timeout = 10)
{
	static const struct scep_request request = {.message_type = 19};
	struct pki *pki = scep_fixture_pki();
	struct scep_client *client = scep_fixture_client(pki, (struct scep_identity){0});

	for (int sign_sorted = 0; sign_sorted <= 1; sign_sorted++) {
		struct buf der = BUF_INIT;
		struct scep_message *message;

		cr_assert(scep_client_request(client, &request, &der));
		reverse_attributes(&der, client->key, sign_sorted);
		message = message_open(buf_bytes(&der), pki, time(NULL));
		cr_expect(eq(int, (int)message->fate, MESSAGE_OPENED),
		    "signed sorted: %d", sign_sorted);
		message_free(message);
		buf_clear(&der);
	}
	scep_client_free(client);
	pki_release(pki);
}

Test(signer, a_changed_signature_or_content_is_seen, .timeout = 10)
{
	static const struct scep_request request = {.challenge = "x"};
	struct pki *pki = scep_fixture_pki();
	struct scep_client *client = scep_fixture_client(pki, (struct scep_identity){0});
	struct buf der = BUF_INIT;
	/* The signature ends the message; the envelope begins it. */
	size_t at[2] = {0, 200};

	cr_assert(scep_client_request(client, &request, &der));
	at[0] = der.len - 1;
	for (size_t i = 0; i < 2; i++) {
		struct scep_message *message;

		der.data[at[i]] ^= 1;
		message = message_open(buf_bytes(&der), pki, time(NULL));
		cr_expect(eq(int, (int)message->fate, MESSAGE_BAD_SIGNATURE), "octet %zu",
		    at[i]);
		cr_expect(
		    message->transaction_id != NULL && message->signer_spki.len > 0);
		cr_expect(message->csr == NULL);
		message_free(message);
		der.data[at[i]] ^= 1;
	}
	buf_clear(&der);
	scep_client_free(client);
	pki_release(pki);
}
