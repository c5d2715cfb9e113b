#include "scenarios/cast.h"

#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

#define USUAL_BITS 2048

void
cast_clear(struct cast *cast)
{
	for (size_t i = 0; i < cast->count; i++) {
		free(cast->actors[i].word);
		scep_client_free(cast->actors[i].client);
		X509_free(cast->actors[i].leaf);
		X509_free(cast->actors[i].own);
	}
	buf_clear(&cast->ca);
	buf_clear(&cast->by_hand);
	*cast = (struct cast)CAST_INIT;
}

/* Back to the self-signed certificate: another CA has issued the leaf. */
void
cast_enter(struct cast *cast)
{
	for (size_t i = 0; i < cast->count; i++) {
		struct actor *actor = &cast->actors[i];

		scep_client_adopt(actor->client, actor->own);
		X509_free(actor->leaf);
		free(actor->word);
		actor->leaf = NULL;
		actor->word = NULL;
		actor->is_taken = false;
	}
	buf_reset(&cast->ca);
}

bool
cast_has_met(const struct cast *cast)
{
	return cast->ca.len > 0;
}

void
cast_meet(struct cast *cast, struct bytes getcacert)
{
	bool has_ca = false;

	if (scep_count_certificates(getcacert, &has_ca) <= 0 || !has_ca)
		getcacert = buf_bytes(&cast->by_hand);
	buf_reset(&cast->ca);
	buf_add(&cast->ca, getcacert.data, getcacert.len);
}

static bool
is_word(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Somebody with such a key and without a part; NULL: there is nobody. */
static struct actor *
find_idle(struct cast *cast, size_t key_bits)
{
	for (size_t i = 0; i < cast->count; i++)
		if (!cast->actors[i].is_taken && cast->actors[i].key_bits == key_bits)
			return &cast->actors[i];
	return NULL;
}

static struct actor *
hire(struct cast *cast, size_t key_bits, struct err *err)
{
	struct scep_identity identity = {.rsa_bits = (unsigned)key_bits};
	struct actor *actor;

	if (cast->count == CAST_MAX) {
		err_set(err, ERR_FAILED, "more than %d keys", CAST_MAX);
		return NULL;
	}
	actor = &cast->actors[cast->count];
	actor->client = scep_client_new(&identity);
	if (actor->client == NULL) {
		err_set(err, ERR_FAILED, "no client key of %zu bits was made", key_bits);
		return NULL;
	}
	actor->key_bits = key_bits;
	actor->own = actor->client->cert;
	X509_up_ref(actor->own);
	cast->count++;
	return actor;
}

static struct actor *
find_actor(struct cast *cast, const char *word, size_t key_bits, struct err *err)
{
	struct actor *actor;

	if (key_bits == 0)
		key_bits = USUAL_BITS;
	for (size_t i = 0; i < cast->count; i++) {
		actor = &cast->actors[i];
		if (actor->is_taken && actor->key_bits == key_bits &&
		    is_word(actor->word, word))
			return actor;
	}
	actor = find_idle(cast, key_bits);
	if (actor == NULL)
		actor = hire(cast, key_bits, err);
	if (actor == NULL)
		return NULL;
	actor->is_taken = true;
	actor->word = mem_string(word);
	return actor;
}

/* RFC 8894 3.2.1.2; -1: none of them. */
static int
message_type(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} types[] = {{"RenewalReq", 17}, {"PKCSReq", 19}, {"CertPoll", 20},
	    {"GetCert", 21}, {"GetCRL", 22}};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(name, types[i].name) == 0)
			return types[i].number;
	return -1;
}

/* The tag of a word of words_challenge_type; 0: as usual. */
static int
challenge_tag(const char *word)
{
	static const struct {
		const char *word;
		int tag;
	} types[] = {{"printable", V_ASN1_PRINTABLESTRING}, {"utf8", V_ASN1_UTF8STRING},
	    {"ia5", V_ASN1_IA5STRING}, {"bmp", V_ASN1_BMPSTRING},
	    {"teletex", V_ASN1_T61STRING}, {"other", V_ASN1_VISIBLESTRING}};

	for (size_t i = 0; word != NULL && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(word, types[i].word) == 0)
			return types[i].tag;
	return 0;
}

bool
cast_speak(struct cast *cast, const struct probe *probe, const char *challenge,
    struct buf *out, struct actor **ret, struct err *err)
{
	struct actor *actor = find_actor(cast, probe->transaction, probe->key_bits, err);
	struct scep_request request = {
	    .message_type = message_type(probe->message_type),
	    .challenge = challenge,
	    .challenge_type = challenge_tag(probe->challenge_type),
	};
	char *extra = NULL;
	bool ok;

	if (actor == NULL)
		return false;
	if (probe->transaction == NULL)
		extra = mem_format("probe%zu", ++cast->extras);
	request.transaction_id = extra;
	if (strcmp(probe->message_type, "RenewalReq") == 0 && actor->leaf != NULL)
		scep_client_adopt(actor->client, actor->leaf);
	ok = scep_client_set_ca(actor->client, buf_bytes(&cast->ca)) &&
	     scep_client_request(actor->client, &request, out);
	if (!ok)
		err_set(err, ERR_FAILED,
		    "no pkiMessage could be made for what GetCACert answered");
	free(extra);
	*ret = actor;
	return ok;
}

void
cast_take_leaf(struct actor *actor, X509 *leaf)
{
	X509_up_ref(leaf);
	X509_free(actor->leaf);
	actor->leaf = leaf;
}
