#include "base/mem.h"
#include "flow/inner.h"
#include "scenarios/load.h"
#include <stdlib.h>
#include <string.h>

#define EVENT_RESTART "iisreset" /* IIS begins anew: NDES keeps passwords in memory */

bool
flow_use(struct flow *flow, struct scenario *scenario, struct err *err)
{
	struct ruling *old = flow->site->ruling;

	if (!ruling_fits(scenario, &flow->settings.ndes, err)) {
		scenario_free(scenario);
		return false;
	}
	flow->site->ruling = flow_new_ruling(flow, scenario);
	if (old->scenario->expect_count > 0)
		TAILQ_INSERT_TAIL(&flow->past, old, entry); /* judged at the end */
	else
		ruling_release(old);
	return true;
}

static struct site *
site_of(struct flow *flow, const char *selector, struct err *err)
{
	if (selector == NULL || selector[0] == '\0')
		return flow->site;
	for (size_t i = 0; i < flow->site_count; i++)
		if (strcmp(flow->sites[i]->key, selector) == 0)
			return flow->sites[i];
	err_set(err, ERR_FAILED,
	    "no request has come to /s/%s/ yet: a site begins with its first", selector);
	return NULL;
}

bool
flow_event(struct flow *flow, const char *event, const char *selector, struct err *err)
{
	struct site *site = site_of(flow, selector, err);
	bool is_restart = strcmp(event, EVENT_RESTART) == 0;

	if (site == NULL)
		return false;
	if (is_restart && !store_forget_challenges(flow->store, site->name, err))
		return false;
	if (run_event(site->ruling->run, event, flow_now_ms(flow)) || is_restart)
		return true;
	return err_set(err, ERR_FAILED,
	    "scenario %s has no state that event %s could change",
	    site->ruling->scenario->id, event);
}

char *
flow_states(const struct flow *flow)
{
	struct buf out = BUF_INIT;

	run_states(flow->site->ruling->run, flow_now_ms(flow), &out);
	return buf_string(&out);
}

const char *
flow_misled(const struct flow *flow)
{
	return flow->misled;
}

void
flow_set_tls_port(struct flow *flow, unsigned port)
{
	flow->tls_port = port;
}

static void
judge_ruling(const struct ruling *ruling, flow_judged *judged, void *arg)
{
	for (size_t i = 0; i < ruling->scenario->expect_count; i++) {
		struct buf why = BUF_INIT;
		enum judgement judgement = run_judge(ruling->run, i, &why);

		buf_add_char(&why, '\0');
		judged(arg, ruling->scenario, &ruling->scenario->expects[i], judgement,
		    (const char *)why.data);
		buf_clear(&why);
	}
}

void
flow_judge(const struct flow *flow, flow_judged *judged, void *arg)
{
	const struct ruling *ruling;

	for (ruling = TAILQ_FIRST(&flow->past); ruling != NULL;
	     ruling = TAILQ_NEXT(ruling, entry))
		judge_ruling(ruling, judged, arg);
	judge_ruling(flow->site->ruling, judged, arg);
	for (size_t i = 0; i < flow->site_count; i++)
		judge_ruling(flow->sites[i]->ruling, judged, arg);
}

void
flow_tls_fault_used(struct flow *flow, const char *word)
{
	const struct scenario *scenario = flow->site->ruling->scenario;

	for (size_t i = 0; i < scenario->rule_count; i++) {
		const struct action *action = &scenario->rules[i].action;

		if (action->kind == ACTION_TLS && strcmp(action->tls, word) == 0)
			flow->has_fired = true;
	}
}

/* A door that asks belongs to the scenario in force. */
struct accept
flow_accept(struct flow *flow, const struct endpoints *endpoints)
{
	struct ruling *ruling = flow->site->ruling;
	struct decision decision;
	struct accept ret = {.kind = ACCEPT_GO};
	struct facts facts = {
	    .stage = STAGE_ACCEPT,
	    .now_ms = flow_now_ms(flow),
	    .connection = endpoints->connection,
	    .client = endpoints->client_ip,
	    .is_tls = endpoints->is_tls,
	    .client_cert = endpoints->client_cert,
	};

	for (size_t i = 0; i < ruling->scenario->rule_count; i++)
		if (ruling->scenario->rules[i].action.kind == ACTION_TLS)
			flow->has_fired = true;
	run_decide(ruling->run, &facts, &decision);
	if (decision.verdict != DECIDE_RULE)
		return ret;
	flow->has_fired = true;
	ret.delay_ms = decision.delay_ms;
	if (decision.rule->action.kind != ACTION_CONNECTION)
		return ret;
	switch (decision.rule->action.connection.fate) {
	case FATE_RESET:
		ret.kind = ACCEPT_RESET;
		return ret;
	case FATE_CLOSE_UNANSWERED:
		ret.kind = ACCEPT_CLOSE;
		return ret;
	case FATE_STALL:
		ret.kind = ACCEPT_STALL;
		return ret;
	case FATE_CLOSE:
	case FATE_GARBAGE:
	case FATE_HALF_CLOSE:
	case FATE_REFUSE:
	case FATE_NO_ACCEPT:
		return ret; /* not at accept: the loader refuses it */
	}
	return ret;
}
