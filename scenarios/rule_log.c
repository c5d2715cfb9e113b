#include "scenarios/rule_parts.h"

#define BIT(n) (UINT32_C(1) << (n))

static bool
is_none(const struct node *iis)
{
	return iis->kind == NODE_SCALAR;
}

/* The honest server answers, so there is a line in the IIS log. */
static bool
is_answered_honestly(const struct draft *draft)
{
	switch (draft->rule.action.kind) {
	case ACTION_SCEP:
	case ACTION_CA:
		return true;
	case ACTION_PASS:
		return !draft_is_at_accept(draft);
	case ACTION_CONNECTION:
		return draft->fates == BIT(FATE_CLOSE);
	case ACTION_RESPOND:
	case ACTION_TLS:
		return false;
	}
	return false;
}

/* `iis: none` where no line is written, the end of the line where one is. */
static bool
check_iis_layer(const struct fields *fields, const struct node *iis, enum layer layer)
{
	enum log_target log = layer_log(layer);

	if (is_none(iis) == (log != LOG_TO_IIS))
		return true;
	if (log == LOG_TO_IIS)
		return tree_refuse(fields->tree, iis, fields->err, FAULT_WRONG_LOG,
		    "an answer of layer %s always stands in the IIS log; say {iis: {substatus: "
		    ".., win32: ..}}",
		    layer_names[layer]);
	if (log == LOG_TO_NONE)
		return tree_refuse(fields->tree, iis->key, fields->err, FAULT_WRONG_LOG,
		    "layer %s leaves no line in a Windows log; say 'iis: none', or take it out",
		    layer_names[layer]);
	return tree_refuse(fields->tree, iis->key, fields->err, FAULT_WRONG_LOG,
	    "an answer of layer %s stands in HTTPERR, not in the IIS log; say "
	    "{httperr: {reason: ..}}",
	    layer_names[layer]);
}

static bool
check_iis(const struct fields *fields, const struct node *iis, const struct draft *draft)
{
	if (is_answered_honestly(draft)) {
		if (!is_none(iis))
			return true;
		return tree_refuse(fields->tree, iis, fields->err, FAULT_WRONG_LOG,
		    "NDES answers here, and that always stands in the IIS log; say {iis: "
		    "{substatus: .., win32: ..}}, or take it out");
	}
	if (draft->layers == 0 && !is_none(iis))
		return tree_refuse(fields->tree, iis->key, fields->err, FAULT_WRONG_LOG,
		    "%s is over before there is a request, so no line is written; say 'iis: "
		    "none', or take it out",
		    draft->action->key->text.text);
	for (unsigned layer = 0; layer < LAYER_COUNT; layer++)
		if ((draft->layers & BIT(layer)) != 0 &&
		    !check_iis_layer(fields, iis, (enum layer)layer))
			return false;
	return true;
}

static bool
check_httperr(
    const struct fields *fields, const struct node *httperr, const struct draft *draft)
{
	for (unsigned layer = 0; layer < LAYER_COUNT; layer++) {
		enum log_target log = layer_log((enum layer)layer);

		if ((draft->layers & BIT(layer)) == 0 || log == LOG_TO_HTTPERR)
			continue;
		return tree_refuse(fields->tree, httperr->key, fields->err,
		    FAULT_WRONG_LOG,
		    "an answer of layer %s stands in %s, not in HTTPERR; %s",
		    layer_names[layer],
		    log == LOG_TO_IIS ? "the IIS log" : "no Windows log",
		    log == LOG_TO_IIS ? "say {iis: {substatus: .., win32: ..}}"
		                      : "take it out");
	}
	if (draft->layers != 0)
		return true;
	return tree_refuse(fields->tree, httperr->key, fields->err, FAULT_WRONG_LOG,
	    "HTTPERR is what HTTP.sys writes, and %s is none of its layers; take it out",
	    draft->action->key->text.text);
}

/* The policy module asks the registration point about a PKIOperation. */
static bool
check_crp(const struct fields *fields, const struct node *crp, const struct draft *draft)
{
	static const char *const items[] = {"PKIOperation"};
	static const struct words wanted = {.items = items, .count = 1};

	if (draft->rule.action.kind != ACTION_CA && !draft_is_of_door(draft) &&
	    !draft_is_at_accept(draft) && (draft->layers & BIT(LAYER_CRP)) == 0 &&
	    operation_has(fields, node_find(draft->match, "operation"), &wanted))
		return true;
	return tree_refuse(fields->tree, crp->key, fields->err, FAULT_WRONG_LOG,
	    "crp is the call of VerifyRequest that NDES makes for a PKIOperation, which this "
	    "rule is not about; take it out");
}

bool
draft_check_log(const struct fields *fields, const struct draft *draft)
{
	const struct node *evidence = node_find(draft->node, "evidence");
	const struct node *iis = node_find(evidence, "iis");
	const struct node *httperr = node_find(evidence, "httperr");
	const struct node *crp = node_find(evidence, "crp");

	return (iis == NULL || check_iis(fields, iis, draft)) &&
	       (httperr == NULL || check_httperr(fields, httperr, draft)) &&
	       (crp == NULL || check_crp(fields, crp, draft));
}
