#include "http/plan.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>

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

Test(plan, one_step_too_many_aborts, .signal = SIGABRT)
{
	struct plan plan = {.step_count = 0};

	for (size_t i = 0; i <= PLAN_STEPS_MAX; i++)
		plan_add(&plan, STEP_NEXT);
}
