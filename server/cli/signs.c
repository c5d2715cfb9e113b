#include "base/mem.h"
#include "cli/sign.h"
#include "flow/edit.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *heading;
	const char *word;
} kinds[SIGN_COUNT] = {
    [SIGN_ID] = {"id", "id"},
    [SIGN_ALIAS] = {"alias", "alias"},
    [SIGN_TITLE] = {"title", "title"},
    [SIGN_SYMPTOM] = {"symptom", "symptom"},
    [SIGN_CAUSE] = {"cause", "cause"},
    [SIGN_FIX] = {"fix", "fix"},
    [SIGN_CLIENT] = {"client", "client"},
    [SIGN_IIS] = {"IIS log", "iis"},
    [SIGN_HTTPERR] = {"HTTPERR", "httperr"},
    [SIGN_NO_LINE] = {"logs", "no-line"},
    [SIGN_CRP] = {"IIS log", "crp"},
    [SIGN_EVENT] = {"event", "event"},
    [SIGN_FILE] = {"file", "file"},
    [SIGN_REGISTRY] = {"registry", "registry"},
    [SIGN_SHOWS] = {"device", "device"},
};

const char *
sign_heading(enum sign_kind kind)
{
	return kinds[kind].heading;
}

const char *
sign_word(enum sign_kind kind)
{
	return kinds[kind].word;
}

static bool
is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool
sign_equal(const struct sign *a, const struct sign *b)
{
	return a->kind == b->kind && is_same(a->head, b->head) &&
	       is_same(a->text, b->text);
}

static void
sign_clear(struct sign *sign)
{
	free(sign->head);
	free(sign->text);
	free(sign->more);
}

void
signs_add(struct signs *signs, struct sign sign)
{
	for (size_t i = 0; i < signs->count; i++)
		if (sign_equal(&signs->items[i], &sign)) {
			sign_clear(&sign);
			return;
		}
	signs->items = mem_grow(signs->items, signs->count + 1, sizeof(*signs->items));
	signs->items[signs->count++] = sign;
}

static void
add_text(struct signs *signs, enum sign_kind kind, const char *text)
{
	signs_add(signs, (struct sign){.kind = kind, .text = mem_string(text)});
}

static void
add_event(struct signs *signs, const struct event_evidence *event)
{
	signs_add(
	    signs, (struct sign){.kind = SIGN_EVENT,
	               .head = mem_format("%s log, %s, event %u%s%s", event->log,
	                   event->source, event->id, event->level != NULL ? ", " : "",
	                   event->level != NULL ? event->level : ""),
	               .text = mem_string(event->text != NULL ? event->text : ""),
	               .name = event->source,
	               .event = event->id});
}

static void
add_registry(struct signs *signs, const struct registry_evidence *registry)
{
	const char *slash = strrchr(registry->key, '\\');

	signs_add(signs, (struct sign){.kind = SIGN_REGISTRY,
	                     .head = mem_string(registry->key),
	                     .text = mem_string(registry->value),
	                     .name = slash != NULL ? slash + 1 : registry->key});
}

static void
add_crp(struct signs *signs, const struct status_triple *crp)
{
	signs_add(
	    signs, (struct sign){.kind = SIGN_CRP,
	               .head = mem_string(
	                   "POST /CertificateRegistrationSvc/Certificate/VerifyRequest"),
	               .text = mem_format(
	                   "%u %u %u", crp->status, crp->substatus, (unsigned)crp->win32),
	               .status = crp->status,
	               .substatus = crp->substatus,
	               .win32 = crp->win32});
}

static void
add_evidence(struct signs *signs, const struct evidence *evidence)
{
	if (evidence->crp.is_set)
		add_crp(signs, &evidence->crp);
	for (size_t i = 0; i < evidence->event_count; i++)
		add_event(signs, &evidence->events[i]);
	for (size_t i = 0; i < evidence->file_count; i++)
		for (size_t k = 0; k < evidence->files[i].lines.count; k++)
			signs_add(signs,
			    (struct sign){.kind = SIGN_FILE,
			        .head = mem_string(evidence->files[i].name),
			        .text = mem_string(evidence->files[i].lines.items[k])});
	for (size_t i = 0; i < evidence->registry_count; i++)
		add_registry(signs, &evidence->registry[i]);
	for (size_t i = 0; i < evidence->client_count; i++)
		signs_add(signs, (struct sign){.kind = SIGN_SHOWS,
		                     .head = mem_string(evidence->clients[i].platform),
		                     .text = mem_string(evidence->clients[i].shows)});
}

static void
add_list(struct buf *out, const struct texts *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		buf_add_format(out, "%s%s", i > 0 ? ", " : "", texts->items[i]);
}

static void
add_change(struct signs *signs, const char *head, struct buf *text)
{
	signs_add(signs,
	    (struct sign){
	        .kind = SIGN_CLIENT, .head = mem_string(head), .text = buf_string(text)});
}

