#include "scenarios/kept.h"

#include "base/mem.h"
#include "scenarios/ask.h"
#include "scenarios/winlogs.h"
#include "support/peer.h"
#include "support/server_process.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PKI "pki" /* below a state folder: the CA and nothing else */

static bool
ask(const struct server_process *server, struct buf *bag, struct err *err)
{
	static const char request[] = "GET " ASK_PATH "?operation=GetCACert HTTP/1.1\r\n"
	                              "Host: localhost\r\n\r\n";
	struct bytes bytes = {(const unsigned char *)request, sizeof(request) - 1};
	struct peer_answer answer = PEER_ANSWER_INIT;
	struct peer peer;
	bool ok = peer_open(&peer, server->port, NULL) && peer_send(&peer, bytes) &&
	          peer_receive(&peer, false, &answer) && answer.status == 200;

	if (ok)
		*bag = buf_move(&answer.body);
	else
		err_set(err, ERR_FAILED, "a healthy server does not answer GetCACert");
	peer_close(&peer);
	peer_answer_clear(&answer);
	return ok;
}

bool
kept_open(struct kept *kept, const char *program, struct err *err)
{
	struct server_process server;
	struct winlogs place; /* a folder that goes with all that is in it */

	*kept = (struct kept){.folder = ""};
	if (!winlogs_open(&place, err))
		return false;
	const char *args[] = {
	    "--state", place.folder, "--listen", "127.0.0.1:0", "--quiet", NULL};
	bool ok = server_process_start(&server, program, args, err) &&
	          ask(&server, &kept->bag, err);

	server_process_stop(&server);
	if (!ok) {
		winlogs_close(&place);
		return false;
	}
	memcpy(kept->folder, place.folder, sizeof(kept->folder));
	winlogs_leave(&place);
	return true;
}

void
kept_close(struct kept *kept)
{
	if (kept->folder[0] != '\0')
		winlogs_remove(kept->folder);
	kept->folder[0] = '\0';
	buf_clear(&kept->bag);
}

/* Key files are written for their owner alone. */
static bool
copy_file(const char *from, const char *to)
{
	FILE *in = fopen(from, "rbe");
	FILE *out = in != NULL ? fopen(to, "wbxe") : NULL;
	char bytes[4096];
	bool ok = out != NULL && fchmod(fileno(out), 0600) == 0;
	size_t n;

	while (ok && (n = fread(bytes, 1, sizeof(bytes), in)) > 0)
		ok = fwrite(bytes, 1, n, out) == n;
	if (in != NULL)
		fclose(in);
	if (out != NULL)
		ok = fclose(out) == 0 && ok;
	return ok;
}

static bool
copy_folder(const char *from, const char *to)
{
	DIR *folder = opendir(from);
	bool ok = folder != NULL;

	for (const struct dirent *entry; ok && (entry = readdir(folder)) != NULL;) {
		char *source = mem_format("%s/%s", from, entry->d_name);
		char *target = mem_format("%s/%s", to, entry->d_name);

		if (entry->d_name[0] != '.')
			ok = copy_file(source, target);
		free(source);
		free(target);
	}
	if (folder != NULL)
		closedir(folder);
	return ok;
}

bool
kept_give(const struct kept *kept, const char *folder, struct err *err)
{
	char *from = mem_format("%s/" PKI, kept->folder);
	char *to = mem_format("%s/" PKI, folder);
	bool ok =
	    mkdir(folder, 0700) == 0 && mkdir(to, 0700) == 0 && copy_folder(from, to);

	if (!ok)
		err_set_errno(err, ERR_FAILED, "no CA could be copied to %s", folder);
	free(from);
	free(to);
	return ok;
}
