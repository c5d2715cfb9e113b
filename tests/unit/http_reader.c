#include "http/request.h" /* reader.c */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

/* A connection: what came, what of it was taken, and what was said about it. */
struct session {
	struct request request;
	struct reader reader;
	struct buf said;
};

static const struct request_limits ndes = REQUEST_LIMITS_NDES;
static const struct request_limits stock = {16384, 16384, 30000000};
static const struct request_limits tight = {64, 256, 8};

static void
say_head(struct buf *said, const struct request *request)
{
	buf_add_slice(said, request->line.method);
	buf_add_char(said, ' ');
	buf_add_slice(said, request->line.target);
	buf_add_format(said, " %u.%u", request->line.major, request->line.minor);
	for (size_t i = 0; i < request->header_count; i++) {
		buf_add_char(said, '|');
		buf_add_slice(said, request->headers[i].name);
		buf_add_char(said, '=');
		buf_add_slice(said, request->headers[i].value);
	}
	buf_add_text(said, request->keep_alive ? "|keep" : "|close");
	buf_add_text(said, request->has_length ? ",length" : "");
	buf_add_text(said, request->is_chunked ? ",chunked" : "");
	buf_add_text(said, request->expects_continue ? ",continue" : "");
}

static const char *const refusal_words[REFUSAL_COUNT] = {"none", "bad-request", "url",
    "hostname", "verb", "version", "crlf", "header", "field-length", "request-length",
    "url-length", "number", "length-required", "too-large"};

static void
say(struct session *s, enum reader_state state)
{
	switch (state) {
	case READER_MORE:
		break;
	case READER_HEAD:
		say_head(&s->said, &s->request);
		break;
	case READER_DONE:
		buf_add_text(&s->said, " [");
		buf_add_slice(&s->said, buf_slice(&s->request.body));
		buf_add_text(&s->said, "]\n");
		break;
	case READER_REFUSED:
		buf_add_text(&s->said, "!");
		buf_add_text(&s->said, refusal_words[s->request.refusal]);
		buf_add_char(&s->said, ' ');
		buf_add_slice(&s->said, s->request.line.method);
		break;
	}
}

/* Plays `stream` in pieces of `step` bytes (0: all at once); s->said tells the rest. */
static void
play(struct session *s, struct slice stream, size_t step,
    const struct request_limits *limits)
{
	const unsigned char *data = (const unsigned char *)stream.text;
	size_t taken = 0;
	size_t there = step == 0 || step > stream.len ? stream.len : step;
	enum reader_state state = READER_MORE;

	memset(s, 0, sizeof(*s));
	reader_init(&s->reader, &s->request, limits);
	while (state != READER_REFUSED) {
		size_t used = 0;
		state = reader_feed(&s->reader, data + taken, there - taken, &used);
		cr_assert(le(sz, used, there - taken));
		taken += used;
		say(s, state);
		if (state == READER_DONE)
			reader_next(&s->reader);
		if (state == READER_MORE && there == stream.len)
			break;
		if (state == READER_MORE)
			there = stream.len - there < step ? stream.len : there + step;
	}
	if (state == READER_MORE && taken < stream.len)
		buf_add_text(&s->said, "...");
}

static void
session_clear(struct session *s)
{
	request_clear(&s->request);
	buf_clear(&s->said);
}

/* The same must be said however the bytes are cut. */
static void
expect_said(const char *name, struct slice stream, const struct request_limits *limits,
    const char *want)
{
	static const size_t steps[] = {0, 1, 2, 3, 7, 64, 1000};
	static struct session s; /* big */

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		play(&s, stream, steps[i], limits);
		cr_expect(slice_is(buf_slice(&s.said), want),
		    "case %s, step %zu: got \"%.*s\", want \"%s\"", name, steps[i],
		    (int)(s.said.len > 300 ? 300 : s.said.len), (char *)s.said.data,
		    want);
		session_clear(&s);
	}
}

