#include "scenarios/asked.h"

#include "base/mem.h"
#include "scenarios/glob.h"
#include "scenarios/network.h"
#include "scenarios/platform.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define BIT(n) (UINT32_C(1) << (n))

/* From when on each predicate can be asked. */
static enum stage
stage_of(enum predicate predicate)
{
	if (predicate >= PREDICATE_STATE || predicate <= PREDICATE_TLS)
		return predicate == PREDICATE_LAYER ? STAGE_HEAD : STAGE_ACCEPT;
	if (predicate < PREDICATE_BODY_BYTES)
		return STAGE_HEAD;
	return predicate == PREDICATE_BODY_BYTES ? STAGE_BODY : STAGE_MESSAGE;
}

static size_t
find_word(const struct vocabulary *vocabulary, enum word_kind kind, struct slice word)
{
	size_t i = 0;

	while (
	    i < vocabulary->count[kind] && !slice_equal(vocabulary->words[kind][i], word))
		i++;
	return i;
}

static uint32_t
word_bit(struct vocabulary *vocabulary, enum word_kind kind, const char *word)
{
	size_t i = find_word(vocabulary, kind, slice_of(word));

	if (i == vocabulary->count[kind]) {
		assert(i < VOCABULARY_MAX);
		vocabulary->words[kind][vocabulary->count[kind]++] = slice_of(word);
	}
	return BIT(i);
}

static void
ask_words(struct asked *asked, struct vocabulary *vocabulary, enum word_kind kind,
    enum predicate predicate, const struct texts *texts)
{
	if (texts->count == 0)
		return;
	asked->plain |= BIT(predicate);
	asked->words[kind] = 0;
	for (size_t i = 0; i < texts->count; i++)
		asked->words[kind] |= word_bit(vocabulary, kind, texts->items[i]);
}

static void
ask_if(struct asked *asked, enum predicate predicate, bool is_asked)
{
	if (is_asked)
		asked->plain |= BIT(predicate);
}

static void
ask_all_words(
    struct asked *asked, const struct match *match, struct vocabulary *vocabulary)
{
	for (size_t i = 0; i < WORD_KINDS; i++)
		asked->words[i] = WORDS_ALL;
	ask_words(
	    asked, vocabulary, WORD_OPERATION, PREDICATE_OPERATION, &match->operations);
	ask_words(asked, vocabulary, WORD_METHOD, PREDICATE_METHOD, &match->methods);
	ask_words(
	    asked, vocabulary, WORD_PLATFORM, PREDICATE_PLATFORM, &match->platforms);
	ask_words(asked, vocabulary, WORD_CLIENT_CERT, PREDICATE_CLIENT_CERT,
	    &match->client_certs);
	ask_words(asked, vocabulary, WORD_MESSAGE_TYPE, PREDICATE_MESSAGE_TYPE,
	    &match->message_types);
	ask_words(asked, vocabulary, WORD_DIGEST, PREDICATE_DIGEST, &match->digests);
	ask_words(asked, vocabulary, WORD_CIPHER, PREDICATE_CIPHER, &match->ciphers);
	ask_words(
	    asked, vocabulary, WORD_CHALLENGE, PREDICATE_CHALLENGE, &match->challenges);
	ask_words(asked, vocabulary, WORD_CHALLENGE_TYPE, PREDICATE_CHALLENGE_TYPE,
	    &match->challenge_types);
}

