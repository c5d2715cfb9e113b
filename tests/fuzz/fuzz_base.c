/*
 * What reads text: targets, escapes, queries, base64, request lines, numbers. Nothing
 * is read outside of the text, and what is read agrees with its opposite.
 */
#include "base/base64.h"
#include "base/parse.h"
#include "fuzz.h"
#include "http/line.h"
#include "http/url.h"
#include <string.h>

static bool
is_part(struct slice part, struct slice whole)
{
	return is_within(part.text, part.len, whole.text, whole.len);
}

static void
check_url(struct slice text)
{
	static const char *const names[] = {"operation", "message", ""};
	struct buf decoded = BUF_INIT;
	struct url url;
	struct slice value;

	url_split(text, &url);
	must(is_part(url.path, text) || slice_is(url.path, "/"));
	must(is_part(url.query, text));
	must(url.has_query || url.query.len == 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (url_query_find(url.query, names[i], &value))
			must(is_part(value, url.query));
	}
	url_decode(text, &decoded);
	must(decoded.len <= text.len && decoded.len >= text.len / 3);
	if (text.len == 0 || memchr(text.text, '%', text.len) == NULL)
		must(slice_equal(buf_slice(&decoded), text));
	buf_clear(&decoded);
}

/* Whatever can be read is the same after it was written cleanly. */
static void
check_base64_text(struct slice text)
{
	struct buf bytes = BUF_INIT;
	struct buf clean = BUF_INIT;
	struct buf again = BUF_INIT;
	unsigned odd = base64_decode(text, &bytes);

	if ((odd & BASE64_NOT_BASE64) != 0) {
		must(bytes.len == 0);
	} else {
		base64_encode(buf_bytes(&bytes), &clean);
		must(base64_decode(buf_slice(&clean), &again) == 0);
		must(slice_equal(buf_slice(&bytes), buf_slice(&again)));
		must(odd != 0 || clean.len == text.len);
	}
	buf_clear(&bytes);
	buf_clear(&clean);
	buf_clear(&again);
}

static void
check_base64_bytes(struct slice text)
{
	struct buf encoded = BUF_INIT;
	struct buf bytes = BUF_INIT;

	base64_encode(
	    (struct bytes){(const unsigned char *)text.text, text.len}, &encoded);
	must(encoded.len == (text.len + 2) / 3 * 4);
	must(base64_decode(buf_slice(&encoded), &bytes) == 0);
	must(slice_equal(buf_slice(&bytes), text));
	buf_clear(&encoded);
	buf_clear(&bytes);
}

static void
check_line(struct slice text)
{
	struct request_line line;

	if (line_parse(text, &line) == REFUSAL_NONE)
		must(line.method.len > 0 && line.target.len > 0 && line.major == 1 &&
		     line.minor <= 1);
	must(is_part(line.method, text));
	must(is_part(line.target, text));
}

static void
check_numbers(struct slice text)
{
	const size_t max = 65535;
	size_t number = max;
	uint64_t ms = 0;

	if (parse_size(text, max, &number))
		must(text.len > 0 && number <= max);
	if (parse_size(text, SIZE_MAX, &number) && number > 0)
		must(!parse_size(text, number - 1, &number));
	if (parse_duration_ms(text, &ms))
		must(text.len > 1 && ms <= PARSE_DURATION_MAX_MS);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice text = {(const char *)data, len};

	check_url(text);
	check_base64_text(text);
	check_base64_bytes(text);
	check_line(text);
	check_numbers(text);
	return 0;
}