struct stream_case {
	const char *name;
	const char *stream;
	const char *want;
};

static void
expect_all(
    const struct stream_case *cases, size_t count, const struct request_limits *limits)
{
	for (size_t i = 0; i < count; i++)
		expect_said(
		    cases[i].name, slice_of(cases[i].stream), limits, cases[i].want);
}

#define EXPECT_ALL(cases, limits) \
	expect_all(cases, sizeof(cases) / sizeof(cases[0]), limits)

static const struct stream_case good[] = {
    {"get", "GET /a?b HTTP/1.1\r\nHost: h\r\n\r\n", "GET /a?b 1.1|Host=h|keep []\n"},
    {"unknown verb", "get /a HTTP/1.1\r\nHost: h\r\n\r\n", "get /a 1.1|Host=h|keep []\n"},
    {"connect", "CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.0\r\n\r\n",
        "CONNECT h:1 1.1|Host=h|keep []\nGET / 1.0|close []\n"},
    {"head", "HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n", "HEAD /a 1.1|Host=h|keep []\n"},
    {"1.0", "GET /a HTTP/1.0\r\n\r\n", "GET /a 1.0|close []\n"},
    {"1.0 keep-alive", "GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
        "GET /a 1.0|Connection=Keep-Alive|keep []\n"},
    {"close", "GET /a HTTP/1.1\r\nHost: h\r\nconnection: close\r\n\r\n",
        "GET /a 1.1|Host=h|connection=close|close []\n"},
    {"close in a list", "GET /a HTTP/1.1\r\nHost: h\r\nConnection: TE, close\r\n\r\n",
        "GET /a 1.1|Host=h|Connection=TE, close|close []\n"},
    {"upgrade",
        "GET /a HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nGET /b "
        "HTTP/1.0\r\n\r\n",
        "GET /a 1.1|Host=h|Connection=Upgrade|Upgrade=h2c|keep []\nGET /b 1.0|close []\n"},
    {"upgrade with a body",
        "PUT /a HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: x\r\nContent-Length: "
        "1\r\n\r\nxGET /b HTTP/1.0\r\n\r\n",
        "PUT /a 1.1|Host=h|Connection=Upgrade|Upgrade=x|Content-Length=1|keep,length [x]\n"
        "GET /b 1.0|close []\n"},
    {"upgrade with chunks",
        "PUT /a HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: x\r\n"
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /b HTTP/1.0\r\n\r\n",
        "PUT /a 1.1|Host=h|Connection=Upgrade|Upgrade=x|Transfer-Encoding=chunked|keep,"
        "chunked []\nGET /b 1.0|close []\n"},
    {"blanks around values", "GET /a HTTP/1.1\r\nHost:  h \t \r\nA:\r\nB: \t\r\n\r\n",
        "GET /a 1.1|Host=h|A=|B=|keep []\n"},
    {"folded", "GET /a HTTP/1.1\r\nHost: h\r\nA: one\r\n two\r\n\tthree\r\nB: c\r\n\r\n",
        "GET /a 1.1|Host=h|A=one|B=c|keep []\n"},
    {"folded, first line empty", "GET /a HTTP/1.1\r\nHost: h\r\nA:\r\n two\r\n\r\n",
        "GET /a 1.1|Host=h|A=two|keep []\n"},
    {"repeated", "GET /a HTTP/1.1\r\nHost: h\r\nA: 1\r\na: 2\r\n\r\n",
        "GET /a 1.1|Host=h|A=1|a=2|keep []\n"},
    {"length", "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
        "POST /a 1.1|Host=h|Content-Length=5|keep,length [hello]\n"},
    {"length 0", "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
        "POST /a 1.1|Host=h|Content-Length=0|keep,length []\n"},
    {"body of a GET", "GET /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi",
        "GET /a 1.1|Host=h|Content-Length=2|keep,length [hi]\n"},
    {"body of a HEAD", "HEAD /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi",
        "HEAD /a 1.1|Host=h|Content-Length=2|keep,length [hi]\n"},
    {"options needs no length", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
        "OPTIONS * 1.1|Host=h|keep []\n"},
    {"chunked",
        "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5\r\nhello\r\n00a;x=\"y\"\r\n, world of\r\n0\r\n\r\n",
        "POST /a 1.1|Host=h|Transfer-Encoding=chunked|keep,chunked [hello, world of]\n"},
    {"trailers",
        "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        "1\r\nx\r\n0\r\nA: b\r\n\r\nGET / HTTP/1.0\r\n\r\n",
        "POST /a 1.1|Host=h|Transfer-Encoding=chunked|keep,chunked [x]\nGET / 1.0|close []\n"},
    {"empty chunked",
        "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /a 1.1|Host=h|Transfer-Encoding=chunked|keep,chunked []\n"},
    {"chunked in 1.0 closes",
        "POST /a HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"
        "0\r\n\r\n",
        "POST /a 1.0|Connection=keep-alive|Transfer-Encoding=chunked|close,chunked []\n"},
    {"continue",
        "POST /a HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\nx",
        "POST /a 1.1|Host=h|Expect=100-Continue|Content-Length=1|keep,length,continue "
        "[x]\n"},
    {"no continue in 1.0",
        "POST /a HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
        "POST /a 1.0|Expect=100-continue|Content-Length=1|close,length [x]\n"},
    {"empty lines first", "\r\n\r\nGET /a HTTP/1.0\r\n\r\n", "GET /a 1.0|close []\n"},
    {"empty lines alone", "\r\n\r\n", ""},
    {"empty line between", "GET /a HTTP/1.0\r\n\r\n\r\nGET /b HTTP/1.0\r\n\r\n",
        "GET /a 1.0|close []\nGET /b 1.0|close []\n"},
    {"pipelined",
        "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\n"
        "Host: h\r\n\r\nGET /c HTTP/1.1\r\nHost: h\r\n\r\nGET /d",
        "POST /a 1.1|Host=h|Content-Length=3|keep,length [abc]\n"
        "GET /b 1.1|Host=h|keep []\nGET /c 1.1|Host=h|keep []\n..."},
    {"pipelined after close",
        "POST /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 1\r\n\r\n"
        "xGET /b HTTP/1.0\r\n\r\n",
        "POST /a 1.1|Host=h|Connection=close|Content-Length=1|close,length [x]\n"
        "GET /b 1.0|close []\n"},
    {"unfinished line", "GET /a HT", "..."},
    {"unfinished head", "GET /a HTTP/1.1\r\nHost: h\r\n\r", "..."},
    {"unfinished body", "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nab",
        "PUT /a 1.1|Host=h|Content-Length=3|keep,length"},
};

