/*
 * What `mockndes decode` does with its input: taken out of its wrapping, described,
 * printed in both forms. An input is
 *
 *	0  what is described (below)
 *	1  the wrapping: none, the URL of a GET, PEM, base64 in lines
 *
 * then edits (der_edit.h), then perhaps a value to make them on. With 0 at WORDS the
 * rest is the input as it is, text for one.
 */
#include "scep/describe.h"

#include "base/base64.h"
#include "cli/decode.h"
#include "cli/unwrap.h"
#include "der_edit.h"
#include "fuzz.h"
#include "fuzz_pki.h"
#include "scep/bag.h"
#include "scep/certrep.h"
#include <jansson.h>
#include <openssl/err.h>
#include <string.h>

#define HEAD_SIZE 2

enum described {
	WORDS,
	REQUEST,
	REQUEST_OF_EC,
	REQUEST_IN_BER,
	POLL,
	BAG,
	CERTIFICATE,
	CSR,
	FAILURE,
	SUCCESS,
};
#define DESCRIBED_COUNT 10

static struct {
	struct pki *pki;
	struct scep_client *rsa;
	struct scep_client *ec;
	struct describe_aids aids;
} world; /* made once, never freed */

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct buf bag = BUF_INIT;
	struct err err = ERR_INIT;

	world.pki = fuzz_pki_new();
	world.rsa =
	    fuzz_client_new(world.pki, &(struct scep_identity){.has_key_id = true});
	world.ec = fuzz_client_new(world.pki, &(struct scep_identity){.is_ec = true});
	must(bag_of_pki(world.pki, &bag, &err));
	must(describe_aids_add(&world.aids, buf_bytes(&bag), "the bag", &err));
	world.aids.keys[world.aids.key_count++] = world.pki->encrypt.key;
	world.aids.keys[world.aids.key_count++] = world.rsa->key;
	buf_clear(&bag);
	return 0;
}

static void
make_answer(enum described what, struct buf *ret)
{
	static const struct scep_request request = {.challenge = "0123456789ABCDEF"};
	struct certrep certrep = CERTREP_INIT;
	struct scep_message *message;
	struct buf der = BUF_INIT;
	struct err err = ERR_INIT;

	must(scep_client_request(world.rsa, &request, &der));
	message = message_open(buf_bytes(&der), world.pki, FUZZ_NOW);
	must(message->csr != NULL);
	certrep.status = what == SUCCESS ? PKI_SUCCESS : PKI_FAILURE;
	certrep.fail_info = FAIL_BAD_REQUEST;
	certrep.has_hresult = what == FAILURE;
	certrep.hresult = HRESULT_E_INVALIDARG;
	certrep.digest_nid = message->digest_nid;
	certrep.cipher_nid = message->cipher_nid;
	certrep.transaction_id = message->transaction_id;
	message->transaction_id = NULL;
	certrep.recipient_nonce = buf_move(&message->sender_nonce);
	certrep.recipient_issuer_serial = buf_move(&message->signer_issuer_serial);
	certrep.recipient_spki = buf_move(&message->signer_spki);
	certrep.csr = message->csr;
	message->csr = NULL;
	leaf_from_csr(
	    &certrep.leaf, certrep.csr, FUZZ_NOW, (const unsigned char[16]){0x40, 1});
	must(certrep_seal(&certrep, world.pki, ret, &err));
	certrep_clear(&certrep);
	message_free(message);
	buf_clear(&der);
}

static void
make_base(enum described what, struct buf *ret)
{
	static const struct scep_request plain = {
	    .challenge = "0123456789ABCDEF", .dns_name = "host1.example"};
	static const struct scep_request ber = {.is_ber = true,
	    .has_recipient_key_id = true,
	    .recipients = SCEP_TO_RA,
	    .challenge = "x"};
	static const struct scep_request poll = {.message_type = 20};
	struct err err = ERR_INIT;

	switch (what) {
	case WORDS:
		break;
	case REQUEST:
		must(scep_client_request(world.rsa, &plain, ret));
		break;
	case REQUEST_OF_EC:
		must(scep_client_request(world.ec, &plain, ret));
		break;
	case REQUEST_IN_BER:
		/* A recipient by key identifier is not always to be had. */
		if (!scep_client_request(world.rsa, &ber, ret))
			ERR_clear_error();
		break;
	case POLL:
		must(scep_client_request(world.rsa, &poll, ret));
		break;
	case BAG:
		must(bag_of_pki(world.pki, ret, &err));
		break;
	case CERTIFICATE:
		buf_add(ret, world.pki->sign.der.data, world.pki->sign.der.len);
		break;
	case CSR:
		must(scep_client_csr(world.rsa, &plain, ret));
		break;
	case FAILURE:
	case SUCCESS:
		make_answer(what, ret);
		break;
	}
}