void
asked_init(struct asked *asked, const struct match *match, struct vocabulary *vocabulary)
{
	*asked = (struct asked){.match = match, .tls = match->tls};
	ask_all_words(asked, match, vocabulary);
	ask_if(asked, PREDICATE_CLIENT, match->client_count > 0);
	ask_if(asked, PREDICATE_TLS, match->tls != TRI_ANY);
	ask_if(asked, PREDICATE_PATH, match->paths.count > 0);
	ask_if(asked, PREDICATE_QUERY_BYTES, match->query_bytes.is_set);
	ask_if(asked, PREDICATE_URI_BYTES, match->uri_bytes.is_set);
	ask_if(asked, PREDICATE_USER_AGENT, match->user_agents.count > 0);
	ask_if(asked, PREDICATE_HEADER, match->header_count > 0);
	ask_if(asked, PREDICATE_BODY_BYTES, match->body_bytes.is_set);
	ask_if(asked, PREDICATE_KEY_BITS, match->key_bits.is_set);
	ask_if(asked, PREDICATE_SUBJECT, match->subjects.count > 0);
	ask_if(asked, PREDICATE_STATE, match->state_count > 0);
	asked->asks_states = match->state_count > 0;
	if (match->none_of == NULL)
		return;
	ask_if(asked, PREDICATE_NOT, true);
	asked->none_of = mem_alloc(sizeof(*asked->none_of));
	asked_init(asked->none_of, match->none_of, vocabulary);
	asked->asks_states |= asked->none_of->asks_states;
}

void
asked_clear(struct asked *asked)
{
	if (asked->none_of != NULL)
		asked_clear(asked->none_of);
	free(asked->none_of);
	asked->none_of = NULL;
}

static void
narrow_layer(struct asked *asked, enum layer layer)
{
	asked->layer = layer;
	/* a layer that touches even no path touches all of them */
	ask_if(asked, PREDICATE_LAYER, !layer_touches(layer, SLICE("")));
}

static void
narrow_operations(struct asked *asked, uint32_t operations)
{
	asked->plain |= BIT(PREDICATE_OPERATION);
	asked->words[WORD_OPERATION] &= operations;
}

/* The capabilities have forms of their own; all others are of certificates. */
static uint32_t
ca_operations(const struct ca *ca, struct vocabulary *vocabulary)
{
	const uint32_t caps = word_bit(vocabulary, WORD_OPERATION, "GetCACaps");
	const uint32_t cert = word_bit(vocabulary, WORD_OPERATION, "GetCACert");
	uint32_t ret = ca->certificates.count > 0 ? cert : 0;

	for (size_t i = 0; i < ca->forms.count; i++)
		ret |= strncmp(ca->forms.items[i].key, "caps_", strlen("caps_")) == 0
		           ? caps
		           : cert;
	return ret != 0 ? ret : caps | cert;
}

void
asked_narrow(struct asked *asked, const struct rule *rule, struct vocabulary *vocabulary)
{
	switch (rule->action.kind) {
	case ACTION_RESPOND:
		narrow_layer(asked, rule->action.respond.layer);
		return;
	case ACTION_CONNECTION:
		if (!rule_is_at_accept(rule))
			narrow_layer(asked, rule->action.connection.layer);
		return;
	case ACTION_SCEP:
		/* it has a CertRep to edit only where a pkiMessage was opened */
		narrow_layer(asked, LAYER_MSCEP);
		narrow_operations(
		    asked, word_bit(vocabulary, WORD_OPERATION, "PKIOperation"));
		ask_if(asked, PREDICATE_MESSAGE_TYPE, true);
		return;
	case ACTION_CA:
		narrow_layer(asked, LAYER_MSCEP);
		narrow_operations(asked, ca_operations(&rule->action.ca, vocabulary));
		return;
	case ACTION_TLS:
		ask_if(asked, PREDICATE_TLS, true);
		asked->tls = TRI_YES;
		return;
	case ACTION_PASS:
		return;
	}
}

