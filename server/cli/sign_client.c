#include "base/mem.h"
#include "cli/sign.h"
#include "flow/edit.h"
#include <stdlib.h>
#include <string.h>

/* What pages repeat of the server and of a request. */
static const struct admin_facts example_facts = {
    .thumbprint = "00000000 00000000 00000000 00000000",
    .password = "0000000000000000",
    .host = "localhost",
    .rules = PASSWORD_RULES_DEFAULT,
};

static char *
join(const struct texts *texts)
{
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < texts->count; i++)
		buf_add_format(&out, "%s%s", i > 0 ? ", " : "", texts->items[i]);
	return buf_string(&out);
}

static const char *
usual_requests(const struct rule *rule)
{
	const struct action *action = &rule->action;

	switch (action->kind) {
	case ACTION_SCEP:
		return "PKIOperation";
	case ACTION_TLS:
		return "every connection";
	case ACTION_CA:
		for (size_t i = 0; i < action->ca.forms.count; i++)
			if (strncmp(action->ca.forms.items[i].key, "caps_", 5) == 0)
				return "GetCACaps";
		return "GetCACert";
	case ACTION_CONNECTION:
		return action->connection.is_at_accept ||
		               action->connection.fate == FATE_REFUSE ||
		               action->connection.fate == FATE_NO_ACCEPT
		           ? "every connection"
		           : "every request";
	case ACTION_RESPOND:
	case ACTION_PASS:
		break;
	}
	return "every request";
}

static void
add_asked(struct buf *out, const char *name, const struct texts *texts)
{
	char *list = join(texts);

	if (texts->count > 0)
		buf_add_format(out, "%s%s%s", out->len > 0 ? ", " : "", name, list);
	free(list);
}

/* The states in which it acts: "scep-pool down". */
static void
add_states(struct buf *out, const struct scenario *scenario, const struct match *match)
{
	for (size_t i = 0; i < match->state_count; i++) {
		const struct state_match *asked = &match->states[i];
		const struct machine *machine = &scenario->machines[asked->machine];
		const char *separator = " ";

		buf_add_format(out, ", %s", machine->name);
		for (size_t k = 0; k < machine->state_count; k++) {
			if ((asked->states >> k & 1) == 0)
				continue;
			buf_add_format(out, "%s%s", separator, machine->states[k].name);
			separator = " or ";
		}
	}
}

static char *
requests_of(const struct scenario *scenario, const struct rule *rule)
{
	const struct match *match = &rule->match;
	struct buf out = BUF_INIT;

	if (match->operations.count == 0 && match->message_types.count == 0)
		buf_add_text(&out, usual_requests(rule));
	else if (match->message_types.count == 0)
		add_asked(&out, "", &match->operations);
	add_asked(&out, "", &match->message_types);
	add_asked(&out, "by ", &match->methods);
	add_asked(&out, "challenge ", &match->challenges);
	add_asked(&out, "challenge type ", &match->challenge_types);
	add_asked(&out, "from ", &match->platforms);
	if (match->query_bytes.is_set || match->uri_bytes.is_set)
		buf_add_text(&out, ", with a long URL");
	add_states(&out, scenario, match);
	return buf_string(&out);
}

static void
add_headers(struct buf *out, const struct header_edit *headers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (headers[i].value != NULL)
			buf_add_format(
			    out, ", %s: %s", headers[i].name, headers[i].value);
		else
			buf_add_format(out, ", no %s", headers[i].name);
}

static void
add_respond(struct buf *out, const struct rule *rule, const struct reply *reply)
{
	static const char *const redirects[] = {
	    [REDIRECT_NONE] = "",
	    [REDIRECT_LOOP] = ", Location: the same URL",
	    [REDIRECT_MOVED] = ", Location: the same URL with /pkiclient.exe",
	    [REDIRECT_HTTPS] = ", Location: the same URL over HTTPS",
	    [REDIRECT_ELSEWHERE] = ", Location: a host that does not exist",
	};
	const struct respond *respond = &rule->action.respond;

	buf_add_format(
	    out, "%u %s%s", reply->status, reply->reason, redirects[respond->redirect]);
	add_headers(out, respond->headers, respond->header_count);
}

static void
add_forms(struct buf *out, const struct forms *forms)
{
	for (size_t i = 0; i < forms->count; i++) {
		char *key = mem_string(forms->items[i].key);

		for (char *at = strchr(key, '_'); at != NULL; at = strchr(at, '_'))
			*at = ' ';
		buf_add_format(out, ", %s %s", key, forms->items[i].word);
		free(key);
	}
}

