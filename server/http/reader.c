#include "http/request.h"
#include <string.h>

/* Longer than any verb; behind it a long target is not looked for. */
#define METHOD_MAX      255
/* What follows a target in its line, with CR. */
#define VERSION_LEN     (sizeof(" HTTP/1.1\r") - 1)
/* HTTP.sys with MaxFieldLength 16384 takes a target of 16378 bytes, not more. */
#define URL_BELOW_FIELD 6

/* Keeps the first reason. Returns llhttp's value for "stop with an error". */
static int
refuse(struct request *request, enum refusal refusal)
{
	if (request->refusal == REFUSAL_NONE)
		request->refusal = refusal;
	return -1;
}

/*
 * llhttp's callbacks. The whole head is given to it in one piece, so a name comes
 * in one call, and a value in one call a line: the lines after the first are folds.
 */
static int
on_field(llhttp_t *parser, const char *at, size_t len)
{
	const struct reader *reader = parser->data;
	struct request *request = reader->request;

	if (reader->in_body) /* a trailer */
		return 0;
	if (request->header_count == REQUEST_HEADERS_MAX)
		return refuse(request, REFUSAL_REQUEST_LENGTH);
	request->headers[request->header_count++] =
	    (struct header){.name = {at, len}, .value = {NULL, 0}};
	return 0;
}

static int
on_value(llhttp_t *parser, const char *at, size_t len)
{
	const struct reader *reader = parser->data;
	struct request *request = reader->request;

	if (reader->in_body)
		return 0;
	struct slice *value = &request->headers[request->header_count - 1].value;
	if (value->text == NULL) /* blanks at the end are left in by llhttp */
		*value = slice_trim((struct slice){at, len});
	return 0;
}

/* An Upgrade header stops llhttp only behind the message, where it pauses anyway. */
static int
on_head_end(llhttp_t *parser)
{
	const struct reader *reader = parser->data;
	struct request *request = reader->request;

	request->has_length = (parser->flags & F_CONTENT_LENGTH) != 0;
	request->is_chunked = (parser->flags & F_CHUNKED) != 0;
	request->keep_alive = llhttp_should_keep_alive(parser) != 0;
	return HPE_PAUSED;
}

/*
 * Trailers, chunk heads and their extensions are never kept, but a peer could send
 * them without end: between two bytes of the body they may be as long as a head.
 */
static bool
count_framing(struct reader *reader, const char *to)
{
	reader->framing += (size_t)(to - reader->taken);
	reader->taken = to;
	return reader->framing <= reader->limits.max_request_bytes;
}

static int
on_body(llhttp_t *parser, const char *at, size_t len)
{
	struct reader *reader = parser->data;
	struct request *request = reader->request;

	if (!count_framing(reader, at))
		return refuse(request, REFUSAL_REQUEST_LENGTH);
	reader->framing = 0;
	reader->taken = at + len;
	request->body_bytes += len;
	if (request->body_bytes > reader->limits.max_body_bytes)
		return refuse(request, REFUSAL_ENTITY_TOO_LARGE);
	buf_add(&request->body, at, len);
	return 0;
}

static int
on_message_end(llhttp_t *parser)
{
	return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
    .on_header_field = on_field,
    .on_header_value = on_value,
    .on_headers_complete = on_head_end,
    .on_body = on_body,
    .on_message_complete = on_message_end,
};

/* The verb has to be one that may have a body and changes nothing in llhttp. */
static void
parser_init(llhttp_t *parser, const char *line)
{
	llhttp_init(parser, HTTP_REQUEST, &settings);
	llhttp_execute(parser, line, strlen(line));
}

static size_t
min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

void
reader_init(
    struct reader *reader, struct request *request, const struct request_limits *limits)
{
	*reader = (struct reader){.request = request, .limits = *limits};
	reader->limits.max_field_length =
	    min_size(limits->max_field_length, REQUEST_HEAD_HARD_MAX);
	reader->limits.max_request_bytes =
	    min_size(limits->max_request_bytes, REQUEST_HEAD_HARD_MAX);
	parser_init(&reader->behind_line[0], "POST / HTTP/1.0\r\n");
	parser_init(&reader->behind_line[1], "POST / HTTP/1.1\r\n");
	reader_next(reader);
}

