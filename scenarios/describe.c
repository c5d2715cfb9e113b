#include "scenarios/match.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

/* A list under way: what comes next gets a comma if it is not the first. */
struct list {
	struct buf *out;
	size_t start;
};

static void
next(struct list *list)
{
	if (list->out->len > list->start)
		buf_add_text(list->out, ", ");
}

static void
add_why(struct list *list, const char *name, const struct range *range, size_t size)
{
	if (!range->is_set)
		return;
	next(list);
	buf_add_format(list->out, "%s %zu", name, size);
	if (range->min > 0 && range->max < SIZE_MAX && range->min < range->max)
		buf_add_format(list->out, " in %zu to %zu", range->min, range->max);
	else if (range->min > 0 && range->max == SIZE_MAX)
		buf_add_format(list->out, " > %zu", range->min - 1);
	else if (range->min < range->max && range->max < SIZE_MAX)
		buf_add_format(list->out, " < %zu", range->max + 1);
}

void
decision_why(const struct decision *decision, const struct facts *facts, struct buf *out)
{
	struct list list = {out, out->len};
	const struct match *match;

	if (decision->verdict != DECIDE_RULE)
		return;
	match = &decision->rule->match;
	add_why(&list, "query", &match->query_bytes, facts->query_bytes);
	add_why(&list, "URL", &match->uri_bytes, facts->uri_bytes);
	add_why(&list, "body", &match->body_bytes, facts->body_bytes);
	add_why(&list, "key", &match->key_bits, facts->key_bits);
}

/* "PREFIX a, b or c" */
static void
add_texts(struct list *list, const char *prefix, const struct texts *texts)
{
	if (texts->count == 0)
		return;
	next(list);
	buf_add_text(list->out, prefix);
	for (size_t i = 0; i < texts->count; i++) {
		if (i > 0)
			buf_add_text(list->out, i + 1 < texts->count ? ", " : " or ");
		buf_add_text(list->out, texts->items[i]);
	}
}

static void
add_range(
    struct list *list, const char *name, const struct range *range, const char *unit)
{
	if (!range->is_set)
		return;
	next(list);
	buf_add_format(list->out, "%s ", name);
	if (range->min == range->max)
		buf_add_format(list->out, "of %zu %s", range->min, unit);
	else if (range->min > 0 && range->max < SIZE_MAX)
		buf_add_format(
		    list->out, "of %zu to %zu %s", range->min, range->max, unit);
	else if (range->min > 0)
		buf_add_format(list->out, "over %zu %s", range->min - 1, unit);
	else if (range->max < SIZE_MAX)
		buf_add_format(list->out, "under %zu %s", range->max + 1, unit);
	else
		buf_add_text(list->out, "of any length");
}

static void
add_network(struct buf *out, const struct network *network)
{
	static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
	bool is_ipv4 = network->bits >= sizeof(mapped) * 8 &&
	               memcmp(network->address, mapped, sizeof(mapped)) == 0;
	size_t skip = is_ipv4 ? sizeof(mapped) : 0;
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(
	    is_ipv4 ? AF_INET : AF_INET6, network->address + skip, text, sizeof(text));
	buf_add_text(out, text);
	if (network->bits < 128)
		buf_add_format(out, "/%u", network->bits - (unsigned)skip * 8);
}

static void
add_clients(struct list *list, const struct match *match)
{
	for (size_t i = 0; i < match->client_count; i++) {
		if (i == 0) {
			next(list);
			buf_add_text(list->out, "from ");
		} else {
			buf_add_text(
			    list->out, i + 1 < match->client_count ? ", " : " or ");
		}
		add_network(list->out, &match->clients[i]);
	}
}

static void
add_headers(struct list *list, const struct match *match)
{
	for (size_t i = 0; i < match->header_count; i++) {
		const struct header_match *header = &match->headers[i];

		next(list);
		if (header->value == NULL)
			buf_add_format(list->out, "no header %s", header->name);
		else
			buf_add_format(
			    list->out, "header %s: %s", header->name, header->value);
	}
}

static void
add_tls(struct list *list, enum tri tls)
{
	if (tls == TRI_ANY)
		return;
	next(list);
	buf_add_text(list->out, tls == TRI_YES ? "over TLS" : "without TLS");
}

/* All but operation and counting. */
static void
add_plain(struct list *list, const struct match *match)
{
	add_clients(list, match);
	add_tls(list, match->tls);
	add_texts(list, "", &match->methods);
	add_texts(list, "path ", &match->paths);
	add_texts(list, "", &match->message_types);
	add_range(list, "query", &match->query_bytes, "bytes");
	add_range(list, "URL", &match->uri_bytes, "bytes");
	add_texts(list, "User-Agent ", &match->user_agents);
	add_texts(list, "platform ", &match->platforms);
	add_headers(list, match);
	add_texts(list, "client certificate ", &match->client_certs);
	add_range(list, "body", &match->body_bytes, "bytes");
	add_range(list, "key", &match->key_bits, "bits");
	add_texts(list, "digest ", &match->digests);
	add_texts(list, "cipher ", &match->ciphers);
	add_texts(list, "subject ", &match->subjects);
	add_texts(list, "challenge ", &match->challenges);
	add_texts(list, "challenge type ", &match->challenge_types);
	if (match->state_count > 0) {
		next(list);
		buf_add_text(list->out, "in some states only");
	}
	if (match->none_of != NULL) {
		next(list);
		buf_add_text(list->out, "not (");
		match_describe(match->none_of, list->out);
		buf_add_text(list->out, ")");
	}
}

