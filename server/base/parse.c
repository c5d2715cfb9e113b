#include "base/parse.h"

#include <string.h>

/* Takes the digits at the start of `text`; false without one, or above `max`. */
static bool
parse_digits(struct slice *text, uint64_t max, uint64_t *ret)
{
	uint64_t number = 0;
	size_t i = 0;

	for (; i < text->len && text->text[i] >= '0' && text->text[i] <= '9'; i++) {
		uint64_t digit = (uint64_t)(text->text[i] - '0');

		if (digit > max || number > (max - digit) / 10)
			return false;
		number = number * 10 + digit;
	}
	if (i == 0)
		return false;
	text->text += i;
	text->len -= i;
	*ret = number;
	return true;
}

bool
parse_size(struct slice text, size_t max, size_t *ret)
{
	uint64_t number;

	if (!parse_digits(&text, max, &number) || text.len > 0)
		return false;
	*ret = (size_t)number;
	return true;
}

static uint64_t
parse_unit_ms(struct slice text)
{
	static const struct {
		const char *name;
		uint64_t ms;
	} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60 * 1000}, {"h", 60 * 60 * 1000}};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (slice_is(text, units[i].name))
			return units[i].ms;
	}
	return 0;
}

bool
parse_duration_ms(struct slice text, uint64_t *ret)
{
	uint64_t whole, fraction = 0, scale = 1, unit;

	if (!parse_digits(&text, PARSE_DURATION_MAX_MS, &whole))
		return false;
	if (text.len > 0 && text.text[0] == '.') {
		struct slice rest = {text.text + 1, text.len - 1};

		if (!parse_digits(&rest, PARSE_FRACTION_MAX, &fraction))
			return false;
		for (const char *c = text.text + 1; c < rest.text; c++) {
			if (scale > PARSE_FRACTION_MAX)
				return false;
			scale *= 10;
		}
		text = rest;
	}
	unit = parse_unit_ms(text);
	if (unit == 0 || whole > PARSE_DURATION_MAX_MS / unit ||
	    fraction * unit % scale != 0)
		return false;
	whole = whole * unit + fraction * unit / scale;
	if (whole > PARSE_DURATION_MAX_MS)
		return false;
	*ret = whole;
	return true;
}