void
reader_next(struct reader *reader)
{
	request_reset(reader->request);
	reader->state = READER_MORE;
	reader->in_body = false;
	reader->line_len = 0;
	reader->searched = 0;
	reader->line_start = 0;
	reader->framing = 0;
}

/*
 * Copies the first `len` bytes of the head and lets the line point there: the
 * method stands at the start, the target one blank behind it.
 */
static void
keep_raw(struct request *request, const unsigned char *data, size_t len)
{
	struct request_line *line = &request->line;

	buf_reset(&request->raw);
	buf_add(&request->raw, data, len);
	const char *text = buf_slice(&request->raw).text;
	line->method.text = text;
	line->target.text = line->target.len > 0 ? text + line->method.len + 1 : NULL;
	url_split(line->target, &request->url);
}

/* For the log: of a line that has no end yet what there is. */
static void
keep_refused(struct request *request, const unsigned char *data, size_t len)
{
	const unsigned char *feed = memchr(data, '\n', len);
	size_t line_len = feed == NULL ? len : (size_t)(feed - data);

	if (line_len > 0 && data[line_len - 1] == '\r')
		line_len--;
	line_parse((struct slice){(const char *)data, line_len}, &request->line);
	keep_raw(request, data, len);
}

static enum reader_state
refused(struct reader *reader, enum refusal refusal)
{
	refuse(reader->request, refusal);
	return READER_REFUSED;
}

/* Empty lines before a request; a CR at the end may become one. */
static size_t
empty_lines(const unsigned char *data, size_t len)
{
	size_t at = 0;

	while (len - at >= 2 && data[at] == '\r' && data[at + 1] == '\n')
		at += 2;
	return at;
}

/*
 * Whether the target of a request line is over the limit, by all that is behind
 * the first blank (`rest`, with CR) or by the target itself.
 */
static bool
is_url_too_long(
    const struct reader *reader, size_t method_len, size_t rest, size_t target_len)
{
	size_t field = reader->limits.max_field_length;
	size_t most = field > URL_BELOW_FIELD ? field - URL_BELOW_FIELD : 0;

	return method_len <= METHOD_MAX &&
	       (rest > most + VERSION_LEN || target_len > most);
}

/*
 * The request line, data[0, end) with its CR. Its slices are not kept: see
 * keep_raw.
 */
static enum refusal
take_request_line(struct reader *reader, const unsigned char *data, size_t end)
{
	struct request_line *line = &reader->request->line;
	bool has_cr = end > 0 && data[end - 1] == '\r';
	struct slice text = {(const char *)data, has_cr ? end - 1 : end};
	enum refusal refusal = line_parse(text, line);
	size_t blank = line->method.len;

	if (blank < end &&
	    is_url_too_long(reader, blank, end - blank - 1, line->target.len))
		return REFUSAL_URL_LENGTH;
	if (end + 1 > reader->limits.max_request_bytes)
		return REFUSAL_REQUEST_LENGTH;
	if (!has_cr)
		return REFUSAL_CRLF;
	if (refusal == REFUSAL_NONE)
		reader->line_len = end + 1;
	return refusal;
}

/*
 * The lengths of a header line that starts at `start`: `len` bytes of it without
 * its line end are there, and `end` bytes of the whole head. When both limits are
 * passed, the one counts that a peer sending byte by byte would have met first.
 */
static enum refusal
check_lengths(const struct reader *reader, size_t start, size_t len, size_t end)
{
	const struct request_limits *limits = &reader->limits;
	bool is_field_over = len > limits->max_field_length;
	bool is_head_over = end > limits->max_request_bytes;

	if (is_field_over && !(is_head_over && limits->max_request_bytes <
	                                           start + limits->max_field_length + 1))
		return REFUSAL_FIELD_LENGTH;
	return is_head_over ? REFUSAL_REQUEST_LENGTH : REFUSAL_NONE;
}

