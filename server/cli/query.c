#include "cli/query.h"
#include "base/mem.h"
#include "base/parse.h"
#include "scenarios/words.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define TOKENS_MAX     2048
#define STATUS_MIN     100
#define STATUS_MAX     599
#define SUBSTATUS_MAX  999
#define EVENT_MAX      65535
#define HRESULT_BIT    UINT32_C(0x80000000) /* failure */
#define HRESULT_DIGITS 8
#define TRIPLE         3
#define HTTPERR_BEHIND 2 /* status and site stand before the reason */

struct tokens {
	struct slice items[TOKENS_MAX];
	size_t count;
};

size_t
query_split(struct slice text, struct slice *ret, size_t most)
{
	size_t count = 0, at = 0;

	while (at < text.len && count < most) {
		size_t start;

		while (at < text.len && isspace((unsigned char)text.text[at]))
			at++;
		start = at;
		while (at < text.len && !isspace((unsigned char)text.text[at]))
			at++;
		if (at > start)
			ret[count++] = (struct slice){text.text + start, at - start};
	}
	return count;
}

static bool
read_number(struct slice text, size_t max, size_t *ret)
{
	return parse_size(text, max, ret);
}

static bool
read_status(struct slice text, unsigned *ret)
{
	size_t number;

	if (text.len != 3 || !read_number(text, STATUS_MAX, &number) ||
	    number < STATUS_MIN)
		return false;
	*ret = (unsigned)number;
	return true;
}

static bool
read_hex(struct slice text, uint32_t *ret)
{
	uint32_t value = 0;

	if (text.len == 0 || text.len > HRESULT_DIGITS)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		int c = tolower((unsigned char)text.text[i]);

		if (!isxdigit(c))
			return false;
		value = value << 4 | (uint32_t)(isdigit(c) ? c - '0' : c - 'a' + 10);
	}
	*ret = value;
	return true;
}

bool
query_hresult(struct slice text, uint32_t *ret)
{
	bool is_negative = text.len > 0 && text.text[0] == '-';
	struct slice digits = {text.text + is_negative, text.len - is_negative};
	size_t number;

	if (slice_starts_nocase(text, "0x"))
		return read_hex((struct slice){text.text + 2, text.len - 2}, ret);
	if (!is_negative && text.len == HRESULT_DIGITS && read_hex(text, ret) &&
	    *ret >= HRESULT_BIT)
		return true;
	if (!read_number(digits, UINT32_MAX, &number))
		return false;
	if (is_negative ? number == 0 || number > HRESULT_BIT : number < HRESULT_BIT)
		return false;
	*ret = is_negative ? UINT32_C(0) - (uint32_t)number : (uint32_t)number;
	return true;
}

static const char *
find_word(const struct words *words, struct slice text)
{
	for (size_t i = 0; i < words->count; i++)
		if (slice_is_nocase(text, words->items[i]))
			return words->items[i];
	return NULL;
}

static bool
is_dash(struct slice text)
{
	return slice_is(text, "-");
}

/* "... 503 1 AppOffline SCEP": status and site, each perhaps "-", and the reason. */
static bool
read_httperr_line(struct query *query, const struct tokens *tokens)
{
	for (size_t i = tokens->count; i-- > HTTPERR_BEHIND;) {
		struct slice status = tokens->items[i - 2], site = tokens->items[i - 1];
		const char *reason = find_word(&words_httperr, tokens->items[i]);
		size_t number;

		if (reason == NULL ||
		    !(is_dash(site) || read_number(site, UINT32_MAX, &number)))
			continue;
		query->has_status = read_status(status, &query->status);
		if (!query->has_status && !is_dash(status))
			continue;
		query->httperr = reason;
		query->is_line = true;
		return true;
	}
	return false;
}

/* How many numbers stand together from here on. */
static size_t
count_numbers(const struct tokens *tokens, size_t at)
{
	size_t count = 0, number;

	while (at + count < tokens->count &&
	       read_number(tokens->items[at + count], UINT32_MAX, &number))
		count++;
	return count;
}

static void
set_triple(struct query *query, const struct tokens *tokens, size_t at)
{
	size_t number = 0;

	query->has_status = read_status(tokens->items[at], &query->status);
	query->has_substatus = read_number(tokens->items[at + 1], UINT32_MAX, &number);
	query->substatus = (unsigned)number;
	query->has_win32 = read_number(tokens->items[at + 2], UINT32_MAX, &number);
	query->win32 = (uint32_t)number;
}

/* The last numbers that stand together in a line; behind the three come bytes and time.
 */
static bool
read_iis_line(struct query *query, const struct tokens *tokens)
{
	bool has_path = false, is_bare = count_numbers(tokens, 0) == tokens->count;
	size_t found = tokens->count;
	unsigned status;

	for (size_t i = 0; i < tokens->count;) {
		size_t count = count_numbers(tokens, i);

		has_path = has_path || tokens->items[i].text[0] == '/';
		if (count >= TRIPLE && read_status(tokens->items[i], &status))
			found = i;
		i += count > 0 ? count : 1;
	}
	if (found == tokens->count || !(has_path || is_bare))
		return false;
	set_triple(query, tokens, found);
	query->is_crp = strcasestr(query->text, "/CertificateRegistrationSvc") != NULL;
	query->is_line = true;
	return true;
}

