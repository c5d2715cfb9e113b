#include "logs/console.h"

#include "base/clock.h"
#include "logs/field.h"

#include <jansson.h>
#include <stdlib.h>

#define CONSOLE_TEXT_MAX   160 /* bytes of one text from the wire shown to a person */
#define CONSOLE_METHOD_MAX 16
#define CONSOLE_JSON_MAX   8192 /* bytes of one text in JSON */

enum console_width {
	WIDTH_IP = 9,
	WIDTH_METHOD = 4,
	WIDTH_PATH = 24,  /* /certsrv/mscep/mscep.dll */
	WIDTH_ASKED = 20, /* PKIOperation PKCSReq */
	WIDTH_BYTES = 8,
	WIDTH_TAKEN = 9,
	WIDTH_TIME = 8,
};

#define COLOUR_GREEN  "\033[32m"
#define COLOUR_YELLOW "\033[33m"
#define COLOUR_RED    "\033[31m"
#define COLOUR_DIM    "\033[2m"
#define COLOUR_OFF    "\033[0m"

static void
console_add_text(struct buf *out, struct slice text, size_t max)
{
	struct slice shown = field_cut(text, max);

	field_add(out, shown, (struct field_style){' ', '?'});
	if (shown.len < text.len)
		buf_add_text(out, "...");
}

/* Fills the column that began at `start` with blanks, and adds one that parts columns. */
static void
console_end_column(struct buf *out, size_t start, size_t width)
{
	size_t shown = 0;

	for (size_t i = start; i < out->len; i++)
		shown += (out->data[i] & 0xc0) != 0x80; /* characters, not bytes */
	for (; shown < width; shown++)
		buf_add_char(out, ' ');
	buf_add_char(out, ' ');
}

static void
console_add_column(struct buf *out, struct slice text, size_t max, size_t width)
{
	size_t start = out->len;

	console_add_text(out, text, max);
	console_end_column(out, start, width);
}

static void
console_add_asked(struct buf *out, const struct console_record *record)
{
	size_t start = out->len;

	console_add_text(out, slice_of(record->operation), CONSOLE_TEXT_MAX);
	if (record->message_type != NULL) {
		if (record->operation != NULL)
			buf_add_char(out, ' ');
		console_add_text(out, slice_of(record->message_type), CONSOLE_TEXT_MAX);
	}
	console_end_column(out, start, WIDTH_ASKED);
}

static const char *
console_status_colour(unsigned status)
{
	if (status >= 200 && status < 300)
		return COLOUR_GREEN;
	if (status >= 400 && status < 500)
		return COLOUR_YELLOW;
	return status == 0 || status >= 500 ? COLOUR_RED : "";
}

static void
console_add_status(struct buf *out, unsigned status, bool coloured)
{
	const char *colour = coloured ? console_status_colour(status) : "";

	buf_add_text(out, colour);
	if (status == 0)
		buf_add_text(out, "  -");
	else
		buf_add_format(out, "%3u", status);
	buf_add_text(out, colour[0] != '\0' ? COLOUR_OFF : "");
}

/* "58 B", "1.9 kB", "123 kB": three digits at most, so that the columns never touch. */
static void
console_add_bytes(struct buf *out, uint64_t bytes)
{
	static const char units[] = "kMGTPE";
	size_t unit = 0;
	uint64_t tenths = bytes / 100;
	char number[24];

	if (bytes < 1000) {
		buf_add_format(out, "%*u B", WIDTH_BYTES - 2, (unsigned)bytes);
		return;
	}
	for (; tenths >= 10000; tenths /= 1000)
		unit++;
	if (tenths >= 1000)
		snprintf(number, sizeof(number), "%u", (unsigned)(tenths / 10));
	else
		snprintf(number, sizeof(number), "%u.%u", (unsigned)(tenths / 10),
		    (unsigned)(tenths % 10));
	buf_add_format(out, "%*s %cB", WIDTH_BYTES - 3, number, units[unit]);
}

static void
console_add_taken(struct buf *out, uint64_t us)
{
	const char *unit = us < 1000000 ? "ms" : "s";
	uint64_t tenths = us < 1000000 ? us / 100 : us / 100000;
	char number[24];

	snprintf(number, sizeof(number), "%llu.%u", (unsigned long long)(tenths / 10),
	    (unsigned)(tenths % 10));
	buf_add_format(out, "%*s %-2s", WIDTH_TAKEN - 3, number, unit);
}

