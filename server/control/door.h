/*
 * door: the unix socket on which a running server is driven: where it lies, how it
 * is found, made and taken away. Knows nothing of what is said through it.
 *
 * Who may open the socket may drive the server: it is made with mode 0600. Without
 * --control it is FOLDER/<instance>.sock, where FOLDER is $XDG_RUNTIME_DIR/mockndes
 * if that variable names a folder of ours, else mockndes-<uid> below TMPDIR or /tmp,
 * with mode 0700, and refused when it is somebody else's. (A parent whose name leaves
 * no room for the socket's is passed over.) A socket appears under its name when it
 * listens, not before, so one that refuses is stale: its server died.
 */
#ifndef CONTROL_DOOR_H
#define CONTROL_DOOR_H

#include "base/err.h"
#include <stddef.h>
#include <sys/types.h>

#define CONTROL_PATH_MAX 107 /* bytes; what sockaddr_un holds besides NUL */
#define CONTROL_FIND_MAX 16  /* running servers that are looked for */

struct control_door {
	int fd;     /* listens; -1: none */
	char *path; /* whole: COMMAND may have gone elsewhere */
	dev_t device;
	ino_t inode;
};

#define CONTROL_DOOR_INIT \
	{                 \
		.fd = -1  \
	}

char *control_default_folder(void);               /* yours; may not be there */
char *control_default_path(const char *instance); /* yours; nothing is made */
/* PATH of "unix:PATH", borrowed; NULL with ERR_USAGE. `name` is who said it. */
const char *control_path_of(const char *name, const char *address, struct err *err);

/*
 * Listens at `path`; the default folder is made if need be, and rid of stale sockets. A
 * stale socket is replaced. Refused: a live one, and what is no socket.
 */
bool control_door_open(struct control_door *door, const char *path, struct err *err);
/* Removes the socket if it is still ours, and the default folder if it is empty. */
void control_door_close(struct control_door *door);

/* Connected, for blocking use with timeouts; -1 and errno. */
int control_connect(const char *path, unsigned timeout_ms);
/* The sockets in the default folder behind which a server lives, by name; each yours. */
size_t control_find(char *ret[CONTROL_FIND_MAX]);

#endif