static struct slice
word_of(const struct facts *facts, enum word_kind kind)
{
	switch (kind) {
	case WORD_OPERATION:
		return slice_of(facts->operation);
	case WORD_METHOD:
		return facts->method;
	case WORD_PLATFORM:
		return slice_of(platform_of(facts->user_agent));
	case WORD_CLIENT_CERT:
		return slice_of(facts->client_cert);
	case WORD_MESSAGE_TYPE:
		return slice_of(facts->message_type);
	case WORD_DIGEST:
		return slice_of(facts->digest);
	case WORD_CIPHER:
		return slice_of(facts->cipher);
	case WORD_CHALLENGE:
		return slice_of(facts->challenge);
	case WORD_CHALLENGE_TYPE:
		return slice_of(facts->challenge_type);
	}
	return slice_of(NULL);
}

static bool
has_word(const struct asked *asked, struct known *known, enum word_kind kind)
{
	if ((known->have_words & BIT(kind)) == 0) {
		struct slice word = word_of(known->facts, kind);
		size_t i = find_word(known->vocabulary, kind, word);

		known->have_words |= BIT(kind);
		if (i < known->vocabulary->count[kind])
			known->words[kind] = BIT(i);
		else
			known->words[kind] = word.text != NULL ? WORD_ANOTHER : 0;
	}
	return (asked->words[kind] & known->words[kind]) != 0;
}

static bool
is_touched(struct known *known, enum layer layer)
{
	if ((known->have_layers & BIT(layer)) == 0) {
		known->have_layers |= BIT(layer);
		if (layer_touches(layer, known->facts->path))
			known->layers |= BIT(layer);
	}
	return (known->layers & BIT(layer)) != 0;
}

/* A zone ("%eth0") is not part of the address. */
static bool
read_address(struct slice text, unsigned char ret[16])
{
	const char *zone = text.len > 0 ? memchr(text.text, '%', text.len) : NULL;

	if (zone != NULL)
		text.len = (size_t)(zone - text.text);
	return network_address(text, ret);
}

static bool
is_client(const struct match *match, struct known *known)
{
	if (!known->has_address) {
		known->has_address = true;
		known->is_address = read_address(known->facts->client, known->address);
	}
	for (size_t i = 0; known->is_address && i < match->client_count; i++)
		if (network_has(&match->clients[i], known->address))
			return true;
	return false;
}

static bool
is_in_range(const struct range *range, size_t size)
{
	return size >= range->min && size <= range->max;
}

static bool
is_like_one(const struct texts *globs, struct slice text)
{
	for (size_t i = 0; i < globs->count; i++)
		if (glob_matches(globs->items[i], text))
			return true;
	return false;
}

static bool
is_path_like_one(const struct texts *globs, struct slice path)
{
	for (size_t i = 0; i < globs->count; i++)
		if (glob_matches_path(globs->items[i], path))
			return true;
	return false;
}

static bool
has_headers(const struct match *match, const struct facts *facts)
{
	for (size_t i = 0; i < match->header_count; i++) {
		const struct header_match *header = &match->headers[i];
		struct slice value = {NULL, 0};
		bool is_there = facts->header != NULL &&
		                facts->header(facts->header_arg, header->name, &value);

		if (is_there != (header->value != NULL))
			return false;
		if (is_there && !glob_matches(header->value, value))
			return false;
	}
	return true;
}

static bool
is_in_states(const struct match *match, const struct known *known)
{
	for (size_t i = 0; i < match->state_count; i++) {
		const struct state_match *wanted = &match->states[i];

		if ((wanted->states & BIT(known->states[wanted->machine])) == 0)
			return false;
	}
	return true;
}

