#include "flow/edit.h"

#include "base/mem.h"
#include "http/transform.h"
#include "ndes/pages.h"
#include "ndes/proxy.h"
#include <string.h>

#define POOL_QUEUE "SCEP" /* of the application pool, as NDES setup names it */

bool
rule_is_fault(const struct rule *rule)
{
	const struct reply_edit *edit = &rule->reply;

	return rule->action.kind != ACTION_PASS ||
	       rule->shaping.delay.kind != DELAY_NONE || rule->shaping.drip_bytes > 0 ||
	       rule->shaping.cut.where != CUT_NOWHERE || edit->status != 0 ||
	       edit->framing != FRAMING_USUAL || edit->is_http10 || edit->body != NULL ||
	       edit->header_count > 0 || rule->emit != NULL || rule->forgets_passwords;
}

/*
 * A failure that the rule does not describe is NDES's usual one. A SUCCESS cannot
 * be made of a request that has nothing to certify: it stays what it was.
 */
static void
edit_status(struct certrep *certrep, const char *name)
{
	enum pki_status status = certrep->status;

	if (!pki_status_by_name(name, &status) || status == certrep->status)
		return;
	if (status == PKI_SUCCESS && certrep->csr == NULL && certrep->leaf_der.len == 0)
		return;
	certrep->status = status;
	certrep->fail_info = FAIL_BAD_REQUEST;
	certrep->has_hresult = status == PKI_FAILURE && !certrep->is_rfc8894;
	certrep->hresult = HRESULT_E_INVALIDARG;
}

void
edit_certrep(struct certrep *certrep, const struct scep *scep)
{
	if (scep->status != NULL)
		edit_status(certrep, scep->status);
	if (scep->fail_info != NULL)
		(void)fail_info_by_name(scep->fail_info, &certrep->fail_info);
	if (scep->has_hresult) {
		certrep->has_hresult = true;
		certrep->hresult = scep->hresult;
	}
	if (scep->hresult_text != NULL)
		certrep->hresult_text = mem_string(scep->hresult_text);
	if (scep->fail_info_text != NULL)
		certrep->fail_info_text = mem_string(scep->fail_info_text);
	for (size_t i = 0; i < scep->forms.count; i++)
		(void)certrep_form_set(
		    &certrep->forms, scep->forms.items[i].key, scep->forms.items[i].word);
}

void
edit_evidence(struct reply *reply, const struct evidence *evidence)
{
	if (evidence->has_iis) {
		reply->substatus = evidence->substatus;
		reply->win32 = evidence->win32;
	}
	if (evidence->httperr_reason != NULL) {
		reply->httperr_reason = evidence->httperr_reason;
		reply->httperr_queue = evidence->httperr_queue;
	}
}

static void
edit_headers(struct reply *reply, const struct header_edit *headers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (headers[i].is_further)
			reply_header(reply, headers[i].name, headers[i].value);
		else
			reply_set_header(reply, headers[i].name, headers[i].value);
	}
}

void
edit_honest_evidence(struct reply *reply, const struct rule *rule)
{
	const struct action *action = &rule->action;
	bool is_honest =
	    action->kind == ACTION_PASS || action->kind == ACTION_CA ||
	    (action->kind == ACTION_CONNECTION && action->connection.fate == FATE_CLOSE);

	if (is_honest && layer_log(reply->layer) == LOG_TO_IIS)
		edit_evidence(reply, &rule->evidence);
}

/* mscep.dll's own pages; false: it is none of them. */
static bool
respond_page(struct reply *reply, const struct respond *respond, const struct iis *iis,
    const struct admin_facts *admin)
{
	static const struct {
		const char *name;
		enum admin_page page;
	} pages[] = {
	    {"general", ADMIN_GENERAL},
	    {"admin-password", ADMIN_PASSWORD},
	    {"admin-cache-full", ADMIN_CACHE_FULL},
	    {"admin-no-permission", ADMIN_NO_PERMISSION},
	};

	for (size_t i = 0; respond->page != NULL && i < sizeof(pages) / sizeof(pages[0]);
	     i++) {
		if (strcmp(respond->page, pages[i].name) != 0)
			continue;
		iis_mscep_reply(reply, iis, "text/html");
		admin_page_make(&reply->body, pages[i].page, admin);
		return true;
	}
	return false;
}