/* "403.16", and "403.0". */
static bool
read_pointed(struct query *query, struct slice text)
{
	size_t number;

	if (text.len < 5 || text.text[3] != '.' ||
	    !read_status((struct slice){text.text, 3}, &query->status) ||
	    !read_number(
	        (struct slice){text.text + 4, text.len - 4}, SUBSTATUS_MAX, &number))
		return false;
	query->has_status = query->has_substatus = true;
	query->substatus = (unsigned)number;
	return true;
}

static bool
read_pair(struct query *query, const struct tokens *tokens)
{
	size_t number;

	if (tokens->count != 2 || !read_status(tokens->items[0], &query->status) ||
	    !read_number(tokens->items[1], SUBSTATUS_MAX, &number))
		return false;
	query->has_status = query->has_substatus = true;
	query->substatus = (unsigned)number;
	return true;
}

static bool
is_one_of(struct slice text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slice_is_nocase(text, words[i]))
			return true;
	return false;
}

/* "HTTP 503", "status 403.16", "HTTP/1.1 503 Service Unavailable". */
static bool
read_named_status(struct query *query, const struct tokens *tokens)
{
	static const char *const names[] = {
	    "http", "http/1.1", "http/1.0", "http/2", "status", "http-status", "code"};
	size_t at = 0;

	if (!is_one_of(tokens->items[0], names, sizeof(names) / sizeof(names[0])))
		return false;
	while (at < tokens->count && !isdigit((unsigned char)tokens->items[at].text[0]))
		at++;
	if (at == tokens->count || at > 2)
		return false;
	if (read_pointed(query, tokens->items[at]))
		return true;
	query->has_status = read_status(tokens->items[at], &query->status);
	return query->has_status;
}

/* "event 5009", "event id 5009", "Application Error 1000". */
static bool
read_event(struct query *query, const struct tokens *tokens)
{
	static const char *const names[] = {"event", "id", "eventid", "event-id"};
	size_t last = tokens->count - 1, at = 0, number;

	if (tokens->count < 2 || !read_number(tokens->items[last], EVENT_MAX, &number))
		return false;
	while (at < last &&
	       is_one_of(tokens->items[at], names, sizeof(names) / sizeof(names[0])))
		at++;
	if (at < last && !isalpha((unsigned char)tokens->items[at].text[0]))
		return false;
	if (at < last)
		query->source = mem_text(tokens->items[at].text,
		    (size_t)(tokens->items[last].text - 1 - tokens->items[at].text));
	query->has_event = true;
	query->event = (unsigned)number;
	return true;
}

static void
read_word(struct query *query, struct slice word)
{
	size_t number;

	query->httperr = find_word(&words_httperr, word);
	query->fail_info = find_word(&words_fail_info, word);
	query->has_hresult = query_hresult(word, &query->hresult);
	if (read_pointed(query, word) || query->has_hresult)
		return;
	if (!read_number(word, UINT32_MAX, &number))
		return;
	query->is_number = true;
	query->number = (uint32_t)number;
	query->has_status = read_status(word, &query->status);
	query->has_event = number <= EVENT_MAX;
	query->event = (unsigned)number;
}

static void
read_phrase(struct query *query)
{
	struct tokens *tokens = mem_alloc(sizeof(*tokens));

	tokens->count = query_split(slice_of(query->text), tokens->items, TOKENS_MAX);
	if (tokens->count == 1)
		read_word(query, tokens->items[0]);
	else if (!read_httperr_line(query, tokens) && !read_iis_line(query, tokens) &&
	         !read_pair(query, tokens) && !read_named_status(query, tokens))
		read_event(query, tokens);
	free(tokens);
}

bool
query_read(struct query *ret, const char *const *words, size_t count)
{
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < count; i++) {
		struct slice word = slice_of(words[i]);

		for (size_t at = 0; at < word.len && text.len <= QUERY_BYTES_MAX; at++) {
			bool is_blank = isspace((unsigned char)word.text[at]) != 0;

			if (!is_blank)
				buf_add_char(&text, word.text[at]);
			else if (text.len > 0 && text.data[text.len - 1] != ' ')
				buf_add_char(&text, ' ');
		}
		if (text.len > 0 && text.data[text.len - 1] != ' ')
			buf_add_char(&text, ' ');
	}
	if (text.len == 0 || text.len > QUERY_BYTES_MAX) {
		buf_clear(&text);
		return false;
	}
	text.len--; /* the last blank */
	*ret = (struct query){.text = buf_string(&text)};
	read_phrase(ret);
	return true;
}

void
query_clear(struct query *query)
{
	free(query->text);
	free(query->source);
	*query = (struct query){.text = NULL};
}
