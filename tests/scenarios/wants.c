#include "scenarios/wants.h"

#include "base/mem.h"
#include "certs/ossl.h"
#include "cli/decode.h"
#include "cli/unwrap.h"
#include "scenarios/look.h"
#include "scep/describe.h"
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#define LOG_WAIT_MS 5000
#define LOG_SILENCE_MS \
	200 /* for a line that should not come, of a connection just left */
#define TIMER_SLACK_US 5000 /* a timer may be that early */

static bool
check_fate(const struct take *take, struct err *err)
{
	enum probe_fate want = take->probe->want_fate;

	if (ending_is(&take->ending, want, &take->answer))
		return true;
	return err_set(err, ERR_FAILED, "the connection is wanted %s, it was %s (%s)",
	    ending_name(want), ending_name(take->ending.outcome),
	    peer_fate_name(take->ending.end));
}

static bool
check_status(const struct take *take, struct err *err)
{
	unsigned want = take->probe->want_status;
	unsigned got = ending_status(&take->answer);

	if (want == 0 || got == want)
		return true;
	if (got == 0)
		return err_set(err, ERR_FAILED,
		    "status %u is wanted, no answer came: the connection was %s", want,
		    peer_fate_name(take->ending.end));
	return err_set(err, ERR_FAILED, "status %u is wanted, %u came", want, got);
}

bool
wants_glob(const char *glob, struct slice text)
{
	const char *star = strchr(glob, '*');
	size_t len = star != NULL ? (size_t)(star - glob) : strlen(glob);

	if (text.len < len || memcmp(glob, text.text, len) != 0)
		return false;
	if (star == NULL)
		return text.len == len;
	for (size_t i = len; i <= text.len; i++)
		if (wants_glob(star + 1, (struct slice){text.text + i, text.len - i}))
			return true;
	return false;
}

static bool
check_header(const struct take *take, const struct probe_header *want, struct err *err)
{
	struct slice value = {"", 0};
	const char *at = NULL;
	bool is_there = false;

	while (peer_next_header(&take->answer, want->name, &at, &value)) {
		is_there = true;
		if (want->value != NULL && wants_glob(want->value, value))
			return true;
	}
	if (!is_there && want->value == NULL)
		return true;
	if (!is_there)
		return err_set(err, ERR_FAILED,
		    "header %s: '%s' is wanted, it is not there", want->name,
		    want->value);
	return err_set(err, ERR_FAILED, "header %s: %s is wanted, '%.*s' came",
	    want->name, want->value != NULL ? want->value : "none", (int)value.len,
	    value.text);
}

static bool
check_headers(const struct take *take, struct err *err)
{
	for (size_t i = 0; i < take->probe->want_header_count; i++)
		if (!check_header(take, &take->probe->want_headers[i], err))
			return false;
	return true;
}

/* Each of one list is in the text, none of the other. */
static bool
check_texts(const struct buf *text, const char *what, const struct texts *wanted,
    const struct texts *unwanted, struct err *err)
{
	struct slice all = buf_slice(text);

	for (size_t i = 0; i < wanted->count; i++) {
		const char *item = wanted->items[i];

		if (all.len == 0 || memmem(all.text, all.len, item, strlen(item)) == NULL)
			return err_set(err, ERR_FAILED, "%s lacks '%s'", what, item);
	}
	for (size_t i = 0; i < unwanted->count; i++) {
		const char *item = unwanted->items[i];

		if (all.len > 0 && memmem(all.text, all.len, item, strlen(item)) != NULL)
			return err_set(err, ERR_FAILED, "%s has '%s'", what, item);
	}
	return true;
}

/* Columns stand where their widths put them: runs of blanks are one blank. */
static void
squeeze(struct buf *text)
{
	size_t kept = 0;

	for (size_t i = 0; i < text->len; i++)
		if (text->data[i] != ' ' || kept == 0 || text->data[kept - 1] != ' ')
			text->data[kept++] = text->data[i];
	text->len = kept;
}

static bool
add_key(const struct take *take, struct describe_aids *aids, struct err *err)
{
	struct buf key = BUF_INIT;
	bool ok;

	if (take->actor == NULL)
		return true;
	ok = OSSL_DER(&key, take->actor->client->key, i2d_PrivateKey) &&
	     describe_aids_add(aids, buf_bytes(&key), "the client's key", err);
	buf_clear(&key);
	return ok;
}

