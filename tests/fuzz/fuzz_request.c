/*
 * A stream of requests, cut into pieces: nothing crashes, nothing is read or kept
 * outside of its bytes, and what is said does not depend on the cuts.
 */
#include "http/request.h"

#include "fuzz.h"
#include <string.h>

/* Small, so that a short input can pass them. */
static const struct request_limits limits = {96, 256, 64};

static void
must_be_in_raw(struct slice s, const struct buf *raw)
{
	const char *from = (const char *)raw->data;

	if (s.len > 0)
		must(s.text >= from && s.text + s.len <= from + raw->len);
}

static void
say_request(struct buf *said, const struct request *request)
{
	buf_add_slice(said, request->line.method);
	buf_add_slice(said, request->line.target);
	buf_add_format(said, "%u %zu", request->line.minor, request->header_count);
	for (size_t i = 0; i < request->header_count; i++) {
		must_be_in_raw(request->headers[i].name, &request->raw);
		must_be_in_raw(request->headers[i].value, &request->raw);
		must(request->headers[i].name.len > 0);
		buf_add_slice(said, request->headers[i].name);
		buf_add_char(said, '=');
		buf_add_slice(said, request->headers[i].value);
		buf_add_char(said, '\n');
	}
	buf_add_format(said, "%d%d%d%d\n", request->keep_alive, request->has_length,
	    request->is_chunked, request->expects_continue);
}

/* Of a refused request only the reason: more of it may have come in a bigger piece. */
static void
say(struct buf *said, const struct request *request, enum reader_state state)
{
	if (state == READER_MORE)
		return;
	must_be_in_raw(request->line.method, &request->raw);
	must_be_in_raw(request->line.target, &request->raw);
	buf_add_format(said, "%d %d ", (int)state, (int)request->refusal);
	if (state == READER_HEAD)
		say_request(said, request);
	if (state == READER_DONE) {
		must(request->body_bytes == request->body.len);
		must(request->body_bytes <= limits.max_body_bytes);
		buf_add_slice(said, buf_slice(&request->body));
	}
}

/* `cuts` gives the sizes of the pieces in turn; none: all at once. */
static void
play(struct bytes stream, struct bytes cuts, struct buf *said)
{
	static struct request request; /* kept, as on a connection */
	struct reader reader;
	size_t taken = 0;
	size_t there = cuts.len == 0 ? stream.len : 0;
	enum reader_state state = READER_MORE;

	reader_init(&reader, &request, &limits);
	for (size_t turn = 0; state != READER_REFUSED; turn++) {
		size_t used = 0;
		/* A copy of its own, so that a byte read too far is seen. */
		unsigned char *copy = malloc(there - taken + (there == taken));
		must(copy != NULL);
		memcpy(copy, stream.data + taken, there - taken);
		state = reader_feed(&reader, copy, there - taken, &used);
		free(copy);
		must(used <= there - taken);
		taken += used;
		say(said, &request, state);
		if (state == READER_DONE)
			reader_next(&reader);
		if (state != READER_MORE)
			continue;
		if (there == stream.len)
			break;
		size_t piece = cuts.data[turn % cuts.len] % 32U + 1;
		there += piece < stream.len - there ? piece : stream.len - there;
	}
	request_clear(&request);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf whole = BUF_INIT;
	struct buf pieces = BUF_INIT;

	if (len < 4)
		return 0;
	play((struct bytes){data + 4, len - 4}, (struct bytes){NULL, 0}, &whole);
	play((struct bytes){data + 4, len - 4}, (struct bytes){data, 4}, &pieces);
	must(slice_equal(buf_slice(&whole), buf_slice(&pieces)));
	buf_clear(&whole);
	buf_clear(&pieces);
	return 0;
}