static void
add_numbers(struct list *list, const struct range *nth)
{
	if (!nth->is_set)
		return;
	next(list);
	if (nth->min == nth->max)
		buf_add_format(list->out, "number %zu", nth->min);
	else if (nth->max == SIZE_MAX)
		buf_add_format(list->out, "from number %zu on", nth->min);
	else
		buf_add_format(list->out, "number %zu to %zu",
		    nth->min > 0 ? nth->min : 1, nth->max);
}

static void
add_counting(struct list *list, const struct match *match)
{
	static const char *const of[] = {
	    "", " of a client", " of a connection", " of a transaction"};
	const size_t before = list->out->len;

	add_numbers(list, &match->nth);
	if (match->every > 0) {
		next(list);
		buf_add_format(list->out, "one in %zu", match->every);
	}
	if (match->times > 0) {
		next(list);
		buf_add_format(list->out, "the first %zu", match->times);
	}
	if (match->rate_count > 0) {
		next(list);
		buf_add_format(list->out, "above %zu in %" PRIu64 "%s", match->rate_count,
		    match->rate_ms % 1000 == 0 ? match->rate_ms / 1000 : match->rate_ms,
		    match->rate_ms % 1000 == 0 ? "s" : "ms");
	}
	if (list->out->len > before)
		buf_add_text(list->out, of[match->count_by]);
	if (match->has_probability) {
		next(list);
		buf_add_format(list->out, "%g%% by chance", match->per_million / 1e4);
	}
}

void
match_describe(const struct match *match, struct buf *out)
{
	struct list list = {out, out->len};

	add_texts(&list, "", &match->operations);
	add_plain(&list, match);
	if (out->len == list.start)
		buf_add_text(out, "any request");
	add_counting(&list, match);
}

/* The operations that its action touches, where the match names none. */
static const char *
touched_operations(const struct rule *rule)
{
	const struct ca *ca = &rule->action.ca;
	size_t caps = 0;

	if (rule->action.kind == ACTION_SCEP)
		return "PKIOperation";
	if (rule->action.kind != ACTION_CA || rule->match.operations.count > 0)
		return NULL;
	for (size_t i = 0; i < ca->forms.count; i++)
		caps += strncmp(ca->forms.items[i].key, "caps_", strlen("caps_")) == 0;
	if (ca->certificates.count == 0 && caps == ca->forms.count)
		return "GetCACaps";
	return caps == 0 ? "GetCACert" : "GetCACaps or GetCACert";
}

static const char *
touched_paths(const struct action *action)
{
	enum layer layer;

	if (action->kind == ACTION_RESPOND)
		layer = action->respond.layer;
	else if (action->kind == ACTION_CONNECTION)
		layer = action->connection.layer;
	else
		return "";
	switch (layer) {
	case LAYER_NETWORK:
	case LAYER_APP_PROXY:
	case LAYER_HTTP_SYS:
	case LAYER_IIS:
		return "";
	case LAYER_POOL:
		return " below /certsrv/mscep or /certsrv/mscep_admin";
	case LAYER_MSCEP:
		return " below /certsrv/mscep";
	case LAYER_CRP:
		return " below /CertificateRegistrationSvc";
	}
	return "";
}

void
rule_describe(const struct rule *rule, struct buf *out)
{
	const char *operations = touched_operations(rule);
	struct list list = {out, out->len};

	if (operations != NULL)
		buf_add_text(out, operations);
	else
		add_texts(&list, "", &rule->match.operations);
	add_plain(&list, &rule->match);
	if (out->len == list.start)
		buf_add_text(
		    out, rule_is_at_accept(rule) ? "any connection" : "any request");
	if (!rule_is_at_accept(rule))
		buf_add_text(out, touched_paths(&rule->action));
	add_counting(&list, &rule->match);
}

const char *
predicate_name(enum predicate predicate)
{
	static const char *const names[PREDICATE_COUNT] = {
	    [PREDICATE_NONE] = "none",
	    [PREDICATE_STAGE] = "stage",
	    [PREDICATE_LAYER] = "layer",
	    [PREDICATE_CLIENT] = "client",
	    [PREDICATE_TLS] = "tls",
	    [PREDICATE_OPERATION] = "operation",
	    [PREDICATE_METHOD] = "method",
	    [PREDICATE_PATH] = "path",
	    [PREDICATE_QUERY_BYTES] = "query_bytes",
	    [PREDICATE_URI_BYTES] = "uri_bytes",
	    [PREDICATE_USER_AGENT] = "user_agent",
	    [PREDICATE_PLATFORM] = "platform",
	    [PREDICATE_HEADER] = "header",
	    [PREDICATE_CLIENT_CERT] = "client_cert",
	    [PREDICATE_BODY_BYTES] = "body_bytes",
	    [PREDICATE_MESSAGE_TYPE] = "message_type",
	    [PREDICATE_KEY_BITS] = "key_bits",
	    [PREDICATE_DIGEST] = "digest",
	    [PREDICATE_CIPHER] = "cipher",
	    [PREDICATE_SUBJECT] = "subject",
	    [PREDICATE_CHALLENGE] = "challenge",
	    [PREDICATE_CHALLENGE_TYPE] = "challenge_type",
	    [PREDICATE_STATE] = "state",
	    [PREDICATE_NOT] = "not",
	    [PREDICATE_NTH] = "nth",
	    [PREDICATE_EVERY] = "every",
	    [PREDICATE_TIMES] = "times",
	    [PREDICATE_RATE] = "rate_over",
	    [PREDICATE_PROBABILITY] = "probability",
	};

	return (size_t)predicate < PREDICATE_COUNT ? names[predicate] : "unknown";
}