static void
add_server(struct signs *signs, const struct server_change *server)
{
	struct buf text = BUF_INIT;

	if (server->caps_without.count > 0) {
		buf_add_text(&text, "200 OK, without ");
		add_list(&text, &server->caps_without);
		add_change(signs, "GetCACaps", &text);
	}
	if (server->caps.count > 0) {
		buf_add_text(&text, "200 OK: ");
		add_list(&text, &server->caps);
		add_change(signs, "GetCACaps", &text);
	}
	if (server->pki != NULL) {
		buf_add_format(&text, "200 OK, another CA: %s", server->pki);
		add_change(signs, "GetCACert", &text);
	}
	if (server->challenge != NULL) {
		buf_add_format(
		    &text, "accepted is, as by --challenge: %s", server->challenge);
		add_change(signs, "challengePassword", &text);
	}
}

/* "500 0 1346"; false: "none". */
static bool
read_triple(const char *text, struct sign *sign)
{
	unsigned win32;

	if (text == NULL || sscanf(text, "%u %u %u", &sign->status, &sign->substatus,
	                        &win32) != 3) /* NOLINT(cert-err34-c) */
		return false;
	sign->win32 = win32;
	return true;
}

/* The failures that the server's own rules make under this scenario. */
static void
add_fail_info(struct signs *signs, const struct probe *probe)
{
	for (size_t i = 0; i < signs->count; i++)
		if (signs->items[i].name != NULL &&
		    strcmp(signs->items[i].name, probe->want_fail_info) == 0)
			return;
	signs_add(signs,
	    (struct sign){.kind = SIGN_CLIENT,
	        .head = mem_string("PKIOperation"),
	        .text = mem_format("200 OK, CertRep FAILURE %s", probe->want_fail_info),
	        .name = probe->want_fail_info});
}

/* What is told by probes alone: a server on which nothing is wrong. */
static void
add_healthy(struct signs *signs, const struct probe *probe)
{
	struct sign sign = {.kind = SIGN_IIS,
	    .head = mem_string(strcmp(probe->operation, "none") == 0 ? "the bare URL"
	                                                             : probe->operation)};
	struct sign client = {.kind = SIGN_CLIENT, .head = mem_string(sign.head)};

	client.status = probe->want_status;
	client.text = mem_format("%u %s", client.status, status_reason(client.status));
	if (client.status != 0)
		signs_add(signs, client);
	else
		sign_clear(&client);
	if (read_triple(probe->want_iis, &sign)) {
		sign.text = mem_string(probe->want_iis);
		signs_add(signs, sign);
	} else {
		sign_clear(&sign);
	}
}

static bool
is_healthy(const struct scenario *scenario)
{
	const struct server_change *server = &scenario->server;

	return scenario->rule_count == 0 && server->caps_without.count == 0 &&
	       server->caps.count == 0 && server->pki == NULL &&
	       server->challenge == NULL;
}

static bool
has_param(const struct probe *probe, const struct param *param)
{
	const char *value = param->default_value;

	for (size_t i = 0; i < probe->param_count; i++)
		if (strcmp(probe->params[i].name, param->name) == 0)
			value = probe->params[i].value;
	return strcmp(value, param->value) == 0;
}

/* Whether it is played with the settings in force. */
static bool
is_of_variation(const struct probe *probe, const struct scenario *scenario)
{
	for (size_t i = 0; i < scenario->param_count; i++)
		if (!has_param(probe, &scenario->params[i]))
			return false;
	return true;
}

static void
add_probes(struct signs *signs, const struct scenario *scenario)
{
	bool healthy = is_healthy(scenario);

	for (size_t i = 0; i < scenario->probe_count; i++) {
		const struct probe *probe = &scenario->probes[i];

		if (!is_of_variation(probe, scenario))
			continue;
		if (probe->want_fail_info != NULL)
			add_fail_info(signs, probe);
		if (healthy && probe->path == NULL)
			add_healthy(signs, probe);
	}
}

void
signs_collect(const struct scenario *scenario, struct signs *ret)
{
	*ret = (struct signs){.items = NULL};
	add_text(ret, SIGN_ID, scenario->id);
	for (size_t i = 0; i < scenario->aliases.count; i++)
		add_text(ret, SIGN_ALIAS, scenario->aliases.items[i]);
	add_text(ret, SIGN_TITLE, scenario->title);
	add_text(ret, SIGN_SYMPTOM, scenario->doc.symptom);
	add_text(ret, SIGN_CAUSE, scenario->doc.cause);
	add_text(ret, SIGN_FIX, scenario->doc.fix);
	add_server(ret, &scenario->server);
	for (size_t i = 0; i < scenario->rule_count; i++)
		if (rule_is_fault(&scenario->rules[i]))
			signs_add_client(ret, scenario, &scenario->rules[i]);
	add_evidence(ret, &scenario->evidence);
	for (size_t i = 0; i < scenario->rule_count; i++)
		add_evidence(ret, &scenario->rules[i].evidence);
	add_probes(ret, scenario);
}

void
signs_clear(struct signs *signs)
{
	for (size_t i = 0; i < signs->count; i++)
		sign_clear(&signs->items[i]);
	free(signs->items);
	*signs = (struct signs){.items = NULL};
}
