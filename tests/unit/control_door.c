#include "base/mem.h"
#include "control/door.h"
#include "support/folder.h"
#include "support/text.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* A folder in which both places of the default lie. */
static struct folder
own_world(void)
{
	struct folder folder = folder_new();

	setenv("TMPDIR", folder.path, 1);
	unsetenv("XDG_RUNTIME_DIR");
	return folder;
}

static unsigned
mode_of(const char *path)
{
	struct stat info;

	return lstat(path, &info) == 0 ? info.st_mode & 07777 : 0;
}

/* A socket whose server died. */
static void
leave_stale(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	cr_assert(strlen(path) < sizeof(address.sun_path));
	memcpy(address.sun_path, path, strlen(path) + 1);
	cr_assert(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	close(fd);
}

Test(control_door, the_default_is_private_and_leaves_nothing_behind)
{
	struct folder folder = own_world();
	struct control_door door = CONTROL_DOOR_INIT;
	char *path = control_default_path("cafe"), *parent = control_default_folder();
	struct err err = ERR_INIT;
	int fd;

	cr_expect(strncmp(path, folder.path, strlen(folder.path)) == 0, "%s", path);
	umask(0);
	cr_assert(control_door_open(&door, path, &err), "%s", err.text);
	cr_expect(eq(uint, mode_of(path), 0600));
	cr_expect(eq(uint, mode_of(parent), 0700));
	cr_expect(eq(uint, (unsigned)umask(0), 0), "the umask is as before");
	cr_expect(
	    eq(int, fcntl(door.fd, F_GETFD), FD_CLOEXEC), "COMMAND does not get it");
	fd = control_connect(path, 1000);
	cr_expect(fd >= 0);
	close(fd);
	control_door_close(&door);
	control_door_close(&door);
	cr_expect(eq(int, rmdir(folder.path), 0), "empty again");
	free(path);
	free(parent);
}

Test(control_door, the_runtime_folder_is_taken_when_it_is_ours)
{
	static const char *const no_folders[] = {"", "relative", "/nonexistent", "/"};
	struct folder folder = own_world();
	char *want = mem_format("%s/mockndes", folder.path), *got;

	setenv("XDG_RUNTIME_DIR", folder.path, 1);
	got = control_default_folder();
	expect_string(got, want);
	free(got);
	/* "/" is another's unless root runs this. */
	for (size_t i = 0; i < (geteuid() == 0 ? 3 : 4); i++) {
		setenv("XDG_RUNTIME_DIR", no_folders[i], 1);
		got = control_default_folder();
		cr_expect(strncmp(got, folder.path, strlen(folder.path)) == 0 &&
		              strcmp(got, want) != 0,
		    "case %s: %s", no_folders[i], got);
		free(got);
	}
	free(want);
	folder_remove(&folder);
}

Test(control_door, a_temporary_folder_with_a_long_name_is_passed_over)
{
	struct folder folder = own_world();
	char longer[CONTROL_PATH_MAX], *path;

	memset(longer, 'a', sizeof(longer) - 1);
	memcpy(longer, "/tmp/", 5);
	longer[sizeof(longer) - 1] = '\0';
	setenv("TMPDIR", longer, 1);
	path = control_default_path("0123456789abcdef");
	cr_expect(strncmp(path, "/tmp/mockndes-", 14) == 0, "%s", path);
	free(path);
	longer[CONTROL_PATH_MAX - 48] = '\0';
	setenv("TMPDIR", longer, 1);
	path = control_default_path("0123456789abcdef");
	cr_expect(strncmp(path, longer, strlen(longer)) == 0, "%s", path);
	cr_expect(strlen(path) <= CONTROL_PATH_MAX, "%s", path);
	free(path);
	folder_remove(&folder);
}

Test(control_door, a_live_socket_is_not_taken_and_a_stale_one_is)
{
	struct folder folder = own_world();
	struct control_door first = CONTROL_DOOR_INIT, second = CONTROL_DOOR_INIT;
	char *path = mem_format("%s/door", folder.path);
	struct err err = ERR_INIT;

	leave_stale(path);
	cr_assert(control_door_open(&first, path, &err), "%s", err.text);
	cr_assert(not(control_door_open(&second, path, &err)));
	cr_expect(strstr(err.text, "another server answers") != NULL, "%s", err.text);
	cr_expect(strstr(err.text, path) != NULL, "%s", err.text);
	cr_expect(eq(int, err.kind, ERR_FAILED));
	control_door_close(&second);
	cr_expect(eq(int, access(path, F_OK), 0), "the first one's is still there");
	control_door_close(&first);
	cr_expect(eq(int, rmdir(folder.path), 0), "not even a draft is left");
	free(path);
}

Test(control_door, what_is_no_socket_is_left_alone)
{
	struct folder folder = own_world();
	struct control_door door = CONTROL_DOOR_INIT;
	char *path = mem_format("%s/door", folder.path);
	struct err err = ERR_INIT;
	FILE *file = fopen(path, "w");

	cr_assert(file != NULL);
	fputs("mine", file);
	fclose(file);
	cr_assert(not(control_door_open(&door, path, &err)));
	cr_expect(strstr(err.text, "is not a socket") != NULL, "%s", err.text);
	char *text = folder_read(&folder, "/door");
	expect_string(text, "mine");
	free(text);
	free(path);
	folder_remove(&folder);
}

Test(control_door, a_socket_that_another_took_over_is_not_removed)
{
	struct folder folder = own_world();
	struct control_door door = CONTROL_DOOR_INIT;
	char *path = mem_format("%s/door", folder.path);
	struct err err = ERR_INIT;

	cr_assert(control_door_open(&door, path, &err), "%s", err.text);
	cr_assert(unlink(path) == 0);
	leave_stale(path);
	control_door_close(&door);
	cr_expect(eq(int, access(path, F_OK), 0));
	free(path);
	folder_remove(&folder);
}

Test(control_door, a_default_folder_that_others_can_enter_is_refused)
{
	struct folder folder = own_world();
	struct control_door door = CONTROL_DOOR_INIT;
	char *path = control_default_path("cafe"), *parent = control_default_folder();
	struct err err = ERR_INIT;

	cr_assert(mkdir(parent, 0700) == 0 && chmod(parent, 0755) == 0);
	cr_assert(not(control_door_open(&door, path, &err)));
	cr_expect(strstr(err.text, "ours alone") != NULL, "%s", err.text);
	cr_assert(rmdir(parent) == 0 && symlink(folder.path, parent) == 0);
	cr_assert(not(control_door_open(&door, path, &err)), "a link is no folder");
	free(path);
	free(parent);
	folder_remove(&folder);
}

Test(control_door, a_place_that_cannot_be_is_a_sentence)
{
	struct folder folder = own_world();
	struct control_door door = CONTROL_DOOR_INIT;
	struct err err = ERR_INIT;
	char longer[CONTROL_PATH_MAX + 2];

	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	cr_assert(not(control_door_open(&door, longer, &err)));
	cr_expect(strstr(err.text, "longer than 107 bytes") != NULL, "%s", err.text);
	err = (struct err)ERR_INIT;
	cr_assert(not(control_door_open(&door, "/nonexistent/door", &err)));
	cr_expect(
	    strstr(err.text, "/nonexistent/door: No such file") != NULL, "%s", err.text);
	setenv("TMPDIR", "/nonexistent", 1);
	char *path = control_default_path("cafe");
	cr_assert(not(control_door_open(&door, path, &err)));
	cr_expect(strstr(err.text, "--control") != NULL, "%s", err.text);
	free(path);
	folder_remove(&folder);
}

Test(control_door, only_live_servers_are_found_and_the_dead_are_swept_away)
{
	struct folder folder = own_world();
	struct control_door doors[2] = {CONTROL_DOOR_INIT, CONTROL_DOOR_INIT};
	char *paths[] = {control_default_path("bb"), control_default_path("aa")};
	char *stale = control_default_path("dead"), *found[CONTROL_FIND_MAX];
	char *parent = control_default_folder();
	struct err err = ERR_INIT;
	size_t count = control_find(found);

	cr_expect(eq(sz, count, 0), "there is no folder even");
	cr_assert(control_door_open(&doors[0], paths[0], &err), "%s", err.text);
	leave_stale(stale);
	count = control_find(found);
	cr_assert(eq(sz, count, 1));
	expect_string(found[0], paths[0]);
	free(found[0]);
	cr_assert(control_door_open(&doors[1], paths[1], &err), "%s", err.text);
	cr_expect(access(stale, F_OK) != 0, "a new server cleans up");
	count = control_find(found);
	cr_assert(eq(sz, count, 2));
	expect_string(found[0], paths[1]);
	for (size_t i = 0; i < count; i++)
		free(found[i]);
	control_door_close(&doors[0]);
	cr_expect(eq(int, access(parent, F_OK), 0), "the other one's folder stays");
	control_door_close(&doors[1]);
	for (size_t i = 0; i < 2; i++)
		free(paths[i]);
	free(stale);
	free(parent);
	folder_remove(&folder);
}

Test(control_door, an_address_is_unix_and_a_path)
{
	static const char *const wrong[] = {
	    "", "unix:", "/run/x", "127.0.0.1:80", "UNIX:/x"};
	struct err err = ERR_INIT;
	const char *path = control_path_of("--control", "unix:/run/x", &err);

	expect_string(path, "/run/x");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		path = control_path_of("--control", wrong[i], &err);
		cr_expect(path == NULL, "case %s", wrong[i]);
		cr_expect(eq(int, err.kind, ERR_USAGE), "case %s", wrong[i]);
		cr_expect(strncmp(err.text, "--control takes unix:PATH", 25) == 0, "%s",
		    err.text);
	}
}
