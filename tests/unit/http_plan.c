#include "http/plan.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define DATE "Sun, 22 Nov 2026 14:00:00 GMT"

static struct reply
caps_reply(void)
{
	struct reply reply = {.status = 200, .reason = "OK"};

	reply_header(&reply, "Content-Length", reply_length);
	reply_header(&reply, "Content-Type", "text/plain");
	reply_header(&reply, "Server", "Microsoft-IIS/10.0");
	reply_header(&reply, "Date", reply_date);
	buf_add_text(&reply.body, "SHA-256\n");
	return reply;
}

#define CAPS_HEAD                        \
	"HTTP/1.1 200 OK\r\n"            \
	"Content-Length: 8\r\n"          \
	"Content-Type: text/plain\r\n"   \
	"Server: Microsoft-IIS/10.0\r\n" \
	"Date: " DATE "\r\n"

static const struct {
	const char *name;
	struct plan_manner manner;
	bool close;
	const char *want;
	enum step_kind last;
} manners[] = {
    {"1.1", {.keep_alive = true}, false, CAPS_HEAD "\r\nSHA-256\n", STEP_NEXT},
    {"1.1 close", {.say_close = true}, false,
        CAPS_HEAD "Connection: close\r\n\r\nSHA-256\n", STEP_CLOSE},
    {"1.0", {.keep_alive = false}, false, CAPS_HEAD "\r\nSHA-256\n", STEP_CLOSE},
    {"1.0 keep-alive", {.keep_alive = true, .say_keep_alive = true}, false,
        CAPS_HEAD "Connection: keep-alive\r\n\r\nSHA-256\n", STEP_NEXT},
    {"HEAD", {.keep_alive = true, .head_only = true}, false, CAPS_HEAD "\r\n", STEP_NEXT},
    {"reply closes", {.keep_alive = true}, true, CAPS_HEAD "\r\nSHA-256\n", STEP_CLOSE},
    {"reply closes, 1.0 keep-alive", {.keep_alive = true, .say_keep_alive = true}, true,
        CAPS_HEAD "\r\nSHA-256\n", STEP_CLOSE},
    {"reply closes and says so", {.keep_alive = true, .say_close = true}, true,
        CAPS_HEAD "Connection: close\r\n\r\nSHA-256\n", STEP_CLOSE},
};

Test(plan, reply_becomes_bytes_and_two_steps)
{
	struct plan plan = {.step_count = 0};

	for (size_t i = 0; i < sizeof(manners) / sizeof(manners[0]); i++) {
		const char *name = manners[i].name;
		struct reply reply = caps_reply();

		reply.close = manners[i].close;
		plan_from_reply(&plan, &reply, &manners[i].manner, DATE);
		cr_expect(slice_is(buf_slice(&plan.bytes), manners[i].want),
		    "case %s: %.*s", name, (int)plan.bytes.len, (char *)plan.bytes.data);
		cr_assert(eq(sz, plan.step_count, 2), "case %s", name);
		cr_expect(eq(int, (int)plan.steps[0].kind, STEP_WRITE), "case %s", name);
		cr_expect(eq(sz, plan.steps[0].offset, 0), "case %s", name);
		cr_expect(eq(sz, plan.steps[0].len, plan.bytes.len), "case %s", name);
		cr_expect(eq(int, (int)plan.steps[1].kind, (int)manners[i].last),
		    "case %s", name);
		reply_clear(&reply);
	}
	plan_clear(&plan);
}

Test(plan, nothing_is_added_to_an_empty_reply)
{
	struct plan plan = {.step_count = 0};
	struct reply reply = {.status = 204};
	struct plan_manner manner = {.keep_alive = true};

	plan_from_reply(&plan, &reply, &manner, DATE);
	cr_expect(slice_is(buf_slice(&plan.bytes), "HTTP/1.1 204 No Content\r\n\r\n"));
	plan_clear(&plan);
}

