/*
 * pages: writes docs/scenarios and the table in README.md. A tool of the build, run by
 * tools/pages:
 *
 *     scenario-pages TOP           writes what is not current, removes what has no
 * scenario scenario-pages --check TOP   names it, and ends with 1
 *
 * TOP is the folder of the sources.
 */
#include "base/mem.h"
#include "cli/markdown.h"
#include "scenarios/catalogue.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER    "docs/scenarios"
#define INDEX     "README.md"
#define README    "README.md"
#define BEGIN     "<!-- scenarios -->\n"
#define END       "<!-- /scenarios -->\n"
#define GROUP     "documented"
#define READ_SIZE 65536

struct site {
	const char *top;
	bool is_check;
	size_t stale;
	struct subject *subjects; /* by group, then by id */
	size_t count;
};

static bool
read_file(const char *path, struct buf *ret, struct err *err)
{
	FILE *file = fopen(path, "rbe");
	size_t got;
	bool ok;

	if (file == NULL)
		return errno == ENOENT ||
		       err_set_errno(err, ERR_FAILED, "cannot open %s", path);
	do {
		buf_reserve(ret, READ_SIZE);
		got = fread(ret->data + ret->len, 1, READ_SIZE, file);
		ret->len += got;
	} while (got > 0);
	ok = ferror(file) == 0 || err_set_errno(err, ERR_FAILED, "cannot read %s", path);
	fclose(file);
	return ok;
}

static bool
write_file(const char *path, const struct buf *text, struct err *err)
{
	FILE *file = fopen(path, "wbe");
	bool ok;

	if (file == NULL)
		return err_set_errno(err, ERR_FAILED, "cannot make %s", path);
	ok = fwrite(text->data, 1, text->len, file) == text->len;
	if (fclose(file) != 0 || !ok)
		return err_set_errno(err, ERR_FAILED, "cannot write %s", path);
	return true;
}

/* Writes the text, or only says that it differs. */
static bool
put(struct site *site, const char *name, const struct buf *text, struct err *err)
{
	char *path = mem_format("%s/%s", site->top, name);
	struct buf old = BUF_INIT;
	bool ok = read_file(path, &old, err);

	if (ok && !slice_equal(buf_slice(&old), buf_slice(text))) {
		site->stale++;
		printf("%s: %s\n", name, site->is_check ? "is not current" : "written");
		if (!site->is_check)
			ok = write_file(path, text, err);
	}
	buf_clear(&old);
	free(path);
	return ok;
}

static bool
put_page(struct site *site, const struct subject *subject, struct err *err)
{
	char *name =
	    mem_format(FOLDER "/%s.md", variations_first(&subject->variations)->id);
	struct buf text = BUF_INIT;
	bool ok;

	markdown_page(&text, subject);
	ok = put(site, name, &text, err);
	buf_clear(&text);
	free(name);
	return ok;
}

static bool
put_index(struct site *site, struct err *err)
{
	struct buf text = BUF_INIT;
	bool ok;

	markdown_index(&text, site->subjects, site->count);
	ok = put(site, FOLDER "/" INDEX, &text, err);
	buf_clear(&text);
	return ok;
}

/* The table goes between the two marks; all else of README.md stays. */
static bool
put_readme(struct site *site, struct err *err)
{
	char *path = mem_format("%s/" README, site->top);
	struct buf old = BUF_INIT, text = BUF_INIT;
	char *begin = NULL, *end = NULL;
	bool ok = read_file(path, &old, err);

	buf_add_char(&old, '\0');
	if (ok)
		begin = strstr((char *)old.data, BEGIN);
	if (begin != NULL)
		end = strstr(begin, END);
	if (ok && end == NULL)
		ok = err_set(err, ERR_FAILED,
		    README
		    " has no place for the table: put the lines %.*s and %.*s there",
		    (int)sizeof(BEGIN) - 2, BEGIN, (int)sizeof(END) - 2, END);
	if (ok) {
		buf_add(&text, old.data,
		    (size_t)(begin - (char *)old.data) + sizeof(BEGIN) - 1);
		markdown_table(&text, site->subjects, site->count, GROUP, FOLDER);
		buf_add_text(&text, end);
		ok = put(site, README, &text, err);
	}
	buf_clear(&old);
	buf_clear(&text);
	free(path);
	return ok;
}

