#include "store/folder.h"

#include "base/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PID_TEXT_MAX 16

static bool
make(const char *dir, struct err *err)
{
	struct stat what;

	if (mkdir(dir, 0700) == 0)
		return true;
	if (errno != EEXIST)
		return err_set_errno(err, ERR_FAILED,
		    "cannot make the state directory %s (--state chooses another)", dir);
	if (stat(dir, &what) != 0)
		return err_set_errno(err, ERR_FAILED,
		    "cannot look at the state directory %s (--state chooses another)",
		    dir);
	if (!S_ISDIR(what.st_mode))
		return err_set(err, ERR_FAILED,
		    "%s is not a directory: choose another --state, or move it away",
		    dir);
	return true;
}

/* Who holds the lock, as it wrote down itself; the sentence of a refusal. */
static bool
in_use(const char *dir, int fd, struct err *err)
{
	char text[PID_TEXT_MAX];
	ssize_t len = pread(fd, text, sizeof(text) - 1, 0);
	size_t digits;

	text[len > 0 ? len : 0] = '\0';
	digits = strspn(text, "0123456789");
	if (digits == 0)
		return err_set(err, ERR_FAILED,
		    "state directory %s is in use by another mockndes: stop it or choose another --state",
		    dir);
	return err_set(err, ERR_FAILED,
	    "state directory %s is in use by another mockndes (pid %.*s): stop it or choose another --state",
	    dir, (int)digits, text);
}

static bool
lock(const char *dir, int fd, struct err *err)
{
	char text[PID_TEXT_MAX];
	int len;

	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		return errno == EWOULDBLOCK ? in_use(dir, fd, err)
		                            : err_set_errno(err, ERR_FAILED,
		                                  "cannot lock %s/" FOLDER_LOCK
		                                  " (--state chooses another directory)",
		                                  dir);
	len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)len, 0) != len)
		return err_set_errno(err, ERR_FAILED,
		    "cannot write %s/" FOLDER_LOCK " (--state chooses another directory)",
		    dir);
	return true;
}

int
folder_take(const char *dir, struct err *err)
{
	char *path = NULL;
	int fd = -1;

	if (!make(dir, err))
		return -1;
	path = mem_format("%s/" FOLDER_LOCK, dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		err_set_errno(err, ERR_FAILED,
		    "cannot write into the state directory %s (--state chooses another)",
		    dir);
	else if (!lock(dir, fd, err)) {
		close(fd);
		fd = -1;
	}
	free(path);
	return fd;
}

char *
folder_database(const char *dir, struct err *err)
{
	char *path = mem_format("%s/" FOLDER_DATABASE, dir);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0) {
		err_set_errno(err, ERR_FAILED,
		    "cannot write %s (--state chooses another directory)", path);
		free(path);
		return NULL;
	}
	close(fd);
	return path;
}
