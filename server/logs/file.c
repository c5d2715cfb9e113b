#include "logs/file.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_FILE_CURE "choose another directory with --logs"

void
log_file_init(struct log_file *file, char *path)
{
	*file = (struct log_file){.path = path, .fd = -1};
}

static void
log_file_detach(struct log_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

void
log_file_clear(struct log_file *file)
{
	log_file_detach(file);
	free(file->path);
	file->path = NULL;
}

void
log_file_move(struct log_file *file, char *path)
{
	log_file_detach(file);
	free(file->path);
	file->path = path;
}

/* As `mkdir -p` on all of the path but its last part. */
static bool
log_file_make_folders(const char *path, struct err *err)
{
	char *folder = mem_string(path);
	bool ok = true;

	for (char *slash = strchr(folder + 1, '/'); ok && slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, 0777) != 0 && errno != EEXIST)
			ok = err_set(err, ERR_FAILED, "cannot make the folder %s: %m; %s",
			    folder, LOG_FILE_CURE);
		*slash = '/';
	}
	free(folder);
	return ok;
}

static bool
log_file_open(struct log_file *file, struct err *err)
{
	if (!log_file_make_folders(file->path, err))
		return false;
	file->fd = open(file->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (file->fd < 0)
		return err_set(err, ERR_FAILED, "cannot open the log %s: %m; %s",
		    file->path, LOG_FILE_CURE);
	return true;
}

static bool
log_file_is_there(const struct log_file *file)
{
	struct stat open, named;

	return fstat(file->fd, &open) == 0 && stat(file->path, &named) == 0 &&
	       open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

bool
log_file_attach(struct log_file *file, time_t now, bool *is_new, struct err *err)
{
	if (file->fd >= 0 && now != file->looked && !log_file_is_there(file))
		log_file_detach(file);
	file->looked = now;
	if (file->fd >= 0) {
		*is_new = false;
		return true;
	}
	if (!log_file_open(file, err))
		return false;
	*is_new = true;
	return true;
}

bool
log_file_write(struct log_file *file, struct bytes lines, struct err *err)
{
	while (lines.len > 0) {
		ssize_t written = write(file->fd, lines.data, lines.len);

		/* A short write comes before a full disk; the next one says why. */
		if (written > 0) {
			lines.data += written;
			lines.len -= (size_t)written;
		} else if (written < 0 && errno != EINTR) {
			return err_set(err, ERR_FAILED, "cannot write the log %s: %m; %s",
			    file->path, LOG_FILE_CURE);
		}
	}
	return true;
}

bool
log_file_tell(struct log_file *file, bool ok, const struct err *failure, struct err *err)
{
	bool is_news = !ok && !file->is_failed;

	file->is_failed = !ok;
	if (is_news)
		*err = *failure;
	return !is_news;
}