Test(plan, own_connection_header_stands_alone)
{
	struct plan plan = {.step_count = 0};
	struct reply reply = {.status = 400, .close = true};
	struct plan_manner manner = {.say_close = true};

	reply_header(&reply, "connection", "close");
	reply_header(&reply, "Content-Length", reply_length);
	plan_from_reply(&plan, &reply, &manner, DATE);
	cr_expect(slice_is(buf_slice(&plan.bytes), "HTTP/1.1 400 Bad Request\r\n"
	                                           "connection: close\r\n"
	                                           "Content-Length: 0\r\n\r\n"));
	plan_clear(&plan);
}

Test(plan, length_and_body_are_those_of_a_shared_body)
{
	struct plan plan = {.step_count = 0};
	struct reply reply = {.status = 200};
	struct plan_manner manner = {.keep_alive = true};

	reply_header(&reply, "Content-Length", reply_length);
	reply.shared_body = (struct bytes){(const unsigned char *)"a\0b", 3};
	plan_from_reply(&plan, &reply, &manner, DATE);
	struct slice want = SLICE("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na\0b");
	cr_expect(slice_equal(buf_slice(&plan.bytes), want));
	plan_clear(&plan);
}

Test(plan, a_wrong_length_in_the_list_is_sent_as_it_is)
{
	struct plan plan = {.step_count = 0};
	struct reply reply = {.status = 200, .reason = "Fine"};
	struct plan_manner manner = {.keep_alive = true};

	reply_header(&reply, "Content-Length", "(length)");
	buf_add_text(&reply.body, "ab");
	plan_from_reply(&plan, &reply, &manner, DATE);
	cr_expect(slice_is(buf_slice(&plan.bytes),
	    "HTTP/1.1 200 Fine\r\nContent-Length: (length)\r\n\r\nab"));
	reply_clear(&reply);
	plan_clear(&plan);
}

Test(plan, is_used_again_without_leftovers)
{
	struct plan plan = {.step_count = 0};
	struct reply reply = caps_reply();
	struct plan_manner manner = {.keep_alive = true};

	plan_from_reply(&plan, &reply, &manner, DATE);
	size_t len = plan.bytes.len;
	plan_from_reply(&plan, &reply, &manner, DATE);
	cr_expect(eq(sz, plan.bytes.len, len));
	cr_expect(eq(sz, plan.step_count, 2));
	plan_reset(&plan);
	cr_expect(eq(sz, plan.bytes.len, 0));
	cr_expect(eq(sz, plan.step_count, 0));
	plan_add(&plan, STEP_ABORT);
	cr_expect(eq(int, (int)plan.steps[0].kind, STEP_ABORT));
	reply_clear(&reply);
	plan_clear(&plan);
}

#define KEEP ((struct plan_manner){.keep_alive = true})
#define HEAD ((struct plan_manner){.keep_alive = true, .head_only = true})