/* A header line, data[start, end) with its CR; the empty line too. */
static enum refusal
take_field_line(
    const struct reader *reader, const unsigned char *data, size_t start, size_t end)
{
	bool has_cr = end > start && data[end - 1] == '\r';
	size_t len = end - start - (has_cr ? 1 : 0);
	enum refusal refusal = check_lengths(reader, start, len, end + 1);

	if (refusal != REFUSAL_NONE)
		return refusal;
	if (!has_cr)
		return REFUSAL_CRLF;
	return data[start] == ':' ? REFUSAL_HEADER : REFUSAL_NONE; /* llhttp takes it */
}

/* The line that has not ended yet: whether it already is too long. */
static enum refusal
check_unfinished(const struct reader *reader, const unsigned char *data, size_t len)
{
	size_t max = reader->limits.max_request_bytes;
	size_t start = reader->line_start;

	if (reader->line_len > 0) /* its last byte may be the CR */
		return check_lengths(
		    reader, start, len > start ? len - start - 1 : 0, len);
	if (len <= reader->limits.max_field_length && len <= max)
		return REFUSAL_NONE;
	const unsigned char *blank = memchr(data, ' ', min_size(len, METHOD_MAX + 1));
	if (blank == NULL)
		return len > max ? REFUSAL_REQUEST_LENGTH : REFUSAL_NONE;
	size_t method_len = (size_t)(blank - data);
	return is_url_too_long(reader, method_len, len - method_len - 1, 0)
	           ? REFUSAL_URL_LENGTH
	           : REFUSAL_NONE;
}

/*
 * Goes on to look for the end of the head, line by line; `*head_len` is set when
 * it is there.
 */
static enum refusal
search_head(
    struct reader *reader, const unsigned char *data, size_t len, size_t *head_len)
{
	const unsigned char *feed;

	while ((feed = memchr(data + reader->searched, '\n', len - reader->searched)) !=
	       NULL) {
		size_t start = reader->line_start;
		size_t end = (size_t)(feed - data);
		enum refusal refusal = reader->line_len > 0
		                           ? take_field_line(reader, data, start, end)
		                           : take_request_line(reader, data, end);
		if (refusal != REFUSAL_NONE)
			return refusal;
		reader->searched = reader->line_start = end + 1;
		if (end - start == 1) {
			*head_len = end + 1;
			return REFUSAL_NONE;
		}
	}
	reader->searched = len;
	return check_unfinished(reader, data, len);
}

/* What llhttp stopped at, as HTTP.sys would name it. */
static enum refusal
refusal_of(llhttp_errno_t error)
{
	static const struct {
		llhttp_errno_t error;
		enum refusal refusal;
	} table[] = {
	    {HPE_STRICT, REFUSAL_CRLF},
	    {HPE_CR_EXPECTED, REFUSAL_CRLF},
	    {HPE_LF_EXPECTED, REFUSAL_CRLF},
	    {HPE_INVALID_HEADER_TOKEN, REFUSAL_HEADER},
	    {HPE_UNEXPECTED_SPACE, REFUSAL_HEADER},
	    {HPE_UNEXPECTED_CONTENT_LENGTH, REFUSAL_NUMBER},
	    {HPE_INVALID_CONTENT_LENGTH, REFUSAL_NUMBER},
	    {HPE_INVALID_CHUNK_SIZE, REFUSAL_NUMBER},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].error == error)
			return table[i].refusal;
	}
	return REFUSAL_BAD_REQUEST;
}

/* Exactly one Host is due in HTTP/1.1 (RFC 9112 3.2); HTTP/1.0 may do without. */
static bool
is_host_good(const struct request *request)
{
	size_t count = 0;

	for (size_t i = 0; i < request->header_count; i++) {
		if (slice_is_nocase(request->headers[i].name, "Host"))
			count++;
	}
	return count == 1 || (count == 0 && request->line.minor == 0);
}

