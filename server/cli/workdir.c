#include "cli/workdir.h"

#include "base/mem.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

bool
workdir_make(struct workdir *workdir, struct err *err)
{
	const char *parent = getenv("TMPDIR");

	if (parent == NULL || parent[0] == '\0')
		parent = "/tmp";
	workdir->path = mem_format("%s/mockndes-XXXXXX", parent);
	if (mkdtemp(workdir->path) == NULL) {
		err_set_errno(err, ERR_FAILED,
		    "cannot make a folder for the CA's certificate in %s (TMPDIR chooses another)",
		    parent);
		free(workdir->path);
		workdir->path = NULL;
		return false;
	}
	char *whole = realpath(workdir->path, NULL); /* COMMAND may go elsewhere */
	if (whole != NULL) {
		free(workdir->path);
		workdir->path = whole;
	}
	workdir->ca_path = mem_format("%s/ca.pem", workdir->path);
	return true;
}

bool
workdir_write_ca(struct workdir *workdir, struct bytes pem, struct err *err)
{
	char *draft = mem_format("%s.new", workdir->ca_path);
	FILE *file = fopen(draft, "wbe");
	bool is_written = file != NULL && fwrite(pem.data, 1, pem.len, file) == pem.len;

	if (file != NULL && fclose(file) != 0)
		is_written = false;
	if (!is_written || rename(draft, workdir->ca_path) != 0) {
		err_set_errno(err, ERR_FAILED, "cannot write the CA's certificate to %s",
		    workdir->ca_path);
		is_written = false;
	}
	free(draft);
	return is_written;
}

void
workdir_remove(struct workdir *workdir)
{
	if (workdir->path == NULL)
		return;
	unlink(workdir->ca_path);
	rmdir(workdir->path);
	free(workdir->ca_path);
	free(workdir->path);
	*workdir = (struct workdir){.path = NULL};
}