/* Predicates whose facts are there, but for `not`. */
static bool
holds(const struct asked *asked, struct known *known, enum predicate predicate)
{
	const struct match *match = asked->match;
	const struct facts *facts = known->facts;

	switch (predicate) {
	case PREDICATE_LAYER:
		return is_touched(known, asked->layer);
	case PREDICATE_CLIENT:
		return is_client(match, known);
	case PREDICATE_TLS:
		return facts->is_tls == (asked->tls == TRI_YES);
	case PREDICATE_OPERATION:
		return has_word(asked, known, WORD_OPERATION);
	case PREDICATE_METHOD:
		return has_word(asked, known, WORD_METHOD);
	case PREDICATE_PATH:
		return is_path_like_one(&match->paths, facts->path);
	case PREDICATE_QUERY_BYTES:
		return is_in_range(&match->query_bytes, facts->query_bytes);
	case PREDICATE_URI_BYTES:
		return is_in_range(&match->uri_bytes, facts->uri_bytes);
	case PREDICATE_USER_AGENT:
		return is_like_one(&match->user_agents, facts->user_agent);
	case PREDICATE_PLATFORM:
		return has_word(asked, known, WORD_PLATFORM);
	case PREDICATE_HEADER:
		return has_headers(match, facts);
	case PREDICATE_CLIENT_CERT:
		return has_word(asked, known, WORD_CLIENT_CERT);
	case PREDICATE_BODY_BYTES:
		return is_in_range(&match->body_bytes, facts->body_bytes);
	case PREDICATE_MESSAGE_TYPE:
		return has_word(asked, known, WORD_MESSAGE_TYPE);
	case PREDICATE_KEY_BITS:
		return facts->key_bits > 0 &&
		       is_in_range(&match->key_bits, facts->key_bits);
	case PREDICATE_DIGEST:
		return has_word(asked, known, WORD_DIGEST);
	case PREDICATE_CIPHER:
		return has_word(asked, known, WORD_CIPHER);
	case PREDICATE_SUBJECT:
		return facts->message_type != NULL && facts->subject.text != NULL &&
		       is_like_one(&match->subjects, facts->subject);
	case PREDICATE_CHALLENGE:
		return has_word(asked, known, WORD_CHALLENGE);
	case PREDICATE_CHALLENGE_TYPE:
		return has_word(asked, known, WORD_CHALLENGE_TYPE);
	case PREDICATE_STATE:
		return is_in_states(match, known);
	case PREDICATE_NONE:
	case PREDICATE_STAGE:
	case PREDICATE_NOT:
	case PREDICATE_NTH:
	case PREDICATE_EVERY:
	case PREDICATE_TIMES:
	case PREDICATE_RATE:
	case PREDICATE_PROBABILITY:
		return true;
	}
	return true;
}

bool
known_waits_for_message(const struct known *known)
{
	const struct facts *facts = known->facts;

	return facts->stage == STAGE_ACCEPT ||
	       (facts->stage < STAGE_MESSAGE && facts->operation != NULL &&
	           strcmp(facts->operation, "PKIOperation") == 0);
}

static enum truth
ask(const struct asked *asked, struct known *known, enum predicate predicate)
{
	const enum stage stage = stage_of(predicate);

	if (known->facts->stage < stage) {
		if (stage == STAGE_MESSAGE && !known_waits_for_message(known))
			return FAILS;
		return NOT_KNOWN;
	}
	if (predicate == PREDICATE_NOT) {
		enum predicate failed;
		enum truth truth = asked_hold(asked->none_of, known, false, &failed);

		return truth == NOT_KNOWN ? NOT_KNOWN : truth == HOLDS ? FAILS : HOLDS;
	}
	return holds(asked, known, predicate) ? HOLDS : FAILS;
}

/*
 * What is not known yet does not end it: the rule is out at once if something else
 * fails. But a machine may be in another state by the time that the rest is known.
 */
enum truth
asked_hold(
    const struct asked *asked, struct known *known, bool waits, enum predicate *failed)
{
	for (uint32_t left = asked->plain; left != 0; left &= left - 1) {
		enum predicate predicate = (enum predicate)__builtin_ctz(left);
		enum truth truth;

		if (waits && asked->asks_states && predicate >= PREDICATE_STATE)
			break;
		truth = ask(asked, known, predicate);
		if (truth == FAILS) {
			*failed = predicate;
			return FAILS;
		}
		waits |= truth == NOT_KNOWN;
	}
	return waits ? NOT_KNOWN : HOLDS;
}