/* What HTTP.sys says to a well-formed head. */
static enum refusal
judge_head(const struct reader *reader)
{
	const struct request *request = reader->request;

	/* RFC 9112 6.1: a coding that does not end in chunked has no end. */
	if ((reader->parser.flags & F_TRANSFER_ENCODING) != 0 && !request->is_chunked)
		return REFUSAL_BAD_REQUEST;
	if (!is_host_good(request))
		return REFUSAL_HOSTNAME;
	if (request->has_length &&
	    reader->parser.content_length > reader->limits.max_body_bytes)
		return REFUSAL_ENTITY_TOO_LARGE;
	if (!request->has_length && !request->is_chunked &&
	    (request_is_method(request, "POST") || request_is_method(request, "PUT")))
		return REFUSAL_LENGTH_REQUIRED;
	return REFUSAL_NONE;
}

/* The headers, by llhttp started as it would be behind the request line. */
static enum reader_state
read_fields(struct reader *reader)
{
	struct request *request = reader->request;
	struct slice raw = buf_slice(&request->raw);
	reader->parser = reader->behind_line[request->line.minor];
	reader->parser.data = reader;
	llhttp_errno_t error = llhttp_execute(
	    &reader->parser, raw.text + reader->line_len, raw.len - reader->line_len);
	if (error != HPE_PAUSED)
		return refused(reader, refusal_of(error));

	enum refusal refusal = judge_head(reader);
	if (refusal != REFUSAL_NONE)
		return refused(reader, refusal);
	/* RFC 9112 6.1: framing that HTTP/1.0 does not know; the connection ends. */
	if (request->is_chunked && request->line.minor == 0)
		request->keep_alive = false;
	request->expects_continue =
	    request->line.minor == 1 &&
	    slice_is_nocase(request_header(request, "Expect"), "100-continue");
	reader->in_body = true;
	return READER_HEAD;
}

static enum reader_state
read_head(struct reader *reader, const unsigned char *data, size_t len, size_t *used)
{
	struct request *request = reader->request;
	size_t skip = reader->searched == 0 ? empty_lines(data, len) : 0;
	size_t head_len = 0;

	*used = skip;
	data += skip;
	len -= skip;
	if (reader->searched == 0 && (len == 0 || (len == 1 && data[0] == '\r')))
		return READER_MORE;

	enum refusal refusal = search_head(reader, data, len, &head_len);
	if (refusal != REFUSAL_NONE) {
		keep_refused(request, data, len);
		return refused(reader, refusal);
	}
	if (head_len > 0) {
		keep_raw(request, data, head_len);
		*used += head_len;
		return read_fields(reader);
	}
	if (reader->line_len > 0 && request->raw.len == 0)
		keep_raw(
		    request, data, reader->line_len); /* a timeout is logged with it */
	return READER_MORE;
}

/* After HPE_PAUSED: llhttp stands behind the end of the message. */
static enum reader_state
read_body(struct reader *reader, const unsigned char *data, size_t len, size_t *used)
{
	struct request *request = reader->request;
	llhttp_t *parser = &reader->parser;

	if (!request->is_chunked && parser->content_length == 0 &&
	    request->body_bytes == 0)
		return READER_DONE;
	if (len == 0)
		return READER_MORE;
	if (parser->error == HPE_PAUSED)
		llhttp_resume(parser);
	reader->taken = (const char *)data;
	llhttp_errno_t error = llhttp_execute(parser, (const char *)data, len);
	const char *end =
	    error == HPE_OK ? (const char *)data + len : llhttp_get_error_pos(parser);
	*used = (size_t)(end - (const char *)data);
	if (end > reader->taken && !count_framing(reader, end))
		return refused(reader, REFUSAL_REQUEST_LENGTH);
	if (error == HPE_OK)
		return READER_MORE;
	return error == HPE_PAUSED ? READER_DONE : refused(reader, refusal_of(error));
}

enum reader_state
reader_feed(struct reader *reader, const unsigned char *data, size_t len, size_t *used)
{
	*used = 0;
	if (reader->state == READER_DONE || reader->state == READER_REFUSED)
		return reader->state;
	reader->state = reader->in_body ? read_body(reader, data, len, used)
	                                : read_head(reader, data, len, used);
	if (reader->state == READER_REFUSED)
		*used = len;
	return reader->state;
}
