#include "http/reply.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>

/* The headers as "Name=value;", in order. */
static struct slice
listed(const struct reply *reply, struct buf *out)
{
	buf_reset(out);
	for (size_t i = 0; i < reply->header_count; i++) {
		buf_add_text(out, reply->headers[i].name);
		buf_add_char(out, '=');
		buf_add_text(out, reply->headers[i].value);
		buf_add_char(out, ';');
	}
	return buf_slice(out);
}

static void
three_headers(struct reply *reply)
{
	reply_header(reply, "Content-Type", "text/html");
	reply_header(reply, "Server", "Microsoft-IIS/10.0");
	reply_header(reply, "X-Powered-By", "ASP.NET");
}

Test(reply, headers_keep_their_order)
{
	struct reply reply = {.status = 200};
	struct buf out = BUF_INIT;

	three_headers(&reply);
	cr_expect(slice_is(listed(&reply, &out),
	    "Content-Type=text/html;Server=Microsoft-IIS/10.0;X-Powered-By=ASP.NET;"));
	buf_clear(&out);
	reply_clear(&reply);
}

static const struct {
	const char *name;
	const char *value;
	const char *want;
} edits[] = {
    {"server", "x", "Content-Type=text/html;Server=x;X-Powered-By=ASP.NET;"},
    {"Via", "1.1 proxy",
        "Content-Type=text/html;Server=Microsoft-IIS/10.0;X-Powered-By=ASP.NET;Via=1.1 proxy;"},
    {"CONTENT-TYPE", NULL, "Server=Microsoft-IIS/10.0;X-Powered-By=ASP.NET;"},
    {"X-Powered-By", NULL, "Content-Type=text/html;Server=Microsoft-IIS/10.0;"},
    {"Via", NULL,
        "Content-Type=text/html;Server=Microsoft-IIS/10.0;X-Powered-By=ASP.NET;"},
};

Test(reply, set_header_changes_in_place_appends_or_takes_out)
{
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		struct reply reply = {.status = 200};
		struct buf out = BUF_INIT;

		three_headers(&reply);
		reply_set_header(&reply, edits[i].name, edits[i].value);
		cr_expect(slice_is(listed(&reply, &out), edits[i].want), "case %zu", i);
		buf_clear(&out);
		reply_clear(&reply);
	}
}

Test(reply, set_header_leaves_one_of_a_repeated_name)
{
	struct reply reply = {.status = 401};
	struct buf out = BUF_INIT;

	reply_header(&reply, "WWW-Authenticate", "Negotiate");
	reply_header(&reply, "Date", "d");
	reply_header(&reply, "WWW-Authenticate", "NTLM");
	reply_set_header(&reply, "WWW-Authenticate", "Basic");
	cr_expect(slice_is(listed(&reply, &out), "WWW-Authenticate=Basic;Date=d;"));
	reply_set_header(&reply, "WWW-Authenticate", NULL);
	cr_expect(slice_is(listed(&reply, &out), "Date=d;"));
	buf_clear(&out);
	reply_clear(&reply);
}

Test(reply, one_header_too_many_aborts, .signal = SIGABRT)
{
	struct reply reply = {.status = 200};

	for (size_t i = 0; i <= REPLY_HEADERS_MAX; i++)
		reply_header(&reply, "A", "b");
}

Test(reply, a_shared_body_stands_before_its_own)
{
	struct reply reply = {.status = 200};

	buf_add_text(&reply.body, "own");
	cr_expect(eq(sz, reply_body(&reply).len, 3));
	reply.shared_body = (struct bytes){(const unsigned char *)"shared", 6};
	cr_expect(eq(sz, reply_body(&reply).len, 6));
	reply_clear(&reply);
}

Test(reply, reset_forgets_everything_but_the_memory)
{
	struct reply reply = {.status = 500,
	    .close = true,
	    .breaks_off = true,
	    .is_http10 = true,
	    .framing = FRAMING_BAD_CHUNK,
	    .win32 = 1346};

	buf_add_text(&reply.body, "own");
	three_headers(&reply);
	reply.httperr_reason = "URL";
	reply_reset(&reply);
	cr_expect(eq(sz, reply_body(&reply).len, 0));
	cr_expect(eq(sz, reply.header_count, 0));
	cr_expect(eq(uint, reply.status, 0));
	cr_expect(eq(uint, reply.win32, 0));
	cr_expect(not(reply.close));
	cr_expect(not(reply.breaks_off));
	cr_expect(not(reply.is_http10));
	cr_expect(eq(int, (int)reply.framing, FRAMING_USUAL));
	cr_expect(reply.httperr_reason == NULL);
	cr_expect(reply.body.cap > 0);
	reply_clear(&reply);
	cr_expect(eq(sz, reply.body.cap, 0));
}

static const struct {
	unsigned status;
	const char *reason;
} reasons[] = {
    {200, "OK"},
    {301, "Moved Permanently"},
    {404, "Not Found"},
    {411, "Length Required"},
    {413, "Request Entity Too Large"},
    {414, "Request-URI Too Long"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {299, "Unknown"},
    {0, "Unknown"},
};

Test(reply, status_has_its_usual_reason)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		const char *got = status_reason(reasons[i].status);
		cr_expect(slice_is(slice_of(got), reasons[i].reason), "status %u: %s",
		    reasons[i].status, got);
	}
}