static const struct {
	const char *name;
	enum framing framing;
	const char *body;
	struct plan_manner manner;
	const char *want; /* behind the status line */
	enum step_kind last;
} framings[] = {
    {"usual", FRAMING_USUAL, "abc", KEEP, "A: b\r\nContent-Length: 3\r\nC: d\r\n\r\nabc",
        STEP_NEXT},
    {"chunked", FRAMING_CHUNKED, "abc", KEEP,
        "A: b\r\nTransfer-Encoding: chunked\r\nC: d\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        STEP_NEXT},
    {"chunked, empty", FRAMING_CHUNKED, "", KEEP,
        "A: b\r\nTransfer-Encoding: chunked\r\nC: d\r\n\r\n0\r\n\r\n", STEP_NEXT},
    {"chunked, HEAD", FRAMING_CHUNKED, "abc", HEAD,
        "A: b\r\nTransfer-Encoding: chunked\r\nC: d\r\n\r\n", STEP_NEXT},
    {"until close", FRAMING_UNTIL_CLOSE, "abc", KEEP,
        "A: b\r\nC: d\r\nConnection: close\r\n\r\nabc", STEP_CLOSE},
    {"short", FRAMING_LENGTH_SHORT, "abc", KEEP,
        "A: b\r\nContent-Length: 2\r\nC: d\r\n\r\nabc", STEP_NEXT},
    {"short, empty", FRAMING_LENGTH_SHORT, "", KEEP,
        "A: b\r\nContent-Length: 0\r\nC: d\r\n\r\n", STEP_NEXT},
    {"long", FRAMING_LENGTH_LONG, "abc", KEEP,
        "A: b\r\nContent-Length: 103\r\nC: d\r\n\r\nabc", STEP_CLOSE},
    {"long, HEAD", FRAMING_LENGTH_LONG, "abc", HEAD,
        "A: b\r\nContent-Length: 103\r\nC: d\r\n\r\n", STEP_CLOSE},
    {"twice", FRAMING_LENGTH_TWICE, "abc", KEEP,
        "A: b\r\nContent-Length: 3\r\nContent-Length: 2\r\nC: d\r\n\r\nabc", STEP_NEXT},
    {"twice, empty", FRAMING_LENGTH_TWICE, "", KEEP,
        "A: b\r\nContent-Length: 0\r\nContent-Length: 1\r\nC: d\r\n\r\n", STEP_NEXT},
    {"bad chunk", FRAMING_BAD_CHUNK, "abc", KEEP,
        "A: b\r\nTransfer-Encoding: chunked\r\nC: d\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n",
        STEP_NEXT},
};

Test(plan, framing_takes_the_place_of_content_length)
{
	struct plan plan = {.step_count = 0};

	for (size_t i = 0; i < sizeof(framings) / sizeof(framings[0]); i++) {
		struct reply reply = {.status = 200, .framing = framings[i].framing};
		struct slice got;

		reply_header(&reply, "A", "b");
		reply_header(&reply, "Content-Length", reply_length);
		reply_header(&reply, "C", "d");
		if (framings[i].framing != FRAMING_USUAL)
			reply_header(&reply, "content-length", "9");
		buf_add_text(&reply.body, framings[i].body);
		plan_from_reply(&plan, &reply, &framings[i].manner, DATE);
		got = buf_slice(&plan.bytes);
		cr_assert(slice_starts_nocase(got, "HTTP/1.1 200 OK\r\n"));
		got.text += 17;
		got.len -= 17;
		cr_expect(slice_is(got, framings[i].want), "case %s: %.*s",
		    framings[i].name, (int)got.len, got.text);
		cr_expect(eq(int, (int)plan.steps[1].kind, (int)framings[i].last),
		    "case %s", framings[i].name);
		reply_clear(&reply);
	}
	plan_clear(&plan);
}

Test(plan, framing_without_content_length_comes_last)
{
	struct plan plan = {.step_count = 0};
	struct reply reply = {.status = 200, .framing = FRAMING_LENGTH_LONG};

	reply_header(&reply, "A", "b");
	plan_from_reply(&plan, &reply, &KEEP, DATE);
	cr_expect(slice_is(buf_slice(&plan.bytes),
	    "HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 100\r\n\r\n"));
	reply_clear(&reply);
	plan_clear(&plan);
}

Test(plan, a_long_body_has_several_chunks)
{
	struct plan plan = {.step_count = 0};
	struct reply reply = {.status = 200, .framing = FRAMING_CHUNKED};
	struct buf want = BUF_INIT;

	for (int i = 0; i < 1500; i++)
		buf_add_char(&reply.body, 'x');
	plan_from_reply(&plan, &reply, &KEEP, DATE);
	buf_add_text(
	    &want, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n");
	buf_add(&want, reply.body.data, 1024);
	buf_add_text(&want, "\r\n1dc\r\n");
	buf_add(&want, reply.body.data, 476);
	buf_add_text(&want, "\r\n0\r\n\r\n");
	cr_expect(slice_equal(buf_slice(&plan.bytes), buf_slice(&want)));
	buf_clear(&want);
	reply_clear(&reply);
	plan_clear(&plan);
}

static const struct {
	const char *name;
	struct plan_manner manner;
	const char *connection; /* the reply's own header */
	bool breaks_off;
	const char *want;
	enum step_kind last;
} endings[] = {
    {"1.0 says nothing and closes", {.keep_alive = true}, NULL, false,
        "HTTP/1.0 200 OK\r\n\r\n", STEP_CLOSE},
    {"1.0 that was asked to stay", {.keep_alive = true, .say_keep_alive = true}, NULL,
        false, "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n", STEP_NEXT},
    {"1.0 that promises by itself", {.keep_alive = true}, "Keep-Alive", false,
        "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n\r\n", STEP_NEXT},
    {"1.0 with a promise, broken off", {.keep_alive = true, .say_keep_alive = true}, NULL,
        true, "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n", STEP_CLOSE},
};

Test(plan, http_1_0_stays_open_only_if_it_says_so)
{
	struct plan plan = {.step_count = 0};

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		struct reply reply = {.status = 200,
		    .is_http10 = true,
		    .breaks_off = endings[i].breaks_off};

		if (endings[i].connection != NULL)
			reply_header(&reply, "Connection", endings[i].connection);
		plan_from_reply(&plan, &reply, &endings[i].manner, DATE);
		cr_expect(slice_is(buf_slice(&plan.bytes), endings[i].want),
		    "case %s: %.*s", endings[i].name, (int)plan.bytes.len,
		    (char *)plan.bytes.data);
		cr_expect(eq(int, (int)plan.steps[1].kind, (int)endings[i].last),
		    "case %s", endings[i].name);
		reply_clear(&reply);
	}
	plan_clear(&plan);
}

Test(plan, a_promise_that_is_broken_is_made_all_the_same)
{
	struct plan plan = {.step_count = 0};
	struct reply reply = caps_reply();

	reply.breaks_off = true;
	plan_from_reply(&plan, &reply, &KEEP, DATE);
	cr_expect(slice_is(buf_slice(&plan.bytes), CAPS_HEAD "\r\nSHA-256\n"));
	cr_expect(eq(int, (int)plan.steps[1].kind, STEP_CLOSE));
	reply_clear(&reply);
	plan_clear(&plan);
}

Test(plan, headers_of_one_name_all_leave_and_the_body_is_marked)
{
	struct plan plan = {.step_count = 0};
	struct reply reply = {.status = 401};

	reply_header(&reply, "WWW-Authenticate", "Negotiate");
	reply_header(&reply, "WWW-Authenticate", "NTLM");
	buf_add_text(&reply.body, "no");
	plan_from_reply(&plan, &reply, &KEEP, DATE);
	cr_expect(slice_is(buf_slice(&plan.bytes),
	    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\n"
	    "WWW-Authenticate: NTLM\r\n\r\nno"));
	cr_expect(eq(sz, plan.body_at, plan.bytes.len - 2));
	plan_from_reply(&plan, &reply, &HEAD, DATE);
	cr_expect(eq(sz, plan.body_at, plan.bytes.len), "no body");
	reply_clear(&reply);
	plan_clear(&plan);
}

/* The steps as text: "wait 5; write 0+17; drip 17+3 1/10; next". */
static void
describe(const struct plan *plan, char *out, size_t size)
{
	static const char *const names[] = {"write", "drip", "wait", "acked", "fin",
	    "hold", "close", "cut", "reset", "abort", "next"};
	size_t len = 0;

	for (size_t i = 0; i < plan->step_count; i++) {
		const struct step *step = &plan->steps[i];

		len += (size_t)snprintf(
		    out + len, size - len, "%s%s", i > 0 ? "; " : "", names[step->kind]);
		if (step->kind == STEP_WRITE || step->kind == STEP_DRIP)
			len += (size_t)snprintf(
			    out + len, size - len, " %zu+%zu", step->offset, step->len);
		if (step->kind == STEP_DRIP)
			len += (size_t)snprintf(out + len, size - len, " %zu/%u",
			    step->chunk, (unsigned)step->wait_ms);
		if (step->kind == STEP_WAIT)
			len += (size_t)snprintf(
			    out + len, size - len, " %u", (unsigned)step->wait_ms);
	}
}

#define CUT(where, after, end)                    \
	{                                         \
		CUT_##where, after, CUT_END_##end \
	}

/* The head is 19 bytes, 17 of them the status line; the body is ten. */
static const struct {
	const char *name;
	struct shaping shaping;
	const char *want;
} shapings[] = {
    {"nothing", {.drip_ms = 5}, "write 0+29; next"},
    {"wait for the head", {.wait_head_ms = 5}, "wait 5; write 0+29; next"},
    {"wait for the body", {.wait_body_ms = 5}, "write 0+19; wait 5; write 19+10; next"},
    {"drip", {.drip_bytes = 3, .drip_ms = 7}, "drip 0+29 3/7; next"},
    {"all at once", {.wait_head_ms = 1, .wait_body_ms = 2, .drip_bytes = 3, .drip_ms = 4},
        "wait 1; drip 0+19 3/4; wait 2; drip 19+10 3/4; next"},
    {"status line", {.wait_body_ms = 5, .cut = CUT(STATUS_LINE, 0, CLOSE)},
        "write 0+17; cut"},
    {"no body byte", {.cut = CUT(BODY_BYTES, 0, CLOSE)}, "write 0+19; cut"},
    {"no body byte, late", {.wait_body_ms = 5, .cut = CUT(BODY_BYTES, 0, CLOSE)},
        "write 0+19; wait 5; cut"},
    {"some body bytes", {.cut = CUT(BODY_BYTES, 4, RESET)}, "write 0+23; acked; reset"},
    {"more than there are", {.cut = CUT(BODY_BYTES, 11, STALL)}, "write 0+29; hold"},
    {"a huge number", {.cut = CUT(BODY_BYTES, SIZE_MAX, STALL)}, "write 0+29; hold"},
    {"percent", {.cut = CUT(BODY_PERCENT, 55, STALL)}, "write 0+24; hold"},
    {"100 percent", {.cut = CUT(BODY_PERCENT, 100, CLOSE)}, "write 0+29; cut"},
    {"dripping reset", {.drip_bytes = 2, .drip_ms = 1, .cut = CUT(BODY_BYTES, 4, RESET)},
        "drip 0+23 2/1; acked; reset"},
};

Test(plan, shaping_changes_the_steps_and_leaves_the_bytes)
{
	struct plan plan = {.step_count = 0};
	struct reply reply = {.status = 200};
	char got[200];

	buf_add_text(&reply.body, "0123456789");
	for (size_t i = 0; i < sizeof(shapings) / sizeof(shapings[0]); i++) {
		plan_from_reply(&plan, &reply, &KEEP, DATE);
		plan_shape(&plan, &shapings[i].shaping);
		describe(&plan, got, sizeof(got));
		cr_expect(strcmp(got, shapings[i].want) == 0, "case %s: %s",
		    shapings[i].name, got);
		cr_expect(eq(sz, plan.bytes.len, 29), "case %s", shapings[i].name);
	}
	reply_clear(&reply);
	plan_clear(&plan);
}

Test(plan, shaping_an_answer_without_body_waits_for_the_head_alone)
{
	struct plan plan = {.step_count = 0};
	struct reply reply = {.status = 204, .close = true};
	struct shaping shaping = {.wait_head_ms = 1, .wait_body_ms = 2};
	char got[200];

	plan_from_reply(&plan, &reply, &KEEP, DATE);
	plan_shape(&plan, &shaping);
	describe(&plan, got, sizeof(got));
	cr_expect(strcmp(got, "wait 1; write 0+27; close") == 0, "%s", got);
	plan_clear(&plan);
}

Test(plan, a_plan_without_bytes_can_wait)
{
	struct plan plan = {.step_count = 0};
	struct shaping shaping = {.wait_head_ms = 9, .wait_body_ms = 2, .drip_bytes = 1};
	char got[200];

	plan_add(&plan, STEP_FIN);
	plan_add(&plan, STEP_HOLD);
	plan_shape(&plan, &shaping);
	describe(&plan, got, sizeof(got));
	cr_expect(strcmp(got, "wait 9; fin; hold") == 0, "%s", got);
	plan_clear(&plan);
}

Test(plan, one_step_too_many_aborts, .signal = SIGABRT)
{
	struct plan plan = {.step_count = 0};

	for (size_t i = 0; i <= PLAN_STEPS_MAX; i++)
		plan_add(&plan, STEP_NEXT);
}
