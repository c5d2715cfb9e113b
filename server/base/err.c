#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/*
 * Ends the sentence at `len` or earlier, never inside a UTF-8 sequence: the text
 * goes into JSON as well, which refuses half a character.
 */
static size_t
err_cut(char *text, size_t len)
{
	if (len < ERR_TEXT_MAX)
		return len;
	len = ERR_TEXT_MAX - 1;
	while (len > 0 && ((unsigned char)text[len - 1] & 0xc0) == 0x80)
		len--;
	if (len > 0 && (unsigned char)text[len - 1] >= 0xc0)
		len--;
	text[len] = '\0';
	return len;
}

static size_t __attribute__((format(printf, 2, 0)))
err_format(struct err *err, const char *format, va_list args)
{
	int len;

	len = vsnprintf(err->text, sizeof(err->text), format, args);
	if (len < 0) {
		err->text[0] = '\0';
		return 0;
	}
	return err_cut(err->text, (size_t)len);
}

bool
err_set(struct err *err, enum err_kind kind, const char *format, ...)
{
	va_list args;

	err->kind = kind;
	va_start(args, format);
	err_format(err, format, args);
	va_end(args);
	return false;
}

bool
err_set_errno(struct err *err, enum err_kind kind, const char *format, ...)
{
	int number = errno;
	char reason[128];
	va_list args;
	size_t len;
	int more;

	err->kind = kind;
	va_start(args, format);
	len = err_format(err, format, args);
	va_end(args);
	more = snprintf(err->text + len, sizeof(err->text) - len, ": %s",
	    strerror_r(number, reason, sizeof(reason)));
	if (more > 0)
		err_cut(err->text, len + (size_t)more);
	return false;
}