Test(reader, is_read_the_same_however_its_bytes_are_cut)
{
	EXPECT_ALL(good, &ndes);
}

#define HEAD         "POST /a HTTP/1.1\r\nHost: h\r\n"
#define CHUNKED      HEAD "Transfer-Encoding: chunked\r\n\r\n"
#define CHUNKED_SAID "POST /a 1.1|Host=h|Transfer-Encoding=chunked|keep,chunked"

static const struct stream_case bad[] = {
    {"verb", "G@T /a HTTP/1.1\r\nHost: h\r\n\r\n", "!verb G@T"},
    {"verb, before the head ends", "G@T /a HTTP/1.1\r\n", "!verb G@T"},
    {"TLS", "\x16\x03\x01\n", "!crlf \x16\x03\x01"},
    {"0.9", "GET /a\r\n", "!bad-request GET"},
    {"version", "GET /a HTTP/2.0\r\n", "!version GET"},
    {"control in the target", "GET /\x01 HTTP/1.1\r\n", "!url GET"},
    {"LF only", "GET /a HTTP/1.1\nHost: h\n\n", "!crlf GET"},
    {"LF after a header", "GET /a HTTP/1.1\r\nHost: h\n\r\n", "!crlf GET"},
    {"LF for the empty line", "GET /a HTTP/1.1\r\nHost: h\r\n\n", "!crlf GET"},
    {"LF first", "\nGET /a HTTP/1.1\r\n", "!crlf "},
    {"CR first", "\rGET /a HTTP/1.1\r\n", "!verb \rGET"},
    {"CR in a value", "GET /a HTTP/1.1\r\nHost: h\rx: y\r\n\r\n", "!crlf GET"},
    {"empty name", "GET /a HTTP/1.1\r\n: h\r\n", "!header GET"},
    {"blank before the colon", "GET /a HTTP/1.1\r\nHost : h\r\n\r\n", "!header GET"},
    {"no colon", "GET /a HTTP/1.1\r\nHost\r\n\r\n", "!header GET"},
    {"fold with nothing before", "GET /a HTTP/1.1\r\n Host: h\r\n\r\n", "!header GET"},
    {"control in a value", "GET /a HTTP/1.1\r\nHost: \x01\r\n\r\n", "!header GET"},
    {"hidden coding", HEAD "X:\rTransfer-Encoding: chunked\r\n\r\n", "!crlf POST"},
    {"no host", "GET /a HTTP/1.1\r\n\r\n", "!hostname GET"},
    {"two hosts", "GET /a HTTP/1.1\r\nHost: h\r\nhost: h\r\n\r\n", "!hostname GET"},
    {"two hosts in 1.0", "GET /a HTTP/1.0\r\nHost: h\r\nhost: h\r\n\r\n",
        "!hostname GET"},
    {"POST without length", HEAD "\r\n", "!length-required POST"},
    {"PUT without length", "PUT /a HTTP/1.1\r\nHost: h\r\n\r\n", "!length-required PUT"},
    {"two lengths", HEAD "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx",
        "!number POST"},
    {"length and chunked", HEAD "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "!number POST"},
    {"chunked and length", HEAD "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
        "!number POST"},
    {"negative length", HEAD "Content-Length: -1\r\n\r\n", "!number POST"},
    {"signed length", HEAD "Content-Length: +1\r\n\r\n", "!number POST"},
    {"list of lengths", HEAD "Content-Length: 1, 1\r\n\r\n", "!number POST"},
    {"hex length", HEAD "Content-Length: 0x1\r\n\r\n", "!number POST"},
    {"huge length", HEAD "Content-Length: 18446744073709551616\r\n\r\n", "!number POST"},
    {"empty length", HEAD "Content-Length:\r\n\r\n", "!number POST"},
    {"folded length", HEAD "Content-Length: 1\r\n 0\r\n\r\nx", "!number POST"},
    {"unknown coding", HEAD "Transfer-Encoding: identity\r\n\r\n", "!bad-request POST"},
    {"coding after chunked", HEAD "Transfer-Encoding: chunked, gzip\r\n\r\n",
        "!bad-request POST"},
    {"chunk size", CHUNKED "x\r\n", CHUNKED_SAID "!number POST"},
    {"negative chunk size", CHUNKED "-1\r\n", CHUNKED_SAID "!number POST"},
    {"huge chunk size", CHUNKED "10000000000000000\r\n", CHUNKED_SAID "!number POST"},
    {"no CRLF after a chunk", CHUNKED "2\r\nabXX", CHUNKED_SAID "!crlf POST"},
};

Test(reader, each_refusal_has_its_cause)
{
	EXPECT_ALL(bad, &ndes);
}

static const struct stream_case over[] = {
    {"length", HEAD "Content-Length: 9\r\n\r\n", "!too-large POST"},
    {"length that fits", HEAD "Content-Length: 8\r\n\r\n12345678",
        "POST /a 1.1|Host=h|Content-Length=8|keep,length [12345678]\n"},
    {"chunks that add up", CHUNKED "5\r\n12345\r\n4\r\n1234\r\n",
        CHUNKED_SAID "!too-large POST"},
    {"chunks that fit", CHUNKED "5\r\n12345\r\n3\r\n123\r\n0\r\n\r\n",
        CHUNKED_SAID " [12345123]\n"},
};

Test(reader, bodies_are_limited)
{
	EXPECT_ALL(over, &tight);
}

/* `before`, then `count` times 'a', then `after`. */
static struct slice
stretched(struct buf *out, const char *before, size_t count, const char *after)
{
	buf_reset(out);
	buf_add_text(out, before);
	for (size_t i = 0; i < count; i++)
		buf_add_char(out, 'a');
	buf_add_text(out, after);
	return buf_slice(out);
}

/* `want` is how s->said has to end. */
static const struct {
	const char *name;
	const struct request_limits *limits;
	const char *before;
	size_t count;
	const char *after;
	const char *want;
} lengths[] = {
    {"64 KB query", &ndes, "GET /?", 65000, " HTTP/1.1\r\nHost: h\r\n\r\n",
        "|Host=h|keep []\n"},
    {"longest request", &ndes, "GET /?", 65534 - 28, " HTTP/1.1\r\nHost: h\r\n\r\n",
        "|Host=h|keep []\n"},
    {"one more", &ndes, "GET /?", 65534 - 27, " HTTP/1.1\r\nHost: h\r\n\r\n",
        "!request-length GET"},
    {"longest target", &ndes, "GET /", 65527, " HTTP/1.1\r\nHost: h\r\n\r\n",
        "!request-length GET"},
    {"target of 65529 bytes", &ndes, "GET /", 65528, " HTTP/1.1\r\nHost: h\r\n\r\n",
        "!url-length GET"},
    {"very long target", &ndes, "GET /", 200000, " HTTP/1.1\r\nHost: h\r\n\r\n",
        "!url-length GET"},
    {"target without end", &ndes, "GET /", 70000, "", "!url-length GET"},
    {"verb without end", &ndes, "", 70000, "", NULL},
    {"stock, 16378", &stock, "GET /", 16377, " HTTP/1.1\r\n", "!request-length GET"},
    {"stock, 16379", &stock, "GET /", 16378, " HTTP/1.1\r\n", "!url-length GET"},
    {"stock, fits", &stock, "GET /", 16000, " HTTP/1.0\r\n\r\n", " 1.0|close []\n"},
    {"request before the line", &stock, "GET /", 16377, " HTTP/9.9\r\n",
        "!request-length GET"},
    {"many short headers", &tight, "GET / HTTP/1.0\r\nA:", 60, "\r\n", "..."},
    {"longest field", &tight, "GET / HTTP/1.0\r\nA:", 62, "\r\n\r\n", "|close []\n"},
    {"field over", &tight, "GET / HTTP/1.0\r\nA:", 63, "\r\n\r\n", "!field-length GET"},
    {"field without end", &tight, "GET / HTTP/1.0\r\nA:", 90, "", "!field-length GET"},
    {"long name", &tight, "GET / HTTP/1.0\r\n", 65, ":\r\n", "!field-length GET"},
    {"tight target", &tight, "GET /", 57, " HTTP/1.0\r\n\r\n", " 1.0|close []\n"},
    {"tight target over", &tight, "GET /", 58, " HTTP/1.0\r\n\r\n", "!url-length GET"},
    {"header over the request", &ndes, "GET / HTTP/1.0\r\nA:", 65536, "\r\n\r\n",
        "!request-length GET"},
};

static bool
ends_in(struct slice s, const char *end)
{
	size_t len = strlen(end);

	return s.len >= len && slice_is((struct slice){s.text + s.len - len, len}, end);
}

Test(reader, lengths_are_limited_as_by_http_sys, .timeout = 60)
{
	static const size_t steps[] = {0, 1, 13, 4096};
	static struct session s;
	struct buf stream = BUF_INIT;

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct slice bytes = stretched(
		    &stream, lengths[i].before, lengths[i].count, lengths[i].after);
		for (size_t k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
			play(&s, bytes, steps[k], lengths[i].limits);
			if (lengths[i].want != NULL)
				cr_expect(ends_in(buf_slice(&s.said), lengths[i].want),
				    "case %s, step %zu: %.*s", lengths[i].name, steps[k],
				    (int)(s.said.len > 99 ? 99 : s.said.len),
				    (char *)s.said.data);
			else
				cr_expect(eq(int, (int)s.request.refusal,
				              REFUSAL_REQUEST_LENGTH),
				    "case %s, step %zu", lengths[i].name, steps[k]);
			session_clear(&s);
		}
	}
	buf_clear(&stream);
}