static void
wrap(unsigned how, struct bytes der, struct buf *ret)
{
	switch (how % 4) {
	case 0:
		buf_add(ret, der.data, der.len);
		break;
	case 1:
		buf_add_text(ret, "GET /x?operation=PKIOperation&message=");
		base64_encode(der, ret);
		buf_add_text(ret, " HTTP/1.1\r\n");
		break;
	case 2:
		buf_add_text(ret, "-----BEGIN PKCS7-----\n");
		base64_encode(der, ret);
		buf_add_text(ret, "\n-----END PKCS7-----\n");
		break;
	case 3:
		base64_encode(der, ret);
		buf_add_char(ret, '\n');
		break;
	}
}

/* What fact.h promises of text. */
static void
check_text(const char *text)
{
	for (; text != NULL && *text != '\0'; text++)
		must((unsigned char)*text >= 0x20 && *text != 0x7f);
}

static void
check_tree(const struct fact *fact)
{
	check_text(fact->label);
	check_text(fact->oid);
	check_text(fact->type);
	check_text(fact->value);
	must(fact->level == FACT_PLAIN || (fact->value != NULL && fact->count == 0));
	for (size_t i = 0; i < fact->count; i++)
		check_tree(fact->children[i]);
}

static void
check_forms(const struct fact *root)
{
	struct buf out = BUF_INIT;
	json_t *json;

	decode_text(root, &out);
	must(out.len > 0 && out.data[out.len - 1] == '\n');
	buf_reset(&out);
	decode_json(root, &out);
	json = json_loadb((const char *)out.data, out.len, 0, NULL);
	must(json != NULL);
	json_decref(json);
	buf_clear(&out);
}

static void
check(struct bytes input)
{
	struct fact *root = fact_new("input");
	struct buf bytes = BUF_INIT;
	struct err err = ERR_INIT;

	if (unwrap(input, root, &bytes, &err) &&
	    describe(buf_bytes(&bytes), &world.aids, root, &err)) {
		must(err.kind == ERR_NONE && root->count == 2);
		check_tree(root);
		check_forms(root);
	} else {
		must(err.kind == ERR_FAILED && err.text[0] != '\0');
	}
	must(ERR_peek_error() == 0);
	fact_free(root);
	buf_clear(&bytes);
}

/* A file that somebody calls a key. */
static void
check_aids(struct bytes input)
{
	struct describe_aids aids = {.key_count = 0};
	struct err err = ERR_INIT;

	if (describe_aids_add(&aids, input, "file", &err))
		must(aids.key_count + aids.cert_count > 0);
	else
		must(err.kind == ERR_USAGE);
	must(ERR_peek_error() == 0);
	describe_aids_clear(&aids);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf base = BUF_INIT;
	struct buf der = BUF_INIT;
	struct buf input = BUF_INIT;
	enum described what;

	if (len < HEAD_SIZE)
		return 0;
	what = (enum described)(data[0] % DESCRIBED_COUNT);
	make_base(what, &base);
	if (what == WORDS)
		buf_add(&input, data + HEAD_SIZE, len - HEAD_SIZE);
	else
		der_edit_all((struct bytes){data + HEAD_SIZE, len - HEAD_SIZE},
		    buf_bytes(&base), &der);
	if (what != WORDS)
		wrap(data[1], buf_bytes(&der), &input);
	buf_reserve(&input, 1);
	ERR_clear_error();
	check(buf_bytes(&input));
	check_aids(buf_bytes(&input));
	buf_clear(&base);
	buf_clear(&der);
	buf_clear(&input);
	return 0;
}
