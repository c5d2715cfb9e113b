#include "control/door.h"

#include "base/buf.h"
#include "base/mem.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define SUFFIX ".sock"
#define PARENT_MAX \
	(CONTROL_PATH_MAX - 48) /* /mockndes-<uid>/<instance>.sock fits behind */
#define BACKLOG      64
#define FOLDER_TRIES 8   /* another server may remove the empty folder under us */
#define PROBE_MS     200 /* a server that is that busy lives */

_Static_assert(CONTROL_PATH_MAX + 1 == sizeof(((struct sockaddr_un *)0)->sun_path),
    "sockaddr_un is as unix(7) says");

static bool
is_own_folder(const char *path)
{
	struct stat info;

	return path != NULL && path[0] == '/' && stat(path, &info) == 0 &&
	       S_ISDIR(info.st_mode) && info.st_uid == geteuid() &&
	       access(path, W_OK | X_OK) == 0;
}

char *
control_default_folder(void)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	const char *parent = getenv("TMPDIR");

	/* After su the variable may still be that of the user before. */
	if (is_own_folder(runtime) && strlen(runtime) <= PARENT_MAX)
		return mem_format("%s/mockndes", runtime);
	if (parent == NULL || parent[0] == '\0' || strlen(parent) > PARENT_MAX)
		parent = "/tmp";
	return mem_format("%s/mockndes-%lu", parent, (unsigned long)geteuid());
}

char *
control_default_path(const char *instance)
{
	char *folder = control_default_folder();
	char *path = mem_format("%s/%s" SUFFIX, folder, instance);

	free(folder);
	return path;
}

const char *
control_path_of(const char *name, const char *address, struct err *err)
{
	static const char scheme[] = "unix:";
	size_t len = sizeof(scheme) - 1;

	if (strncmp(address, scheme, len) == 0 && address[len] != '\0')
		return address + len;
	err_set(err, ERR_USAGE,
	    "%s takes unix:PATH, the socket of a server on this machine, not '%s'", name,
	    address);
	return NULL;
}

static bool
address_of(const char *path, struct sockaddr_un *ret)
{
	size_t len = strlen(path);

	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (len == 0 || len > CONTROL_PATH_MAX) {
		errno = ENAMETOOLONG;
		return false;
	}
	memcpy(ret->sun_path, path, len + 1);
	return true;
}

int
control_connect(const char *path, unsigned timeout_ms)
{
	struct timeval limit = {timeout_ms / 1000, (int)(timeout_ms % 1000) * 1000};
	struct sockaddr_un address;
	int fd;

	if (!address_of(path, &address))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	/* SO_SNDTIMEO bounds connect as well, which waits while the queue is full. */
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		int reason = errno;

		close(fd);
		errno = reason;
		return -1;
	}
	return fd;
}

/* What lives behind a name. */
enum tenant { TENANT_NONE, TENANT_STALE, TENANT_LIVE, TENANT_OTHER };

static enum tenant
tenant_of(const char *path)
{
	struct stat info;
	int fd;

	if (lstat(path, &info) != 0)
		return errno == ENOENT ? TENANT_NONE : TENANT_OTHER;
	if (!S_ISSOCK(info.st_mode))
		return TENANT_OTHER;
	fd = control_connect(path, PROBE_MS);
	if (fd >= 0) {
		close(fd);
		return TENANT_LIVE;
	}
	if (errno == ENOENT)
		return TENANT_NONE;
	return errno == ECONNREFUSED ? TENANT_STALE : TENANT_LIVE;
}

static int
is_socket_name(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name), tail = sizeof(SUFFIX) - 1;

	return len > tail && strcmp(entry->d_name + len - tail, SUFFIX) == 0;
}

/*
 * Walks the sockets of `folder`: those that live are put into `ret` (none when it is
 * NULL), stale ones are removed if wanted.
 */
static size_t
walk_sockets(const char *folder, bool sweep, char *ret[CONTROL_FIND_MAX])
{
	struct dirent **names = NULL;
	int count = scandir(folder, &names, is_socket_name, alphasort);
	size_t found = 0;

	for (int i = 0; i < count; i++) {
		char *path = mem_format("%s/%s", folder, names[i]->d_name);
		enum tenant tenant = tenant_of(path);

		if (sweep && tenant == TENANT_STALE)
			unlink(path);
		if (ret != NULL && tenant == TENANT_LIVE && found < CONTROL_FIND_MAX)
			ret[found++] = path;
		else
			free(path);
		free(names[i]);
	}
	free(names);
	return found;
}

size_t
control_find(char *ret[CONTROL_FIND_MAX])
{
	char *folder = control_default_folder();
	size_t count = walk_sockets(folder, false, ret);

	free(folder);
	return count;
}

