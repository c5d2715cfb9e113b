#include "http/request.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static const struct request_limits ndes = REQUEST_LIMITS_NDES;

Test(request, trailers_are_no_headers)
{
	static const char stream[] =
	    "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nB:\r\n\r\n"
	    "0\r\nA: b\r\nHost: c\r\n\r\n";
	const unsigned char *data = (const unsigned char *)stream;
	struct request request = {.header_count = 0};
	struct reader reader;
	size_t head = 0;
	size_t used = 0;

	reader_init(&reader, &request, &ndes);
	reader_feed(&reader, data, sizeof(stream) - 1, &head);
	enum reader_state state =
	    reader_feed(&reader, data + head, sizeof(stream) - 1 - head, &used);
	cr_expect(eq(int, (int)state, READER_DONE));
	cr_expect(eq(sz, head + used, sizeof(stream) - 1));
	cr_expect(eq(sz, request.header_count, 3));
	cr_expect(eq(sz, request_header(&request, "B").len, 0));
	cr_expect(slice_is(request_header(&request, "Host"), "h"));
	request_clear(&request);
}

static bool
points_into(struct slice s, const struct buf *raw)
{
	const char *from = (const char *)raw->data;

	return s.text >= from && s.text + s.len <= from + raw->len;
}

Test(request, slices_point_into_the_kept_bytes)
{
	static const char stream[] =
	    "POST http://h/a?b=c HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx";
	char input[sizeof(stream)];
	struct request request = {.header_count = 0};
	struct reader reader;
	size_t used = 0;

	memcpy(input, stream, sizeof(stream));
	reader_init(&reader, &request, &ndes);
	enum reader_state state =
	    reader_feed(&reader, (const unsigned char *)input, sizeof(stream) - 1, &used);
	memset(input, 0, sizeof(input));
	cr_assert(eq(int, (int)state, READER_HEAD));
	cr_expect(eq(sz, used, sizeof(stream) - 2));
	cr_expect(points_into(request.line.method, &request.raw));
	cr_expect(points_into(request.line.target, &request.raw));
	cr_expect(points_into(request.headers[1].value, &request.raw));
	cr_expect(slice_is(request.url.path, "/a"));
	cr_expect(slice_is(request.url.query, "b=c"));
	cr_expect(slice_is(request_header(&request, "content-length"), "1"));
	cr_expect(eq(sz, request_header(&request, "content").len, 0));
	cr_expect(eq(sz, request.raw.len, used));
	cr_expect(request_is_method(&request, "POST"));
	cr_expect(not(request_is_method(&request, "post")));
	request_clear(&request);
}

Test(request, a_line_is_kept_while_the_head_is_still_coming)
{
	static const char stream[] = "GET /a?b HTTP/1.1\r\nHost: h\r\nUs";
	struct request request = {.header_count = 0};
	struct reader reader;
	size_t used = 0;

	reader_init(&reader, &request, &ndes);
	reader_feed(&reader, (const unsigned char *)stream, sizeof(stream) - 1, &used);
	cr_expect(eq(sz, used, 0));
	cr_expect(slice_is(request.line.target, "/a?b"));
	cr_expect(points_into(request.line.target, &request.raw));
	cr_expect(slice_is(request.url.query, "b"));
	request_clear(&request);
}

Test(request, a_refused_one_keeps_what_had_come)
{
	static const char stream[] = "GET /a?b HTTP/7.0\r\nHost: h\r\nUs";
	struct request request = {.header_count = 0};
	struct reader reader;
	size_t used = 0;

	reader_init(&reader, &request, &ndes);
	enum reader_state state = reader_feed(
	    &reader, (const unsigned char *)stream, sizeof(stream) - 1, &used);
	cr_expect(eq(int, (int)state, READER_REFUSED));
	cr_expect(eq(sz, used, sizeof(stream) - 1));
	cr_expect(eq(sz, request.raw.len, sizeof(stream) - 1));
	cr_expect(eq(uint, request.line.major, 7));
	cr_expect(slice_is(request.url.path, "/a"));
	request_clear(&request);
}

Test(request, reset_gives_back_the_memory_of_a_big_body_only)
{
	struct request request = {.header_count = 0};

	buf_reserve(&request.raw, 100);
	buf_reserve(&request.body, REQUEST_BODY_KEPT / 2);
	request_reset(&request);
	cr_expect(ge(sz, request.raw.cap, 100));
	cr_expect(ge(sz, request.body.cap, REQUEST_BODY_KEPT / 2));
	buf_reserve(&request.body, REQUEST_BODY_KEPT + 1);
	request_reset(&request);
	cr_expect(eq(sz, request.body.cap, 0));
	request_clear(&request);
	cr_expect(eq(sz, request.raw.cap, 0));
}