static bool
has_scenario(const char *file)
{
	size_t len = strlen(file);

	for (size_t i = 0; i < catalogue_count; i++)
		if (len == strlen(catalogue_entries[i].id) + 3 &&
		    strncmp(file, catalogue_entries[i].id, len - 3) == 0)
			return true;
	return strcmp(file, INDEX) == 0;
}

/* A page whose scenario is gone. */
static bool
drop_page(struct site *site, const char *file, struct err *err)
{
	char *path = mem_format("%s/" FOLDER "/%s", site->top, file);
	bool ok = true;

	site->stale++;
	printf(FOLDER "/%s: %s\n", file,
	    site->is_check ? "belongs to no scenario" : "removed");
	if (!site->is_check && unlink(path) != 0)
		ok = err_set_errno(err, ERR_FAILED, "cannot remove %s", path);
	free(path);
	return ok;
}

static int
is_page(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return len > 3 && strcmp(entry->d_name + len - 3, ".md") == 0;
}

static bool
drop_pages(struct site *site, struct err *err)
{
	char *path = mem_format("%s/" FOLDER, site->top);
	struct dirent **entries = NULL;
	int count = scandir(path, &entries, is_page, alphasort);
	bool ok = count >= 0 || err_set_errno(err, ERR_FAILED, "cannot open %s", path);

	for (int i = 0; i < count; i++) {
		if (ok && !has_scenario(entries[i]->d_name))
			ok = drop_page(site, entries[i]->d_name, err);
		free(entries[i]);
	}
	free(entries);
	free(path);
	return ok;
}

static int
compare(const void *a, const void *b)
{
	const struct subject *left = a, *right = b;
	const struct scenario *one = variations_first(&left->variations);
	const struct scenario *other = variations_first(&right->variations);
	int order = strcmp(one->group, other->group);

	return order != 0 ? order : strcmp(one->id, other->id);
}

static bool
load_all(struct site *site, struct err *err)
{
	site->subjects = mem_array(catalogue_count + 1, sizeof(*site->subjects));
	for (size_t i = 0; i < catalogue_count; i++) {
		const struct catalogue_entry *entry = &catalogue_entries[i];

		if (!subject_load(entry->file, (struct slice){entry->text, entry->len},
		        &site->subjects[site->count], err))
			return false;
		site->count++;
	}
	qsort(site->subjects, site->count, sizeof(*site->subjects), compare);
	return true;
}

static bool
put_all(struct site *site, struct err *err)
{
	char *folder = mem_format("%s/" FOLDER, site->top);
	bool ok = load_all(site, err);

	if (ok && mkdir(folder, 0777) != 0 && errno != EEXIST)
		ok = err_set_errno(err, ERR_FAILED, "cannot make %s", folder);
	for (size_t i = 0; ok && i < site->count; i++)
		ok = put_page(site, &site->subjects[i], err);
	ok = ok && put_index(site, err) && put_readme(site, err) && drop_pages(site, err);
	free(folder);
	return ok;
}

int
main(int argc, char **argv)
{
	struct site site = {.is_check = argc == 3 && strcmp(argv[1], "--check") == 0};
	struct err err = ERR_INIT;
	bool ok;

	if (argc != 2 + site.is_check) {
		fprintf(stderr, "usage: scenario-pages [--check] TOP\n");
		return 2;
	}
	site.top = argv[argc - 1];
	ok = put_all(&site, &err);
	for (size_t i = 0; i < site.count; i++)
		subject_clear(&site.subjects[i]);
	free(site.subjects);
	if (!ok)
		fprintf(stderr, "pages: %s\n", err.text);
	return !ok || (site.is_check && site.stale > 0) ? 1 : 0;
}