Test(reader, is_refused_at_its_limit_and_not_later)
{
	static struct session s;
	struct buf stream = BUF_INIT;
	struct slice bytes = stretched(&stream, "GET /", 70000, "");
	size_t used = 0;

	memset(&s, 0, sizeof(s));
	reader_init(&s.reader, &s.request, &ndes);
	enum reader_state state = reader_feed(
	    &s.reader, (const unsigned char *)bytes.text, 65534 + REQUEST_SLACK, &used);
	cr_expect(eq(int, (int)state, READER_REFUSED));
	cr_expect(eq(int, (int)s.request.refusal, REFUSAL_URL_LENGTH));
	cr_expect(eq(sz, s.request.line.target.len, 65534 + REQUEST_SLACK - 4));
	session_clear(&s);
	buf_clear(&stream);
}

static void
add_headers(struct buf *out, size_t count)
{
	buf_add_text(out, "GET / HTTP/1.0\r\n");
	for (size_t i = 0; i < count; i++)
		buf_add_text(out, "A: b\r\n");
	buf_add_text(out, "\r\n");
}

Test(reader, a_hundred_headers_are_enough)
{
	static struct session s;
	struct buf stream = BUF_INIT;

	add_headers(&stream, REQUEST_HEADERS_MAX);
	play(&s, buf_slice(&stream), 0, &ndes);
	cr_expect(ends_in(buf_slice(&s.said), "|A=b|close []\n"));
	session_clear(&s);
	buf_reset(&stream);
	add_headers(&stream, REQUEST_HEADERS_MAX + 1);
	expect_said("101 headers", buf_slice(&stream), &ndes, "!request-length GET");
	buf_clear(&stream);
}

Test(reader, trailers_and_extensions_without_end_are_refused)
{
	struct buf stream = BUF_INIT;

	expect_said("trailer", stretched(&stream, CHUNKED "0\r\nA: ", 300, ""), &tight,
	    CHUNKED_SAID "!request-length POST");
	expect_said("extension", stretched(&stream, CHUNKED "1;", 300, "\r\nx"), &tight,
	    CHUNKED_SAID "!request-length POST");
	expect_said("short ones",
	    stretched(&stream, CHUNKED "1;", 200, "\r\nx\r\n0\r\n\r\n"), &tight,
	    CHUNKED_SAID " [x]\n");
	buf_clear(&stream);
}

Test(reader, extensions_are_counted_from_one_body_byte_to_the_next)
{
	struct buf piece = BUF_INIT;
	struct buf stream = BUF_INIT;

	buf_add_text(&stream, CHUNKED);
	for (int i = 0; i < 4; i++)
		buf_add_slice(&stream, stretched(&piece, "1;", 200, "\r\nx\r\n"));
	buf_add_text(&stream, "0\r\n\r\n");
	expect_said("four chunks", buf_slice(&stream), &tight, CHUNKED_SAID " [xxxx]\n");
	buf_clear(&piece);
	buf_clear(&stream);
}
