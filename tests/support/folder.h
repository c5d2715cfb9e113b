/*
 * folder: a temporary folder of one test, and the text of the files in it.
 */
#ifndef SUPPORT_FOLDER_H
#define SUPPORT_FOLDER_H

#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER_FILE_MAX (1024 * 1024)

struct folder {
	char path[64];
};

static inline struct folder
folder_new(void)
{
	struct folder folder = {.path = "/tmp/mockndes-test-XXXXXX"};

	cr_assert(mkdtemp(folder.path) != NULL);
	return folder;
}

/* The file at `name` (which begins with a slash), "" if there is none; yours. */
static inline char *
folder_read(const struct folder *folder, const char *name)
{
	char *text = calloc(1, FOLDER_FILE_MAX + 1);
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s%s", folder->path, name);
	file = fopen(path, "rb");
	cr_expect(file != NULL, "no file %s", path);
	if (file != NULL) {
		text[fread(text, 1, FOLDER_FILE_MAX, file)] = '\0';
		fclose(file);
	}
	return text;
}

/* How often `word` is in the text. */
static inline size_t
folder_count(const char *text, const char *word)
{
	size_t count = 0;

	for (; (text = strstr(text, word)) != NULL; text += strlen(word))
		count++;
	return count;
}

static inline int
folder_remove_one(const char *path, const struct stat *stat, int type, struct FTW *where)
{
	return remove(path);
}

static inline void
folder_remove(const struct folder *folder)
{
	nftw(folder->path, folder_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
