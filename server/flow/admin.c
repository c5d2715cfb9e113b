#include "ndes/admin.h"
#include "auth/context.h"
#include "base/chance.h"
#include "flow/inner.h"
#include "flow/jobs.h"
#include "flow/session.h"

/*
 * sc-win32-status of a 401: nobody has said who he is; a handshake goes on
 * (SEC_E_NO_CREDENTIALS, from memory); the logon failed (ERROR_LOGON_FAILURE).
 */
#define WIN32_ACCESS_DENIED  5
#define WIN32_NO_CREDENTIALS 2148074254u
#define WIN32_LOGON_FAILURE  1326

/* sc-substatus: denied by the server's configuration, or by logon. */
#define DENIED_BY_CONFIGURATION 2
#define DENIED_BY_LOGON         1

/* The two that IIS offers, in its order; with a token it is the one scheme alone. */
static void
reply_unauthorized(struct exchange *exchange, unsigned substatus, uint32_t win32)
{
	struct reply *reply = &exchange->reply;

	iis_error_reply(reply, &exchange->flow->settings.iis, LAYER_IIS, 401, substatus);
	reply->win32 = win32;
	reply_set_header(reply, "Content-Length", NULL);
	if (exchange->token.len > 0) {
		reply_header(
		    reply, "WWW-Authenticate", (const char *)exchange->token.data);
	} else {
		reply_header(reply, "WWW-Authenticate", "Negotiate");
		reply_header(reply, "WWW-Authenticate", "NTLM");
	}
	reply_header(reply, "Content-Length", reply_length);
}

static void
reply_page(struct exchange *exchange, enum admin_page page, const char *password)
{
	struct flow *flow = exchange->flow;
	struct admin_facts facts = {
	    .thumbprint = answer_thumbprint(exchange),
	    .password = password,
	    .host = flow->settings.ndes.host,
	    .rules = PASSWORD_RULES_DEFAULT,
	};

	iis_mscep_reply(&exchange->reply, &flow->settings.iis, "text/html");
	admin_page_make(&exchange->reply.body, page, &facts);
}

static void
reply_password(struct exchange *exchange)
{
	struct flow *flow = exchange->flow;
	struct password_rules rules = PASSWORD_RULES_DEFAULT;
	unsigned char chance[PASSWORD_CHANCE_SIZE];
	char word[PASSWORD_TEXT_SIZE];
	struct err err = ERR_INIT;

	if (flow->settings.single_password != NULL) {
		reply_page(
		    exchange, ADMIN_SINGLE_PASSWORD, flow->settings.single_password);
		return;
	}
	chance_fresh(chance, sizeof(chance));
	switch (password_issue(flow->store, exchange->site->name, &rules,
	    flow_now_ms(flow), chance, word, &err)) {
	case PASSWORD_ISSUED:
		reply_page(exchange, ADMIN_PASSWORD, word);
		return;
	case PASSWORD_CACHE_FULL:
		reply_page(exchange, ADMIN_CACHE_FULL, NULL);
		return;
	case PASSWORD_NOT_STORED:
		ledger_note(&flow->settings.ledger, err.text);
		iis_error_reply(
		    &exchange->reply, &flow->settings.iis, LAYER_MSCEP, 500, 0);
		return;
	}
}

/* Whoever comes so far may see what is there. */
static void
reply_to_user(struct exchange *exchange)
{
	if (exchange->answer == ANSWER_ADMIN_PAGE)
		reply_password(exchange);
	else
		answer_honest(exchange);
}

static void
trust(struct exchange *exchange)
{
	exchange->username = exchange->flow->settings.user->account;
	reply_to_user(exchange);
	if (exchange->token.len > 0) /* the last word of the handshake */
		reply_header(&exchange->reply, "WWW-Authenticate",
		    (const char *)exchange->token.data);
}

static void
refuse_logon(struct exchange *exchange, const char *reason)
{
	exchange->summary.reason = reason;
	buf_reset(&exchange->token);
	reply_unauthorized(exchange, DENIED_BY_LOGON, WIN32_LOGON_FAILURE);
}

static void
on_stepped(void *arg, uint64_t id, struct auth_outcome *outcome)
{
	struct flow *flow = arg;
	struct exchange *exchange = slots_get(&flow->exchanges, id);

	if (exchange == NULL)
		return; /* the job frees the context */
	struct session *session = session_of(exchange->endpoints);
	if (outcome->reply.len > 0) {
		auth_header_challenge(
		    session->scheme, buf_bytes(&outcome->reply), &exchange->token);
		buf_add_char(&exchange->token, '\0');
	}
	switch (outcome->result) {
	case AUTH_CONTINUE:
		session->context = outcome->context; /* back, for the next step */
		outcome->context = NULL;
		reply_unauthorized(exchange, DENIED_BY_LOGON, WIN32_NO_CREDENTIALS);
		break;
	case AUTH_ACCEPTED:
		session->is_trusted = true;
		trust(exchange);
		break;
	case AUTH_UNAVAILABLE:
		ledger_note(&flow->settings.ledger, outcome->err.text);
		session_restart(session);
		refuse_logon(exchange, "NTLM cannot be had here");
		break;
	case AUTH_REFUSED:
		session_restart(session);
		refuse_logon(exchange, "not the account that --mscep-user names");
		break;
	}
	answer_now(exchange);
}

/* A step of a handshake: GSSAPI reads files, so it is a job. */
static const struct plan *
begin_step(struct exchange *exchange, enum auth_scheme scheme, struct slice rest)
{
	struct flow *flow = exchange->flow;
	struct session *session = session_of(exchange->endpoints);
	struct job_sender sender = {.arg = flow, .id = exchange->id, .pool = flow->pool};
	struct buf token = BUF_INIT;

	if (!auth_header_token(rest, &token)) {
		buf_clear(&token);
		reply_unauthorized(exchange, DENIED_BY_LOGON, WIN32_LOGON_FAILURE);
		return answer_plan(exchange);
	}
	if (session->context == NULL || session->scheme != scheme) {
		session_restart(session);
		session->scheme = scheme;
		session->context = auth_context_new(flow->settings.user, scheme);
	}
	exchange->state = EXCHANGE_OPENING;
	job_auth_submit(&sender, session->context, &token, on_stepped);
	session->context = NULL; /* the job's, until it comes back */
	return NULL;
}

const struct plan *
admin_begin(struct exchange *exchange)
{
	const struct auth_user *user = exchange->flow->settings.user;
	struct slice header = request_header(exchange->request, "Authorization");
	struct slice rest;
	enum auth_scheme scheme = auth_header_scheme(header, &rest);

	if (user == NULL)
		reply_to_user(exchange);
	else if (scheme == AUTH_NTLM || scheme == AUTH_NEGOTIATE)
		return begin_step(exchange, scheme, rest);
	else if (scheme == AUTH_BASIC && auth_basic(user, rest))
		trust(exchange);
	else if (scheme == AUTH_BASIC)
		reply_unauthorized(exchange, DENIED_BY_LOGON, WIN32_LOGON_FAILURE);
	else if (session_of(exchange->endpoints)->is_trusted)
		trust(exchange);
	else
		reply_unauthorized(
		    exchange, DENIED_BY_CONFIGURATION, WIN32_ACCESS_DENIED);
	return answer_plan(exchange);
}
