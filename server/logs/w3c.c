#include "logs/w3c.h"

#include "base/clock.h"
#include "base/mem.h"
#include "logs/field.h"
#include "logs/file.h"

#include <stdlib.h>

#define W3C_FOLDER    "inetpub/logs/LogFiles/W3SVC1"
/* HTTP.sys accepts no header and no URL longer than this (MaxFieldLength at its highest).
 */
#define W3C_FIELD_MAX 65534
#define W3C_DAY       86400

struct w3c_log {
	struct log_file file;
	char *dir;
	char *iis;
	enum w3c_fields fields;
	time_t day; /* of the open file, since 1970 */
	struct buf out;
};

static void
w3c_add_text(struct buf *out, struct slice text)
{
	if (text.len == 0)
		buf_add_char(out, '-');
	else
		field_add(
		    out, field_cut(text, W3C_FIELD_MAX), (struct field_style){'+', '+'});
	buf_add_char(out, ' ');
}

static void
w3c_add_number(struct buf *out, uint64_t number, char end)
{
	buf_add_size(out, (size_t)number);
	buf_add_char(out, end);
}

void
w3c_line(struct buf *out, const struct w3c_record *record, enum w3c_fields fields)
{
	char date[CLOCK_LOG_DATE_SIZE];

	clock_log_date(record->time, date);
	buf_add(out, date, sizeof(date) - 1);
	buf_add_char(out, ' ');
	w3c_add_text(out, record->server_ip);
	w3c_add_text(out, record->method);
	w3c_add_text(out, record->uri_stem);
	w3c_add_text(out, record->uri_query);
	w3c_add_number(out, record->server_port, ' ');
	w3c_add_text(out, record->username);
	w3c_add_text(out, record->client_ip);
	w3c_add_text(out, record->user_agent);
	w3c_add_text(out, record->referer);
	w3c_add_number(out, record->status, ' ');
	w3c_add_number(out, record->substatus, ' ');
	w3c_add_number(out, record->win32, ' ');
	if (fields == W3C_WITH_BYTES)
		w3c_add_number(out, record->bytes_sent, ' ');
	w3c_add_number(out, record->time_taken_ms, '\r');
	buf_add_char(out, '\n');
}

void
w3c_head(struct buf *out, const char *iis, time_t now, enum w3c_fields fields)
{
	char date[CLOCK_LOG_DATE_SIZE];

	clock_log_date(now, date);
	buf_add_format(out,
	    "#Software: Microsoft Internet Information Services %s\r\n"
	    "#Version: 1.0\r\n"
	    "#Date: %s\r\n"
	    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port"
	    " cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus"
	    " sc-win32-status%s time-taken\r\n",
	    iis, date, fields == W3C_WITH_BYTES ? " sc-bytes" : "");
}

static time_t
w3c_day(time_t t)
{
	return t >= 0 ? t / W3C_DAY : -((W3C_DAY - 1 - t) / W3C_DAY);
}

/* Yours. The two last digits of the year, month, day. */
static char *
w3c_path(const char *dir, time_t t)
{
	char date[CLOCK_LOG_DATE_SIZE];

	clock_log_date(t, date);
	return mem_format(
	    "%s/%s/u_ex%.2s%.2s%.2s.log", dir, W3C_FOLDER, date + 2, date + 5, date + 8);
}

/* Writes the head if the file was opened just now, and the record if there is one. */
static bool
w3c_append(
    struct w3c_log *log, time_t now, const struct w3c_record *record, struct err *err)
{
	bool is_new;

	if (!log_file_attach(&log->file, now, &is_new, err))
		return false;
	buf_reset(&log->out);
	if (is_new)
		w3c_head(&log->out, log->iis, now, log->fields);
	if (record != NULL)
		w3c_line(&log->out, record, log->fields);
	return log_file_write(&log->file, buf_bytes(&log->out), err);
}

struct w3c_log *
w3c_open(
    const char *dir, const char *iis, enum w3c_fields fields, time_t now, struct err *err)
{
	struct w3c_log *log = mem_alloc(sizeof(*log));

	log->dir = mem_string(dir);
	log->iis = mem_string(iis);
	log->fields = fields;
	log->day = w3c_day(now);
	log_file_init(&log->file, w3c_path(dir, now));
	if (!w3c_append(log, now, NULL, err)) {
		w3c_close(log);
		return NULL;
	}
	return log;
}

bool
w3c_write(struct w3c_log *log, const struct w3c_record *record, struct err *err)
{
	time_t day = w3c_day(record->time);
	struct err failure = ERR_INIT;
	bool ok;

	/* Forward only: a record that took its time over midnight must not reopen
	 * yesterday. */
	if (day > log->day) {
		log_file_move(&log->file, w3c_path(log->dir, record->time));
		log->day = day;
	}
	ok = w3c_append(log, record->time, record, &failure);
	return log_file_tell(&log->file, ok, &failure, err);
}

void
w3c_close(struct w3c_log *log)
{
	if (log == NULL)
		return;
	log_file_clear(&log->file);
	buf_clear(&log->out);
	free(log->dir);
	free(log->iis);
	free(log);
}
