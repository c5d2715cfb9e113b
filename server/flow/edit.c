#include "flow/edit.h"

#include "ndes/pages.h"

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
edit_body(struct reply *reply, const char *body)
{
	buf_reset(&reply->body);
	buf_add_text(&reply->body, body);
}

void
edit_respond(struct reply *reply, const struct rule *rule, const struct iis *iis)
{
	const struct respond *respond = &rule->respond;

	if (respond->layer == LAYER_HTTP_SYS) {
		const char *page = respond->page != NULL
		                       ? respond->page
		                       : page_http_sys_name(respond->status);
		http_sys_reply(reply, respond->status, page, "N/A");
	} else {
		iis_error_reply(reply, iis, respond->layer, respond->status, 0);
	}
	if (respond->reason != NULL)
		reply->reason = respond->reason;
	if (respond->body != NULL)
		edit_body(reply, respond->body);
	for (size_t i = 0; i < respond->header_count; i++)
		reply_set_header(
		    reply, respond->headers[i].name, respond->headers[i].value);
	edit_evidence(reply, &rule->evidence);
}
