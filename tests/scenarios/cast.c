#include "scenarios/cast.h"

#include "base/mem.h"
#include "certs/pki.h"
#include "scep/bag.h"
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define STAND_IN_BITS 1024

void
cast_clear(struct cast *cast)
{
	for (size_t i = 0; i < cast->count; i++) {
		free(cast->actors[i].word);
		scep_client_free(cast->actors[i].client);
		X509_free(cast->actors[i].leaf);
	}
	buf_clear(&cast->ca);
	buf_clear(&cast->stand_in);
	*cast = (struct cast)CAST_INIT;
}

/* Back to the self-signed certificate: another CA has issued the leaf. */
void
cast_enter(struct cast *cast)
{
	for (size_t i = 0; i < cast->count; i++) {
		X509_free(cast->actors[i].leaf);
		cast->actors[i].leaf = NULL;
	}
	buf_reset(&cast->ca);
}

bool
cast_has_met(const struct cast *cast)
{
	return cast->ca.len > 0;
}

static bool
make_stand_in(struct cast *cast, struct err *err)
{
	struct pki_settings settings = {.host = "stand-in", .now = time(NULL)};
	struct pki *pki = pki_new(&settings, EVP_RSA_gen((size_t)STAND_IN_BITS),
	    EVP_RSA_gen((size_t)STAND_IN_BITS), EVP_RSA_gen((size_t)STAND_IN_BITS), err);
	bool ok = pki != NULL && bag_of_pki(pki, &cast->stand_in, err);

	pki_release(pki);
	return ok;
}

bool
cast_meet(struct cast *cast, struct bytes getcacert, struct err *err)
{
	if (getcacert.len == 0) {
		if (cast->stand_in.len == 0 && !make_stand_in(cast, err))
			return false;
		getcacert = buf_bytes(&cast->stand_in);
	}
	buf_reset(&cast->ca);
	buf_add(&cast->ca, getcacert.data, getcacert.len);
	return true;
}

static bool
is_word(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static struct actor *
find_actor(struct cast *cast, const char *word, struct err *err)
{
	struct scep_identity identity = {.common_name = word};
	struct actor *actor;

	for (size_t i = 0; i < cast->count; i++)
		if (is_word(cast->actors[i].word, word))
			return &cast->actors[i];
	if (cast->count == CAST_MAX) {
		err_set(err, ERR_FAILED, "more than %d transactions", CAST_MAX);
		return NULL;
	}
	actor = &cast->actors[cast->count];
	actor->client = scep_client_new(&identity);
	if (actor->client == NULL) {
		err_set(err, ERR_FAILED, "no client key was made");
		return NULL;
	}
	actor->word = mem_string(word);
	cast->count++;
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

bool
cast_speak(struct cast *cast, const struct probe *probe, const char *challenge,
    struct buf *out, struct actor **ret, struct err *err)
{
	struct actor *actor = find_actor(cast, probe->transaction, err);
	struct scep_request request = {
	    .message_type = message_type(probe->message_type),
	    .challenge = challenge,
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
		err_set(err, ERR_FAILED, "no pkiMessage could be made: %s",
		    cast->ca.len > 0 ? "the answer to GetCACert is of no use"
		                     : "nobody knows the CA");
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
