/*
 * replay FOLDER...: gives every file of the folders to a fuzz target once, each in a
 * process of its own, and names those that it does not survive. So an input that once
 * found a fault stays a test, with any compiler.
 */
#include "fuzz.h"
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS_MAX 20 /* for one file */
#define FILE_MAX    (1024 * 1024)

static bool
read_file(const char *path, struct buf *ret)
{
	FILE *file = fopen(path, "rb");
	bool ok = false;

	buf_reserve(ret, FILE_MAX);
	if (file != NULL) {
		ret->len = fread(ret->data, 1, FILE_MAX, file);
		ok = ferror(file) == 0;
		fclose(file);
	}
	return ok;
}

/* In the child. A copy of just that size, so that a byte read too far is seen. */
static void
run(const struct buf *input)
{
	unsigned char *data = malloc(input->len + (input->len == 0));

	must(data != NULL);
	memcpy(data, input->data, input->len);
	alarm(SECONDS_MAX);
	LLVMFuzzerTestOneInput(data, input->len);
	free(data);
	exit(0);
}

static bool
survives(const char *path)
{
	struct buf input = BUF_INIT;
	int status = 0;
	pid_t child;

	if (!read_file(path, &input)) {
		fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
		return false;
	}
	child = fork();
	if (child == 0)
		run(&input);
	buf_clear(&input);
	if (child < 0 || waitpid(child, &status, 0) != child) {
		perror("replay");
		return false;
	}
	if (WIFSIGNALED(status))
		fprintf(stderr, "replay: %s: ended by signal %d (%s)\n", path,
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) != 0)
		fprintf(stderr, "replay: %s: exit code %d\n", path, WEXITSTATUS(status));
	return status == 0;
}

/* The number of files it ran; what failed is added to *failed. */
static size_t
run_folder(const char *folder, size_t *failed)
{
	struct dirent **entries = NULL;
	int count = scandir(folder, &entries, NULL, alphasort);
	char path[PATH_MAX];
	size_t ran = 0;

	if (count < 0)
		fprintf(stderr, "replay: %s: %s\n", folder, strerror(errno));
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		if (entries[i]->d_name[0] != '.') {
			ran++;
			*failed += !survives(path);
		}
		free(entries[i]);
	}
	free(entries);
	return ran;
}

int
main(int argc, char *argv[])
{
	size_t failed = 0;

	if (LLVMFuzzerInitialize != NULL)
		LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++) {
		if (run_folder(argv[i], &failed) == 0) {
			fprintf(stderr, "replay: no file in %s\n", argv[i]);
			failed++;
		}
	}
	return failed == 0 && argc > 1 ? 0 : 1;
}
