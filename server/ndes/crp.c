#include "ndes/crp.h"

#include <string.h>

#define STEM "/CertificateRegistrationSvc/Certificate/"

/* The documented lines: size of the whole answer of IIS 8.5, and time. */
#define DOCUMENTED_SERVER  "Microsoft-IIS/8.5"
#define REQUEST_MS         1296
#define VERIFY_REQUEST_MS  875
#define VERIFY_REQUEST_LEN 341
#define NOTIFY_MS          62
#define NOTIFY_LEN         277

static void
start_reply(struct reply *reply, unsigned status)
{
	reply->status = status;
	reply->reason = status_reason(status);
	reply->layer = LAYER_CRP;
	reply_header(reply, "Cache-Control", "no-cache");
	reply_header(reply, "Pragma", "no-cache");
}

void
crp_reply(struct reply *reply, const struct iis *iis, enum area area)
{
	if (area == AREA_CRP_VERIFY) {
		start_reply(reply, 201);
		reply_header(reply, "Content-Type", "application/json; charset=utf-8");
		buf_add_text(&reply->body, "true");
	} else {
		start_reply(reply, 204);
	}
	reply_header(reply, "Expires", "-1");
	reply_header(reply, "Server", iis->version->server);
	reply_header(reply, "X-AspNet-Version", "4.0.30319");
	reply_header(reply, "X-Powered-By", "ASP.NET");
	reply_header(reply, "Date", reply_date);
	if (area == AREA_CRP_VERIFY) /* a 204 has none: RFC 9110 8.6 */
		reply_header(reply, "Content-Length", reply_length);
}

void
crp_bad_method_reply(struct reply *reply, const struct iis *iis)
{
	reply_header(reply, "Allow", "POST");
	iis_error_reply(reply, iis, LAYER_CRP, 405, 0);
}

size_t
crp_lines(const struct server_version *version, bool is_verified, uint64_t taken_ms,
    struct crp_line ret[CRP_LINES_MAX])
{
	/* what a longer or shorter Server header adds */
	size_t server_len = strlen(version->server);
	uint64_t documented_len = sizeof(DOCUMENTED_SERVER) - 1;

	ret[0] = (struct crp_line){
	    .stem = STEM "VerifyRequest",
	    .status = 201,
	    .bytes_sent = VERIFY_REQUEST_LEN + server_len - documented_len,
	    .time_taken_ms = taken_ms * VERIFY_REQUEST_MS / REQUEST_MS,
	};
	ret[1] = (struct crp_line){
	    .stem = STEM "Notify",
	    .status = 204,
	    .bytes_sent = NOTIFY_LEN + server_len - documented_len,
	    .time_taken_ms = taken_ms * NOTIFY_MS / REQUEST_MS,
	};
	return is_verified ? 2 : 1;
}