/* What was done to this request and where to read about it. */
static void
console_add_fault(struct buf *out, const struct console_record *record, bool coloured)
{
	if (record->scenario == NULL && record->why == NULL && record->hint == NULL)
		return;
	buf_add_format(out, "%*s%s", WIDTH_TIME + 1, "", coloured ? COLOUR_DIM : "");
	if (record->scenario != NULL) {
		console_add_text(out, slice_of(record->scenario), CONSOLE_TEXT_MAX);
		if (record->rule != NULL) {
			buf_add_char(out, '/');
			console_add_text(out, slice_of(record->rule), CONSOLE_TEXT_MAX);
		}
		if (record->why != NULL || record->hint != NULL)
			buf_add_text(out, "  ");
	}
	if (record->why != NULL)
		console_add_text(out, slice_of(record->why), CONSOLE_TEXT_MAX);
	if (record->hint != NULL) {
		if (record->why != NULL)
			buf_add_text(out, "; ");
		else if (record->scenario == NULL)
			buf_add_text(out, "hint: ");
		console_add_text(out, slice_of(record->hint), CONSOLE_TEXT_MAX);
	}
	buf_add_text(out, coloured ? COLOUR_OFF "\n" : "\n");
}

static void
console_line_text(struct buf *out, const struct console_record *record, bool coloured)
{
	char date[CLOCK_LOG_DATE_SIZE];

	clock_log_date(record->time, date);
	buf_add(out, date + sizeof(date) - 1 - WIDTH_TIME, WIDTH_TIME);
	buf_add_char(out, ' ');
	console_add_column(out, record->client_ip, CONSOLE_TEXT_MAX, WIDTH_IP);
	console_add_column(out, record->method, CONSOLE_METHOD_MAX, WIDTH_METHOD);
	console_add_column(out, record->path, CONSOLE_TEXT_MAX, WIDTH_PATH);
	console_add_asked(out, record);
	console_add_status(out, record->status, coloured);
	console_add_bytes(out, record->bytes_sent);
	console_add_taken(out, record->time_taken_us);
	if (record->pki_status != NULL) {
		buf_add_char(out, ' ');
		console_add_text(out, slice_of(record->pki_status), CONSOLE_TEXT_MAX);
	}
	/* The unit "s" is followed by a blank for the column's sake; none ends a line. */
	while (out->data[out->len - 1] == ' ')
		out->len--;
	buf_add_char(out, '\n');
	console_add_fault(out, record, coloured);
}

static json_t *
console_json_text(struct slice text)
{
	struct buf safe = BUF_INIT;
	json_t *value;

	if (text.text == NULL)
		return json_null();
	console_add_text(&safe, text, CONSOLE_JSON_MAX);
	value = safe.len > 0 ? json_stringn((const char *)safe.data, safe.len)
	                     : json_string("");
	buf_clear(&safe);
	return value;
}

static int
console_json_write(const char *text, size_t len, void *arg)
{
	struct buf *out = arg;

	buf_add(out, text, len);
	return 0;
}

/* All names are always there: null is "none". */
static void
console_line_json(struct buf *out, const struct console_record *record)
{
	const struct {
		const char *name;
		struct slice text;
	} texts[] = {
	    {"client_ip", record->client_ip},
	    {"method", record->method},
	    {"path", record->path},
	    {"operation", slice_of(record->operation)},
	    {"message_type", slice_of(record->message_type)},
	    {"transaction_id", slice_of(record->transaction_id)},
	    {"pki_status", slice_of(record->pki_status)},
	    {"scenario", slice_of(record->scenario)},
	    {"rule", slice_of(record->rule)},
	    {"why", slice_of(record->why)},
	    {"hint", slice_of(record->hint)},
	};
	json_t *object = json_object();
	char date[CLOCK_LOG_DATE_SIZE];

	clock_log_date(record->time, date);
	json_object_set_new(object, "time", json_sprintf("%.10sT%sZ", date, date + 11));
	json_object_set_new(object, "status",
	    record->status != 0 ? json_integer(record->status) : json_null());
	json_object_set_new(
	    object, "bytes_sent", json_integer((json_int_t)record->bytes_sent));
	json_object_set_new(
	    object, "time_taken_us", json_integer((json_int_t)record->time_taken_us));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		json_object_set_new(
		    object, texts[i].name, console_json_text(texts[i].text));
	json_dump_callback(object, console_json_write, out, JSON_COMPACT);
	buf_add_char(out, '\n');
	json_decref(object);
}

void
console_line(struct buf *out, const struct console_record *record,
    enum console_format format, bool coloured)
{
	if (format == CONSOLE_JSON)
		console_line_json(out, record);
	else
		console_line_text(out, record, coloured);
}
