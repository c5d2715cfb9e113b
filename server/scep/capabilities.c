#include "scep/capabilities.h"

#include <string.h>

const char capabilities_rfc8894[] = "AES,DES3,GetNextCACert,POSTPKIOperation,Renewal,"
                                    "SHA-1,SHA-256,SHA-512,SCEPStandard";

/* Takes the text up to the first comma off; false: there was no comma. */
static bool
take_word(struct slice *rest, struct slice *word)
{
	const char *comma = rest->len == 0 ? NULL : memchr(rest->text, ',', rest->len);
	size_t len = comma == NULL ? rest->len : (size_t)(comma - rest->text);

	*word = slice_trim((struct slice){rest->text, len});
	if (comma == NULL)
		return false;
	rest->text += len + 1;
	rest->len -= len + 1;
	return true;
}

bool
capabilities_parse(struct slice text, struct capabilities *ret)
{
	struct capabilities found = {.count = 0};
	struct slice word;
	bool more = slice_trim(text).len > 0;

	while (more) {
		more = take_word(&text, &word);
		if (word.len == 0 || found.count == CAPABILITIES_MAX)
			return false;
		found.lines[found.count++] = word;
	}
	*ret = found;
	return true;
}

/* RFC 8894 3.5.2: the words are case-sensitive. */
static bool
has_line(const struct capabilities *capabilities, struct slice line)
{
	size_t i;

	for (i = 0; i < capabilities->count; i++)
		if (slice_equal(capabilities->lines[i], line))
			return true;
	return false;
}

void
capabilities_remove(struct capabilities *capabilities, const struct capabilities *without)
{
	size_t i, kept = 0;

	for (i = 0; i < capabilities->count; i++)
		if (!has_line(without, capabilities->lines[i]))
			capabilities->lines[kept++] = capabilities->lines[i];
	capabilities->count = kept;
}

void
capabilities_body(const struct capabilities *capabilities, struct buf *out)
{
	size_t i;

	for (i = 0; i < capabilities->count; i++) {
		if (i > 0)
			buf_add_char(out, '\n');
		buf_add_slice(out, capabilities->lines[i]);
	}
}
