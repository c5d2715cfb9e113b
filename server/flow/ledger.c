#include "flow/ledger.h"

#include "base/clock.h"
#include "flow/edit.h"
#include "flow/inner.h"
#include "ndes/crp.h"
#include "scenarios/catalogue.h"
#include <string.h>

#define WIN32_NETNAME_DELETED 64 /* IIS: the client was gone before the answer */

static uint64_t
taken_us(const struct exchange *exchange)
{
	return (uint64_t)(clock_monotonic_us() - exchange->started_us);
}

static void
fail_once(struct ledger *ledger, const struct err *err)
{
	if (!ledger->has_failed)
		ledger_note(ledger, err->text);
	ledger->has_failed = true;
}

static void
write_w3c(struct ledger *ledger, const struct exchange *exchange)
{
	const struct request *request = exchange->request;
	const struct reply *reply = &exchange->reply;
	struct err err = ERR_INIT;
	struct w3c_record record = {
	    .time = (time_t)(exchange->started_wall_ms / 1000),
	    .server_ip = exchange->endpoints->server_ip,
	    .method = request->line.method,
	    .uri_stem = exchange->path,
	    .uri_query = request->url.query,
	    .server_port = exchange->endpoints->server_port,
	    .username = slice_of(exchange->username),
	    .client_ip = exchange->endpoints->client_ip,
	    .user_agent = request_header(request, "User-Agent"),
	    .referer = request_header(request, "Referer"),
	    .status = reply->status != 0 ? reply->status : 200,
	    .substatus = reply->substatus,
	    .win32 = exchange->is_dropped ? WIN32_NETNAME_DELETED : reply->win32,
	    .bytes_sent = exchange->bytes_sent,
	    .time_taken_ms = taken_us(exchange) / 1000,
	};

	if (!w3c_write(ledger->w3c, &record, &err))
		fail_once(ledger, &err);
}

/* How a rule says that VerifyRequest ended; NULL: it does not. */
static const struct status_triple *
rule_crp(const struct exchange *exchange)
{
	const struct rule *rule = exchange_rule(exchange);

	return rule != NULL && (rule->evidence.crp.is_set || rule->evidence.crp.is_none)
	           ? &rule->evidence.crp
	           : NULL;
}

/*
 * The policy module asks the registration point before mscep.dll answers, so its lines
 * stand first. Both ends are the server itself. Where a rule has evidence of the call,
 * that is its end, and nothing is notified.
 */
static size_t
list_crp_lines(const struct exchange *exchange, struct crp_line ret[CRP_LINES_MAX])
{
	const struct exchange_summary *summary = &exchange->summary;
	const struct status_triple *triple = rule_crp(exchange);
	size_t count = crp_lines(exchange->flow->settings.iis.version,
	    summary->status != PKI_FAILURE, taken_us(exchange) / 1000, ret);

	if (triple == NULL || count == 0)
		return count;
	if (triple->is_none)
		return 0;
	ret[0].status = triple->status;
	ret[0].substatus = triple->substatus;
	ret[0].win32 = triple->win32;
	return 1;
}

static void
write_crp_lines(struct ledger *ledger, const struct exchange *exchange)
{
	struct crp_line lines[CRP_LINES_MAX];
	size_t count = list_crp_lines(exchange, lines);
	struct err err = ERR_INIT;

	for (size_t i = 0; i < count; i++) {
		struct w3c_record record = {
		    .time = (time_t)(exchange->started_wall_ms / 1000),
		    .server_ip = exchange->endpoints->server_ip,
		    .method = SLICE("POST"),
		    .uri_stem = slice_of(lines[i].stem),
		    .server_port = CRP_PORT,
		    .client_ip = exchange->endpoints->server_ip,
		    .user_agent = SLICE(CRP_USER_AGENT),
		    .status = lines[i].status,
		    .substatus = lines[i].substatus,
		    .win32 = lines[i].win32,
		    .bytes_sent = lines[i].bytes_sent,
		    .time_taken_ms = lines[i].time_taken_ms,
		};

		if (!w3c_write(ledger->w3c, &record, &err))
			fail_once(ledger, &err);
	}
}

static bool
has_crp_lines(const struct exchange *exchange)
{
	const struct exchange_summary *summary = &exchange->summary;

	return exchange->flow->settings.has_crp_lines &&
	       (summary->has_certrep || rule_crp(exchange) != NULL) &&
	       (summary->type == MESSAGE_PKCS_REQ ||
	           summary->type == MESSAGE_RENEWAL_REQ);
}

static void
write_httperr(struct ledger *ledger, const struct exchange *exchange, const char *reason)
{
	const struct request *request = exchange->request;
	const struct endpoints *endpoints = exchange->endpoints;
	struct err err = ERR_INIT;
	struct httperr_record record = {
	    .time = (time_t)(exchange->started_wall_ms / 1000),
	    .client_ip = endpoints->client_ip,
	    .client_port = endpoints->client_port,
	    .server_ip = endpoints->server_ip,
	    .server_port = endpoints->server_port,
	    .method = request->line.method,
	    .uri = exchange->uri,
	    .status = exchange->reply.status,
	    .reason = reason,
	    .queue = exchange->reply.httperr_queue,
	    .is_tls = endpoints->is_tls,
	};

	if (request->line.major == 1)
		record.version =
		    request->line.minor == 0 ? SLICE("HTTP/1.0") : SLICE("HTTP/1.1");
	if (!httperr_write(ledger->httperr, &record, &err))
		fail_once(ledger, &err);
}

/*
 * The line goes into the log of the layer that answered. A peer that left before
 * its request was whole never came past HTTP.sys.
 */