static void
add_scep(struct buf *out, const struct scep *scep)
{
	buf_add_text(out, "200 OK, CertRep");
	if (scep->status != NULL)
		buf_add_format(out, " %s", scep->status);
	if (scep->fail_info != NULL)
		buf_add_format(out, " %s", scep->fail_info);
	if (scep->has_hresult)
		buf_add_format(out, ", HRESULT 0x%08X (%d)", (unsigned)scep->hresult,
		    (int)(int32_t)scep->hresult);
	if (scep->hresult_text != NULL)
		buf_add_format(out, " %s", scep->hresult_text);
	if (scep->fail_info_text != NULL)
		buf_add_format(out, ", failInfoText %s", scep->fail_info_text);
	add_forms(out, &scep->forms);
}

static void
add_ca(struct buf *out, const struct ca *ca)
{
	char *list = join(&ca->certificates);

	buf_add_text(out, "200 OK");
	if (ca->certificates.count > 0)
		buf_add_format(out, ", certificates: %s", list);
	add_forms(out, &ca->forms);
	free(list);
}

static const char *
fate_text(enum fate fate)
{
	switch (fate) {
	case FATE_RESET:
		return "the connection is reset";
	case FATE_CLOSE:
		return "an answer, then the connection is closed";
	case FATE_CLOSE_UNANSWERED:
		return "the connection is closed without an answer";
	case FATE_GARBAGE:
		return "bytes that are no HTTP";
	case FATE_STALL:
		return "no answer, ever";
	case FATE_HALF_CLOSE:
		return "the server's side of the connection is closed, without an answer";
	case FATE_REFUSE:
		return "the connection is refused";
	case FATE_NO_ACCEPT:
		return "the connection is never made";
	}
	return "";
}

static void
add_time(struct buf *out, uint64_t ms)
{
	if (ms % 1000 == 0)
		buf_add_format(out, "%ju s", (uintmax_t)(ms / 1000));
	else
		buf_add_format(out, "%ju ms", (uintmax_t)ms);
}

static void
add_delay(struct buf *out, const struct delay *delay)
{
	if (delay->kind == DELAY_NONE)
		return;
	buf_add_text(out, delay->at == DELAY_BODY ? ", its body after " : ", after ");
	add_time(out, delay->kind == DELAY_LOGNORMAL ? delay->median_ms : delay->min_ms);
	if (delay->kind == DELAY_RANGE) {
		buf_add_text(out, " to ");
		add_time(out, delay->max_ms);
	}
}

static void
add_cut(struct buf *out, const struct cut *cut)
{
	static const char *const ends[] = {
	    [CUT_END_CLOSE] = "then closed",
	    [CUT_END_RESET] = "then reset",
	    [CUT_END_STALL] = "then nothing more",
	};

	if (cut->where == CUT_NOWHERE)
		return;
	if (cut->where == CUT_STATUS_LINE)
		buf_add_text(out, ", the status line alone");
	else if (cut->where == CUT_BODY_BYTES && cut->after == 0)
		buf_add_text(out, ", without its body");
	else
		buf_add_format(out, ", %zu%s of its body", cut->after,
		    cut->where == CUT_BODY_PERCENT ? " %" : " bytes");
	buf_add_format(out, ", %s", ends[cut->end]);
}

static void
add_edit(struct buf *out, const struct reply_edit *edit)
{
	static const char *const framings[FRAMING_COUNT] = {
	    [FRAMING_USUAL] = "",
	    [FRAMING_CHUNKED] = ", chunked",
	    [FRAMING_UNTIL_CLOSE] = ", without a length",
	    [FRAMING_LENGTH_SHORT] = ", Content-Length too short",
	    [FRAMING_LENGTH_LONG] = ", Content-Length too long",
	    [FRAMING_LENGTH_TWICE] = ", two Content-Length headers",
	    [FRAMING_BAD_CHUNK] = ", chunked with a bad size",
	};

	if (edit->status != 0)
		buf_add_format(
		    out, ", status %u %s", edit->status, status_reason(edit->status));
	buf_add_text(out, framings[edit->framing]);
	if (edit->is_http10)
		buf_add_text(out, ", as HTTP/1.0");
	if (edit->body != NULL)
		buf_add_format(out, ", body %s", edit->body);
	add_headers(out, edit->headers, edit->header_count);
}

static void
add_shaping(struct buf *out, const struct shaping_wish *shaping)
{
	add_delay(out, &shaping->delay);
	if (shaping->drip_bytes > 0)
		buf_add_format(out, ", %zu bytes every %ju ms", shaping->drip_bytes,
		    (uintmax_t)shaping->drip_ms);
	add_cut(out, &shaping->cut);
}

