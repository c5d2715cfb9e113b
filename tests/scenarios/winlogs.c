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
	return true;
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
	buf_clear(&log->text);
}

void
winlogs_close(struct winlogs *logs)
{
	nftw(logs->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	clear(&logs->iis);
	clear(&logs->httperr);
}

static void
read_file(const char *path, struct buf *out)
{
	FILE *file = fopen(path, "rbe");
	char bytes[4096];
	size_t n;

	if (file == NULL)
		return;
	while ((n = fread(bytes, 1, sizeof(bytes), file)) > 0)
		buf_add(out, bytes, n);
	fclose(file);
}

static void
read_line(struct winlog *log, struct slice line)
{
	static const char software[] = "#Software:";
	static const char fields[] = "#Fields:";

	if (slice_starts_nocase(line, software))
		log->head.text = line.text;
	if (slice_starts_nocase(line, fields)) {
		log->head.len = (size_t)(line.text - log->head.text) + line.len + 2;
		log->fields = slice_trim((struct slice){
		    line.text + strlen(fields), line.len - strlen(fields)});
	}
	if (line.len > 0 && line.text[0] == '#')
		return;
	log->count++;
	log->record = line;
}

size_t
winlog_look(struct winlog *log)
{
	glob_t files = {.gl_pathc = 0};
	const char *at;
	const char *end;

	buf_reset(&log->text);
	log->count = 0;
	log->head = log->fields = log->record = (struct slice){"", 0};
	if (glob(log->pattern, 0, NULL, &files) == 0) /* sorted by name, so by day */
		for (size_t i = 0; i < files.gl_pathc; i++)
			read_file(files.gl_pathv[i], &log->text);
	globfree(&files);
	if (log->text.len == 0)
		return 0;
	at = (const char *)log->text.data;
	end = at + log->text.len;
	for (const char *stop; (stop = memmem(at, (size_t)(end - at), "\r\n", 2)) != NULL;
	     at = stop + 2)
		read_line(log, (struct slice){at, (size_t)(stop - at)});
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
	struct slice word;

	for (size_t i = 0; (word = winlog_word(log->fields, i)).len > 0; i++)
		if (slice_is(word, name))
			return winlog_word(log->record, i);
	return (struct slice){"", 0};
}