static void
respond_iis(struct reply *reply, const struct respond *respond, const struct iis *iis,
    const struct admin_facts *admin)
{
	if (!respond_page(reply, respond, iis, admin)) {
		if (respond->status < 300 && respond->layer == LAYER_MSCEP)
			iis_mscep_reply(reply, iis, "text/html");
		else
			iis_error_reply(reply, iis, respond->layer, respond->status, 0);
	}
	reply->status = respond->status;
	reply->reason = status_reason(respond->status);
	reply->layer = respond->layer;
}

static void
respond_http_sys(struct reply *reply, const struct respond *respond)
{
	const char *page =
	    respond->page != NULL ? respond->page : page_http_sys_name(respond->status);

	http_sys_reply(reply, respond->status, page, "N/A");
	reply->layer = respond->layer;
	if (respond->layer == LAYER_POOL)
		reply->httperr_queue = POOL_QUEUE;
}

/* Something on the way that is no part of Windows: it says of itself what the rule says.
 */
static void
respond_network(struct reply *reply, const struct respond *respond)
{
	reply->status = respond->status;
	reply->reason = status_reason(respond->status);
	reply->layer = LAYER_NETWORK;
	reply_header(reply, "Date", reply_date);
	reply_header(reply, "Content-Length", reply_length);
}

void
edit_respond(struct reply *reply, const struct rule *rule, const struct iis *iis,
    const struct admin_facts *admin)
{
	const struct respond *respond = &rule->action.respond;

	switch (respond->layer) {
	case LAYER_HTTP_SYS:
	case LAYER_POOL:
		respond_http_sys(reply, respond);
		break;
	case LAYER_IIS:
	case LAYER_MSCEP:
	case LAYER_CRP:
		respond_iis(reply, respond, iis, admin);
		break;
	case LAYER_APP_PROXY:
		proxy_reply(reply, respond->status, respond->page);
		break;
	case LAYER_NETWORK:
		respond_network(reply, respond);
		break;
	}
	if (respond->reason != NULL)
		reply->reason = respond->reason;
	if (respond->body != NULL) {
		buf_reset(&reply->body);
		buf_add_text(&reply->body, respond->body);
	}
	edit_headers(reply, respond->headers, respond->header_count);
	edit_evidence(reply, &rule->evidence);
}

static void
edit_body(struct reply *reply, const char *word)
{
	const char *encoding = transform_encoding(word);
	struct bytes shared = reply->shared_body;

	if (shared.data != NULL) {
		buf_reset(&reply->body);
		buf_add(&reply->body, shared.data, shared.len);
		reply->shared_body = (struct bytes){NULL, 0};
	}
	(void)transform_body(word, &reply->body);
	if (encoding != NULL)
		reply_set_header(reply, "Content-Encoding", encoding);
}

void
edit_reply(struct reply *reply, const struct reply_edit *edit)
{
	if (edit->status != 0) {
		reply->status = edit->status;
		reply->reason = status_reason(edit->status);
	}
	if (edit->framing != FRAMING_USUAL)
		reply->framing = edit->framing;
	reply->is_http10 = reply->is_http10 || edit->is_http10;
	if (edit->body != NULL)
		edit_body(reply, edit->body);
	edit_headers(reply, edit->headers, edit->header_count);
}

void
edit_shaping(struct shaping *ret, const struct shaping_wish *wish, uint64_t delay_ms)
{
	*ret = (struct shaping){
	    .wait_head_ms = wish->delay.at == DELAY_HEAD ? delay_ms : 0,
	    .wait_body_ms = wish->delay.at == DELAY_BODY ? delay_ms : 0,
	    .drip_bytes = wish->drip_bytes,
	    .drip_ms = wish->drip_ms,
	    .cut = wish->cut,
	};
}