/* Below /tmp anybody can make a folder of that name before us. */
static bool
make_folder(const char *folder, struct err *err)
{
	struct stat info;

	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return err_set_errno(err, ERR_FAILED,
		    "cannot make the folder %s for the control socket (--control unix:PATH "
		    "chooses another place)",
		    folder);
	if (lstat(folder, &info) != 0)
		return errno == ENOENT || /* removed under us: bind will say so */
		       err_set_errno(err, ERR_FAILED, "cannot look at %s", folder);
	if (!S_ISDIR(info.st_mode) || info.st_uid != geteuid() ||
	    (info.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return err_set(err, ERR_FAILED,
		    "%s is not a folder that is ours alone (mode 0700), so the control socket "
		    "does not go there; --control unix:PATH chooses another place",
		    folder);
	return true;
}

static bool
is_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return strncmp(path, folder, len) == 0 && path[len] == '/' &&
	       strchr(path + len + 1, '/') == NULL;
}

static bool
check_place(const char *path, struct err *err)
{
	enum tenant tenant = tenant_of(path);

	if (tenant == TENANT_LIVE)
		return err_set(err, ERR_FAILED,
		    "another server answers at the control socket %s: end it, or give this "
		    "one another --control unix:PATH",
		    path);
	if (tenant == TENANT_OTHER)
		return err_set(err, ERR_FAILED,
		    "%s is there and is not a socket, so it is left alone: give another "
		    "--control unix:PATH",
		    path);
	return true;
}

/* The socket has its mode from the first moment on; 0 or what errno says. */
static int
bind_private(int fd, const struct sockaddr_un *address)
{
	mode_t before = umask(0177);
	int result = bind(fd, (const struct sockaddr *)address, sizeof(*address));
	int reason = errno;

	umask(before);
	return result == 0 ? 0 : reason;
}

/* Binds under a name of its own, listens, and only then takes the name `path`. */
static int
listen_at(int fd, const char *path, const char *draft)
{
	struct sockaddr_un address;
	int reason;

	if (!address_of(draft, &address))
		return errno;
	unlink(draft);
	reason = bind_private(fd, &address);
	if (reason != 0)
		return reason;
	if (listen(fd, BACKLOG) != 0 || rename(draft, path) != 0) {
		reason = errno;
		unlink(draft);
	}
	return reason;
}

/* A draft beside `path` that is no longer than it, where that is possible; yours. */
static char *
draft_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	int folder_len = slash == NULL ? 0 : (int)(slash - path) + 1;

	return mem_format("%.*s.%d", folder_len, path, (int)getpid());
}

static bool
try_open(struct control_door *door, const char *path, int *reason, struct err *err)
{
	char *draft = draft_of(path);

	*reason = 0;
	door->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (door->fd < 0) {
		free(draft);
		return err_set_errno(err, ERR_FAILED, "cannot make a control socket");
	}
	*reason = listen_at(door->fd, path, draft);
	free(draft);
	if (*reason == 0)
		return true;
	close(door->fd);
	door->fd = -1;
	errno = *reason;
	return err_set_errno(err, ERR_FAILED, "cannot make the control socket %s", path);
}

static bool
open_at(struct control_door *door, const char *path, struct err *err)
{
	char *folder = control_default_folder();
	bool is_default = is_below(path, folder), ok = false;
	int reason = ENOENT;

	for (int i = 0; i < FOLDER_TRIES && !ok && reason == ENOENT; i++) {
		*err = (struct err)ERR_INIT;
		reason = 0;
		if (is_default && !make_folder(folder, err))
			break;
		if (is_default)
			walk_sockets(folder, true, NULL);
		if (!check_place(path, err))
			break;
		ok = try_open(door, path, &reason, err);
		if (!is_default)
			break;
	}
	free(folder);
	return ok;
}

bool
control_door_open(struct control_door *door, const char *path, struct err *err)
{
	struct stat info;

	if (strlen(path) > CONTROL_PATH_MAX)
		return err_set(err, ERR_USAGE,
		    "the path of the control socket is longer than %d bytes: %s",
		    CONTROL_PATH_MAX, path);
	if (!open_at(door, path, err))
		return false;
	door->path = realpath(path, NULL);
	if (door->path == NULL)
		door->path = mem_string(path);
	if (stat(path, &info) == 0) {
		door->device = info.st_dev;
		door->inode = info.st_ino;
	}
	return true;
}

void
control_door_close(struct control_door *door)
{
	struct stat info;
	char *folder;

	if (door->fd < 0)
		return;
	close(door->fd);
	if (lstat(door->path, &info) == 0 && info.st_dev == door->device &&
	    info.st_ino == door->inode)
		unlink(door->path);
	folder = control_default_folder();
	char *whole = realpath(folder, NULL);
	if (whole != NULL && is_below(door->path, whole))
		rmdir(whole); /* stays where another server's socket is in it */
	free(whole);
	free(folder);
	free(door->path);
	*door = (struct control_door)CONTROL_DOOR_INIT;
}