/* As `mockndes decode --key` does. */
static bool
decode(const struct take *take, struct buf *out, struct err *err)
{
	struct describe_aids aids = {.key_count = 0};
	struct fact *root = fact_new("input");
	struct buf bytes = BUF_INIT;
	bool ok;

	ok = ossl_load_providers(err) && add_key(take, &aids, err) &&
	     unwrap(buf_bytes(&take->answer.body), root, &bytes, err) &&
	     describe(buf_bytes(&bytes), &aids, root, err);
	if (ok)
		decode_text(root, out);
	squeeze(out);
	buf_clear(&bytes);
	describe_aids_clear(&aids);
	fact_free(root);
	return ok;
}

static bool
check_decode(const struct take *take, struct err *err)
{
	const struct texts *wanted = &take->probe->want_decode_has;
	const struct texts *unwanted = &take->probe->want_decode_lacks;
	struct err failure = ERR_INIT;
	struct buf text = BUF_INIT;
	bool ok;

	if (wanted->count + unwanted->count == 0)
		return true;
	if (!decode(take, &text, &failure)) {
		buf_clear(&text);
		return err_set(
		    err, ERR_FAILED, "the body cannot be decoded: %.400s", failure.text);
	}
	buf_add_format(&text, "seen by OpenSSL: %.*s\n", (int)take->seen.len,
	    take->seen.len > 0 ? (const char *)take->seen.data : "");
	ok = check_texts(&text, "the decoded body", wanted, unwanted, &failure);
	if (!ok)
		err_set(err, ERR_FAILED, "%.200s:\n%.*s", failure.text, (int)text.len,
		    (const char *)text.data);
	buf_clear(&text);
	return ok;
}

static bool
check_took(const struct take *take, struct err *err)
{
	uint64_t want = take->probe->want_took_ms * 1000;

	if (take->took_us + TIMER_SLACK_US >= want)
		return true;
	return err_set(err, ERR_FAILED,
	    "no sooner than %llu ms is wanted, it took %llu us",
	    (unsigned long long)take->probe->want_took_ms,
	    (unsigned long long)take->took_us);
}

/* Ready when the connection is over; else the server may still be about to write. */
static bool
has_records(struct winlog *log, const char *want, const struct take *take)
{
	bool is_over = take->ending.end == PEER_CLOSED || take->ending.end == PEER_CUT;

	if (strcmp(want, "none") == 0)
		return !winlog_await(log, 1, is_over ? 0 : LOG_SILENCE_MS);
	return winlog_await(log, 1, LOG_WAIT_MS) && winlog_look(log) == 1;
}

/* `got`, of the newest record, is `want`; no record at all where that is "none". */
static bool
check_log(struct winlog *log, const char *name, const char *want, const struct take *take,
    const char *const fields[], struct err *err)
{
	struct buf got = BUF_INIT;
	bool ok;

	if (want == NULL)
		return true;
	if (!has_records(log, want, take))
		return err_set(err, ERR_FAILED,
		    "%s: '%s' is wanted, %zu lines came: %.*s", name, want,
		    log->count - log->known, (int)log->record.len, log->record.text);
	if (strcmp(want, "none") == 0)
		return true;
	for (size_t i = 0; fields[i] != NULL; i++) {
		if (i > 0)
			buf_add_char(&got, ' ');
		buf_add_slice(&got, winlog_field(log, fields[i]));
	}
	ok = slice_is(buf_slice(&got), want);
	if (!ok)
		err_set(err, ERR_FAILED, "%s: '%s' is wanted, this came: %.*s", name,
		    want, (int)log->record.len, log->record.text);
	buf_clear(&got);
	return ok;
}

static bool
check_logs(struct play *play, const struct take *take, struct err *err)
{
	static const char *const triple[] = {
	    "sc-status", "sc-substatus", "sc-win32-status", NULL};
	static const char *const reason[] = {"s-reason", NULL};
	const struct probe *probe = take->probe;

	return check_log(
	           &play->logs.iis, "IIS log", probe->want_iis, take, triple, err) &&
	       check_log(&play->logs.httperr, "HTTPERR", probe->want_httperr, take,
	           reason, err) &&
	       check_log(&play->logs.crp, "VerifyRequest in the IIS log", probe->want_crp,
	           take, triple, err);
}

bool
wants_check(struct play *play, struct take *take, struct err *err)
{
	const struct probe *probe = take->probe;

	return check_fate(take, err) && check_status(take, err) &&
	       check_headers(take, err) &&
	       check_texts(&take->answer.body, "the body", &probe->want_body_has,
	           &probe->want_body_lacks, err) &&
	       look(play, take, err) && check_decode(take, err) &&
	       check_took(take, err) && check_logs(play, take, err);
}
