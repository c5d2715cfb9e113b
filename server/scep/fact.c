#include "scep/fact.h"

#include "base/mem.h"
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fact *
fact_new(const char *label)
{
	struct fact *fact = mem_alloc(sizeof(*fact));

	fact->label = mem_string(label);
	return fact;
}

void
fact_free(struct fact *fact)
{
	if (fact == NULL)
		return;
	for (size_t i = 0; i < fact->count; i++)
		fact_free(fact->children[i]);
	free(fact->children);
	free(fact->label);
	free(fact->oid);
	free(fact->type);
	free(fact->value);
	free(fact);
}

struct fact *
fact_add(struct fact *parent, const char *label)
{
	struct fact *child = fact_new(label);

	parent->children =
	    mem_grow(parent->children, parent->count + 1, sizeof(struct fact *));
	parent->children[parent->count++] = child;
	return child;
}

/* Length of the UTF-8 sequence that `text` begins with, and its character; 0: none. */
static size_t
utf8_read(const unsigned char *text, size_t len, uint32_t *ret)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t c = text[0];
	size_t size = c < 0x80       ? 1
	              : c >> 5 == 6  ? 2
	              : c >> 4 == 14 ? 3
	              : c >> 3 == 30 ? 4
	                             : 0;

	if (size == 0 || size > len)
		return 0;
	if (size > 1)
		c &= 0x7fu >> size;
	for (size_t i = 1; i < size; i++) {
		if (text[i] >> 6 != 2)
			return 0;
		c = c << 6 | (text[i] & 0x3fu);
	}
	if (c < least[size] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret = c;
	return size;
}

/* Not a control character, and nothing that hides or reorders its neighbours. */
static bool
is_printable(uint32_t c)
{
	if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0xfeff)
		return false;
	return !(c >= 0x200b && c <= 0x200f) && !(c >= 0x2028 && c <= 0x202e) &&
	       !(c >= 0x2060 && c <= 0x206f) && c < 0xe0000;
}

void
fact_clean(struct slice text, struct buf *out)
{
	const unsigned char *p = (const unsigned char *)text.text;
	const unsigned char *end = p + text.len;
	uint32_t c = 0;

	while (p < end) {
		size_t size = utf8_read(p, (size_t)(end - p), &c);

		if (size > 0 && is_printable(c)) {
			buf_add(out, p, size);
			p += size;
		} else {
			buf_add_format(out, "\\x%02x", *p);
			p++;
		}
	}
}

void
fact_set_value(struct fact *fact, struct slice text)
{
	bool is_cut = text.len > FACT_TEXT_MAX;
	struct buf clean = BUF_INIT;

	if (is_cut)
		text.len = FACT_TEXT_MAX;
	/* A character that the cut went through must not show as broken. */
	while (is_cut && text.len > 0 && ((unsigned char)text.text[text.len] >> 6) == 2)
		text.len--;
	fact_clean(text, &clean);
	if (is_cut)
		buf_add_text(&clean, "...");
	free(fact->value);
	fact->value = buf_string(&clean);
}

static void
set_value(struct fact *fact, const char *format, va_list arguments)
{
	char *text = NULL;

	if (vasprintf(&text, format, arguments) < 0)
		abort();
	fact_set_value(fact, slice_of(text));
	free(text);
}

void
fact_set_format(struct fact *fact, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	set_value(fact, format, arguments);
	va_end(arguments);
}

struct fact *
fact_add_format(struct fact *parent, const char *label, const char *format, ...)
{
	struct fact *fact = fact_add(parent, label);
	va_list arguments;

	va_start(arguments, format);
	set_value(fact, format, arguments);
	va_end(arguments);
	return fact;
}

void
fact_set_oid(struct fact *fact, const char *oid)
{
	free(fact->oid);
	fact->oid = mem_string(oid);
}

void
fact_set_type(struct fact *fact, const char *type)
{
	free(fact->type);
	fact->type = mem_string(type);
}

void
fact_find(
    struct fact *fact, enum fact_level level, const char *rule, const char *format, ...)
{
	struct fact *finding = fact_add(fact, rule);
	va_list arguments;

	finding->level = level;
	va_start(arguments, format);
	set_value(finding, format, arguments);
	va_end(arguments);
}

const char *
fact_level_name(enum fact_level level)
{
	switch (level) {
	case FACT_PLAIN:
		return NULL;
	case FACT_INFORMATION:
		return "information";
	case FACT_WARNING:
		return "warning";
	case FACT_ERROR:
		return "error";
	}
	return NULL;
}

size_t
fact_count(const struct fact *fact, enum fact_level level)
{
	size_t count = fact->level == level;

	for (size_t i = 0; i < fact->count; i++)
		count += fact_count(fact->children[i], level);
	return count;
}