/* The answer has the status of a healthy one. */
static bool
is_usual(const struct rule *rule)
{
	enum action_kind kind = rule->action.kind;

	return kind == ACTION_SCEP || kind == ACTION_CA || kind == ACTION_PASS;
}

/* The page, and its line in the log of its layer, as the server itself makes them. */
static void
make_reply(struct reply *reply, const struct rule *rule)
{
	const struct iis iis = {
	    .version = server_version_find(SERVER_VERSION_DEFAULT), .is_aspnet = true};

	*reply = (struct reply){.status = 200, .reason = "OK", .layer = LAYER_MSCEP};
	if (rule->action.kind == ACTION_RESPOND)
		edit_respond(reply, rule, &iis, &example_facts);
	else
		edit_evidence(reply, &rule->evidence);
	if (rule->action.kind == ACTION_TLS)
		reply->status = 0;
	if (rule->action.kind == ACTION_CONNECTION) {
		reply->layer = rule->action.connection.layer;
		reply->status = 0;
	}
}

static const char *
or_dash(const char *text)
{
	return text != NULL ? text : "-";
}

static char *
httperr_end(const struct reply *reply)
{
	bool has_site = reply->layer == LAYER_POOL;

	if (reply->status == 0)
		return mem_format("- %s %s %s", has_site ? "1" : "-",
		    or_dash(reply->httperr_reason), or_dash(reply->httperr_queue));
	return mem_format("%u %s %s %s", reply->status, has_site ? "1" : "-",
	    or_dash(reply->httperr_reason), or_dash(reply->httperr_queue));
}

static void
add_line(struct signs *signs, const struct scenario *scenario, const struct rule *rule,
    const struct reply *reply)
{
	struct sign sign = {.kind = SIGN_NO_LINE, .head = requests_of(scenario, rule)};

	switch (layer_log(reply->layer)) {
	case LOG_TO_IIS:
		sign.kind = SIGN_IIS;
		sign.status = reply->status;
		sign.substatus = reply->substatus;
		sign.win32 = reply->win32;
		sign.is_usual =
		    reply->status < 300 && reply->substatus == 0 && reply->win32 == 0;
		sign.text = mem_format(
		    "%u %u %u", reply->status, reply->substatus, (unsigned)reply->win32);
		break;
	case LOG_TO_HTTPERR:
		sign.kind = SIGN_HTTPERR;
		sign.status = reply->status;
		sign.name = reply->httperr_reason;
		sign.text = httperr_end(reply);
		break;
	case LOG_TO_NONE:
		sign.text = mem_string("no line, neither in the IIS log nor in HTTPERR");
		break;
	}
	signs_add(signs, sign);
}

static void
add_action(struct buf *out, const struct rule *rule, const struct reply *reply)
{
	switch (rule->action.kind) {
	case ACTION_RESPOND:
		add_respond(out, rule, reply);
		return;
	case ACTION_SCEP:
		add_scep(out, &rule->action.scep);
		return;
	case ACTION_CA:
		add_ca(out, &rule->action.ca);
		return;
	case ACTION_CONNECTION:
		buf_add_text(out, fate_text(rule->action.connection.fate));
		return;
	case ACTION_TLS:
		buf_add_format(out, "the TLS fault %s", rule->action.tls);
		return;
	case ACTION_PASS:
		buf_add_text(out, "the healthy answer");
		return;
	}
}

void
signs_add_client(
    struct signs *signs, const struct scenario *scenario, const struct rule *rule)
{
	struct sign sign = {.kind = SIGN_CLIENT, .head = requests_of(scenario, rule)};
	struct reply reply;
	struct buf out = BUF_INIT;

	make_reply(&reply, rule);
	add_action(&out, rule, &reply);
	add_edit(&out, &rule->reply);
	add_shaping(&out, &rule->shaping);
	if (rule->action.kind == ACTION_RESPOND) {
		char *page = page_visible(reply_body(&reply), reply.reason);

		sign.more = page_visible(reply_body(&reply), NULL);
		if (page[0] != '\0')
			buf_add_format(&out, ": %s", page);
		free(page);
	}
	sign.status = rule->reply.status != 0 ? rule->reply.status : reply.status;
	sign.is_usual = rule->reply.status == 0 && is_usual(rule);
	sign.name = rule->action.kind == ACTION_SCEP ? rule->action.scep.fail_info : NULL;
	sign.text = buf_string(&out);
	signs_add(signs, sign);
	if (rule->action.kind != ACTION_TLS)
		add_line(signs, scenario, rule, &reply);
	reply_clear(&reply);
}