static void
write_windows_log(struct ledger *ledger, const struct exchange *exchange)
{
	if (exchange->state == EXCHANGE_BODY) {
		write_httperr(ledger, exchange, "Client_Reset");
		return;
	}
	switch (exchange->state == EXCHANGE_ANSWERED ? layer_log(exchange->reply.layer)
	                                             : LOG_TO_IIS) {
	case LOG_TO_IIS:
		if (has_crp_lines(exchange))
			write_crp_lines(ledger, exchange);
		write_w3c(ledger, exchange);
		return;
	case LOG_TO_HTTPERR:
		if (rule_crp(exchange) != NULL && has_crp_lines(exchange))
			write_crp_lines(ledger, exchange);
		write_httperr(ledger, exchange, exchange->reply.httperr_reason);
		return;
	case LOG_TO_NONE:
		return;
	}
}

static void
describe_pki(const struct exchange_summary *summary, struct buf *out)
{
	if (!summary->has_certrep)
		return;
	buf_add_text(out, pki_status_name(summary->status));
	if (summary->status == PKI_FAILURE) {
		buf_add_char(out, ' ');
		buf_add_text(out, fail_info_name(summary->fail_info));
	}
	buf_add_char(out, '\0');
}

/* HTTP.sys's own refusals: the word that HTTPERR has for it. */
static void
describe_refusal(
    const struct exchange *exchange, struct console_record *record, struct buf *why)
{
	const struct reply *reply = &exchange->reply;

	if (reply->layer != LAYER_HTTP_SYS || reply->httperr_reason == NULL)
		return;
	buf_add_format(why, "HTTP.sys refused it: %s", reply->httperr_reason);
	buf_add_char(why, '\0');
	record->why = (const char *)why->data;
}

/* The first sentence of the scenario's fix, and where there is more. */
static void
describe_cure(const struct scenario *scenario, struct buf *hint)
{
	const char *end = strstr(scenario->doc.fix, ". ");
	size_t len = end != NULL ? (size_t)(end - scenario->doc.fix) : SIZE_MAX;
	struct slice fix = slice_of(scenario->doc.fix);

	if (len < fix.len)
		fix.len = len;
	if (fix.len > 0 && fix.text[fix.len - 1] == '.')
		fix.len--;
	if (catalogue_find(slice_of(scenario->id)) != NULL) /* not one's own file */
		buf_add_format(hint, "mockndes explain %s; ", scenario->id);
	buf_add_text(hint, "cure: ");
	buf_add_slice(hint, fix);
	buf_add_char(hint, '\0');
}

static void
describe_rule(const struct exchange *exchange, struct console_record *record,
    struct buf *why, struct buf *hint)
{
	const struct rule *rule = exchange_rule(exchange);

	if (rule == NULL || !rule_is_fault(rule)) {
		record->hint = exchange->misled != NULL ? exchange->misled
		                                        : exchange->summary.reason;
		describe_refusal(exchange, record, why);
		if (exchange->state == EXCHANGE_ANSWERED &&
		    exchange->reply.layer == LAYER_IIS && exchange->reply.status == 404)
			record->hint = "NDES is at /certsrv/mscep/mscep.dll";
		return;
	}
	record->scenario = exchange->ruling->scenario->id;
	record->rule = rule->id;
	describe_cure(exchange->ruling->scenario, hint);
	record->hint = (const char *)hint->data;
	decision_why(&exchange->decision, &exchange->facts, why);
	buf_add_char(why, '\0');
	record->why = why->len > 1 ? (const char *)why->data : NULL;
}

static void
write_console(struct ledger *ledger, const struct exchange *exchange)
{
	const struct request *request = exchange->request;
	struct buf pki = BUF_INIT;
	struct buf why = BUF_INIT;
	struct buf hint = BUF_INIT;
	bool is_mscep = exchange->target.area == AREA_MSCEP;
	struct console_record record = {
	    .time = (time_t)(exchange->started_wall_ms / 1000),
	    .client_ip = exchange->endpoints->client_ip,
	    .method = request->line.method,
	    .path = exchange->path,
	    .operation = is_mscep ? exchange->facts.operation : NULL,
	    .message_type = message_type_name(exchange->summary.type),
	    .transaction_id = exchange->summary.transaction_id,
	    .status = exchange->is_dropped ? 0 : exchange->reply.status,
	    .bytes_sent = exchange->bytes_sent,
	    .time_taken_us = taken_us(exchange),
	};

	describe_pki(&exchange->summary, &pki);
	record.pki_status = pki.len > 0 ? (const char *)pki.data : NULL;
	describe_rule(exchange, &record, &why, &hint);
	buf_reset(&ledger->line);
	console_line(&ledger->line, &record, ledger->format, ledger->coloured);
	fwrite(ledger->line.data, 1, ledger->line.len, ledger->console);
	fflush(ledger->console);
	buf_clear(&pki);
	buf_clear(&why);
	buf_clear(&hint);
}

void
ledger_write(struct ledger *ledger, const struct exchange *exchange)
{
	bool is_request = exchange->request->line.method.len > 0;

	if (ledger->w3c != NULL)
		write_windows_log(ledger, exchange);
	if (ledger->console != NULL && is_request)
		write_console(ledger, exchange);
}

void
ledger_note(struct ledger *ledger, const char *sentence)
{
	fprintf(stderr, "mockndes: %s\n", sentence);
}

void
ledger_close(struct ledger *ledger)
{
	w3c_close(ledger->w3c);
	httperr_close(ledger->httperr);
	buf_clear(&ledger->line);
}
