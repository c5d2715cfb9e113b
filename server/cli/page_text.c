#include "base/mem.h"
#include "cli/sign.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define SEPARATOR " \xc2\xb7 " /* a middle dot, between the parts of a page */
#define MARK_MIN  128          /* letters outside ASCII are no UTF-16 of ours */

/* mscep.dll's own pages are UTF-16LE. */
static char *
to_ascii(struct bytes body)
{
	struct buf out = BUF_INIT;
	bool is_wide = body.len >= 4 && body.data[1] == 0 && body.data[3] == 0;
	bool has_mark = body.len >= 2 && body.data[0] == 0xff && body.data[1] == 0xfe;
	size_t step = is_wide || has_mark ? 2 : 1;

	for (size_t i = has_mark ? 2 : 0; i < body.len; i += step)
		if (step == 1 || (body.data[i] < MARK_MIN && i + 1 < body.len))
			buf_add_char(&out, (char)body.data[i]);
	return buf_string(&out);
}

/* Where the tag that begins at `at` ends; style and script go with what is in them. */
static const char *
skip_tag(const char *at)
{
	static const char *const whole[] = {"style", "script"};
	const char *end;

	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		char closing[16] = "</";

		if (strncasecmp(at + 1, whole[i], strlen(whole[i])) != 0)
			continue;
		memcpy(closing + 2, whole[i], strlen(whole[i]) + 1);
		end = strcasestr(at, closing);
		at = end != NULL ? end : at;
	}
	end = strchr(at, '>');
	return end != NULL ? end + 1 : at + strlen(at);
}

static const char *
add_letter(struct buf *out, const char *at)
{
	static const struct {
		const char *name;
		char letter;
	} entities[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'},
	    {"&#39;", '\''}, {"&nbsp;", ' '}};

	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++)
		if (strncmp(at, entities[i].name, strlen(entities[i].name)) == 0) {
			buf_add_char(out, entities[i].letter);
			return at + strlen(entities[i].name);
		}
	if (!isspace((unsigned char)*at))
		buf_add_char(out, *at);
	else if (out->len > 0 && out->data[out->len - 1] != ' ')
		buf_add_char(out, ' ');
	return at + 1;
}

/* A part that is known already is left out, where parts are told apart. */
static bool
is_known(const struct buf *out, const char *known, struct slice text)
{
	return memmem(known, strlen(known), text.text, text.len) != NULL ||
	       (out->len > 0 && memmem(out->data, out->len, text.text, text.len) != NULL);
}

static void
add_part(struct buf *out, struct buf *part, const char *known)
{
	struct slice text = slice_trim(buf_slice(part));

	if (text.len > 0 && !(known != NULL && is_known(out, known, text))) {
		if (out->len > 0)
			buf_add_text(out, known != NULL ? SEPARATOR : " ");
		buf_add_slice(out, text);
	}
	buf_reset(part);
}

char *
page_visible(struct bytes body, const char *known)
{
	struct buf out = BUF_INIT, part = BUF_INIT;
	char *text = to_ascii(body);
	const char *at = text;

	while (*at != '\0') {
		bool is_tag = *at == '<' && (isalpha((unsigned char)at[1]) ||
		                                at[1] == '/' || at[1] == '!');

		if (is_tag) {
			at = skip_tag(at);
			add_part(&out, &part, known);
		} else {
			at = add_letter(&part, at);
		}
	}
	add_part(&out, &part, known);
	buf_clear(&part);
	free(text);
	return buf_string(&out);
}
