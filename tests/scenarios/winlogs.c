#include "scenarios/winlogs.h"

#include "base/clock.h"
#include "base/mem.h"
#include <ftw.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define IIS_FILES     "inetpub/logs/LogFiles/W3SVC1/u_ex*.log"
#define HTTPERR_FILES "Windows/System32/LogFiles/HTTPERR/httperr*.log"
#define PLUGIN        "NDES_Plugin"
#define VERIFY        "/VerifyRequest"
#define LOOK_EVERY_NS (2 * 1000000)

bool
winlogs_open(struct winlogs *logs, struct err *err)
{
	const char *parent = getenv("TMPDIR");

	*logs = (struct winlogs){.folder = ""};
	if (parent == NULL || strlen(parent) > 32)
		parent = "/tmp";
	snprintf(logs->folder, sizeof(logs->folder), "%s/mockndes-test-XXXXXX", parent);
	if (mkdtemp(logs->folder) == NULL)
		return err_set_errno(err, ERR_FAILED, "no folder for logs in %s", parent);
	logs->iis.pattern = mem_format("%s/" IIS_FILES, logs->folder);
	logs->httperr.pattern = mem_format("%s/" HTTPERR_FILES, logs->folder);
	logs->crp.pattern = mem_format("%s/" IIS_FILES, logs->folder);
	logs->crp.view = WINLOG_PLUGIN;
	logs->iis.head = logs->iis.fields = logs->iis.record = (struct slice){"", 0};
	logs->httperr.head = logs->httperr.fields = logs->httperr.record = logs->iis.head;
	logs->crp.head = logs->crp.fields = logs->crp.record = logs->iis.head;
	return true;
}

void
winlogs_part(struct winlogs *logs)
{
	logs->iis.view = WINLOG_DEVICES;
}

static int
remove_one(const char *path, const struct stat *stat, int type, struct FTW *where)
{
	return remove(path);
}

static void
clear(struct winlog *log)
{
	free(log->pattern);
	for (size_t i = 0; i < log->file_count; i++)
		free(log->files[i].path);
	buf_clear(&log->text);
	buf_clear(&log->head_text);
	buf_clear(&log->fields_text);
	buf_clear(&log->record_text);
}

void
winlogs_remove(const char *folder)
{
	nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void
winlogs_leave(struct winlogs *logs)
{
	clear(&logs->iis);
	clear(&logs->httperr);
	clear(&logs->crp);
}

void
winlogs_close(struct winlogs *logs)
{
	winlogs_remove(logs->folder);
	winlogs_leave(logs);
}

static struct winlog_file *
file_of(struct winlog *log, const char *path)
{
	for (size_t i = 0; i < log->file_count; i++)
		if (strcmp(log->files[i].path, path) == 0)
			return &log->files[i];
	if (log->file_count == WINLOG_FILES_MAX)
		return NULL;
	log->files[log->file_count] = (struct winlog_file){.path = mem_string(path)};
	return &log->files[log->file_count++];
}

/* What came since the last look. */
static void
read_file(struct winlog *log, const char *path)
{
	struct winlog_file *known = file_of(log, path);
	FILE *file = known != NULL ? fopen(path, "rbe") : NULL;
	char bytes[4096];
	size_t n;

	if (file == NULL)
		return;
	fseek(file, (long)known->done, SEEK_SET);
	while ((n = fread(bytes, 1, sizeof(bytes), file)) > 0) {
		buf_add(&log->text, bytes, n);
		known->done += n;
	}
	fclose(file);
}

static struct slice
field_of(struct slice fields, struct slice record, const char *name)
{
	struct slice word;

	for (size_t i = 0; (word = winlog_word(fields, i)).len > 0; i++)
		if (slice_is(word, name))
			return winlog_word(record, i);
	return (struct slice){"", 0};
}

/* True: this log's reader wants to know of it. */
static bool
is_in_view(const struct winlog *log, struct slice record)
{
	bool is_plugin;
	struct slice stem;

	if (log->view == WINLOG_ALL)
		return true;
	is_plugin = slice_is(field_of(log->fields, record, "cs(User-Agent)"), PLUGIN);
	if (log->view == WINLOG_DEVICES || !is_plugin)
		return is_plugin == (log->view == WINLOG_PLUGIN);
	stem = field_of(log->fields, record, "cs-uri-stem");
	return stem.len >= strlen(VERIFY) &&
	       slice_is(
	           (struct slice){stem.text + stem.len - strlen(VERIFY), strlen(VERIFY)},
	           VERIFY);
}

static struct slice
keep(struct buf *where, struct slice text)
{
	buf_reset(where);
	buf_add_slice(where, text);
	return buf_slice(where);
}

static void
read_line(struct winlog *log, struct slice line)
{
	static const char software[] = "#Software:";
	static const char fields[] = "#Fields:";

	if (slice_starts_nocase(line, software))
		buf_reset(&log->head_text);
	if (line.len > 0 && line.text[0] == '#') {
		buf_add_slice(&log->head_text, line);
		buf_add_text(&log->head_text, "\r\n");
		log->head = buf_slice(&log->head_text);
	}
	if (slice_starts_nocase(line, fields))
		log->fields = keep(&log->fields_text,
		    slice_trim((struct slice){
		        line.text + strlen(fields), line.len - strlen(fields)}));
	if ((line.len > 0 && line.text[0] == '#') || !is_in_view(log, line))
		return;
	log->count++;
	log->record = keep(&log->record_text, line);
}

static void
read_lines(struct winlog *log)
{
	const char *all = (const char *)log->text.data;
	const char *stop;

	while (log->taken < log->text.len &&
	       (stop = memmem(all + log->taken, log->text.len - log->taken, "\r\n", 2)) !=
	           NULL) {
		const char *at = all + log->taken;

		read_line(log, (struct slice){at, (size_t)(stop - at)});
		log->taken = (size_t)(stop - all) + 2;
	}
}

size_t
winlog_look(struct winlog *log)
{
	glob_t files = {.gl_pathc = 0};

	if (glob(log->pattern, 0, NULL, &files) == 0) /* sorted by name, so by day */
		for (size_t i = 0; i < files.gl_pathc; i++) {
			read_file(log, files.gl_pathv[i]);
			read_lines(log);
		}
	globfree(&files);
	return log->count - log->known;
}

bool
winlog_await(struct winlog *log, size_t count, unsigned ms)
{
	const struct timespec look = {.tv_nsec = LOOK_EVERY_NS};
	int64_t until = clock_monotonic_us() + (int64_t)ms * 1000;

	while (winlog_look(log) < count) {
		if (clock_monotonic_us() > until)
			return false;
		nanosleep(&look, NULL);
	}
	return true;
}

void
winlog_settle(struct winlog *log)
{
	winlog_look(log);
	log->known = log->count;
}

struct slice
winlog_word(struct slice line, size_t index)
{
	const char *end = line.text + line.len;
	const char *at = line.text;

	while (index > 0 && (at = memchr(at, ' ', (size_t)(end - at))) != NULL) {
		at++;
		index--;
	}
	if (at == NULL)
		return (struct slice){"", 0};
	const char *stop = memchr(at, ' ', (size_t)(end - at));
	return (struct slice){at, (size_t)((stop != NULL ? stop : end) - at)};
}

struct slice
winlog_field(const struct winlog *log, const char *name)
{
	return field_of(log->fields, log->record, name);
}
