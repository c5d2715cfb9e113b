#include "certs/ossl.h"
#include "cli/check.h"
#include "cli/ctl.h"
#include "cli/decode.h"
#include "cli/explain.h"
#include "cli/list.h"
#include "cli/options.h"
#include "cli/serve.h"
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#ifndef MOCKNDES_VERSION
#define MOCKNDES_VERSION "unknown"
#endif

/* What stands in for a descriptor that is shut: else a socket would get its number. */
static void
keep_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

static int
print(struct buf *text, struct err *err)
{
	bool is_written =
	    fwrite(text->data, 1, text->len, stdout) == text->len && fflush(stdout) == 0;

	buf_clear(text);
	if (!is_written)
		err_set_errno(err, ERR_FAILED, "cannot write to stdout");
	return is_written ? 0 : (int)err->kind;
}

static int
decode(const struct options *options, struct err *err)
{
	struct decode_options what = {
	    .file = options->operand_count > 0 ? options->operands[0] : NULL,
	    .is_json = options->is_json,
	    .keys = options->keys,
	    .key_count = options->key_count,
	};

	if (options->operand_count > 1)
		err_set(err, ERR_USAGE, "decode takes one file, or - for stdin");
	else if (decode_print(&what, err))
		return 0;
	return (int)err->kind;
}

static int
ctl(const struct options *options, struct err *err)
{
	struct ctl_options what = {
	    .control = options->control,
	    .words = options->operands,
	    .word_count = options->operand_count,
	    .is_json = options->is_json,
	};

	return ctl_run(&what, err) ? 0 : (int)err->kind;
}

static int
explain_words(const struct options *options, struct err *err)
{
	struct explain_options what = {
	    .words = options->operands,
	    .word_count = options->operand_count,
	    .is_json = options->is_json,
	};

	return explain_print(&what, err) ? 0 : (int)err->kind;
}

static int
run(const struct options *options, struct err *err)
{
	struct buf text = BUF_INIT;

	switch (options->command) {
	case COMMAND_SERVE:
		ossl_init();
		return serve(options, err);
	case COMMAND_LIST:
		return list_print(options, err) ? 0 : (int)err->kind;
	case COMMAND_EXPLAIN:
		return explain_words(options, err);
	case COMMAND_CHECK:
		return check_print(options->operands, options->operand_count,
		           options->is_json, err)
		           ? 0
		           : (int)err->kind;
	case COMMAND_DECODE:
		ossl_init();
		return decode(options, err);
	case COMMAND_CTL:
		return ctl(options, err);
	case COMMAND_HELP:
		options_help(&text);
		return print(&text, err);
	case COMMAND_VERSION:
		buf_add_text(&text, "mockndes " MOCKNDES_VERSION "\n");
		return print(&text, err);
	}
	return 1;
}

int
main(int argc, char **argv)
{
	struct options options;
	struct err err = ERR_INIT;
	int code;

	keep_standard_descriptors();
	if (options_parse(&options, argc, argv, &err)) {
		code = run(&options, &err);
		options_clear(&options);
	} else {
		code = (int)err.kind;
	}
	if (err.kind != ERR_NONE)
		fprintf(stderr, "mockndes: %s\n", err.text);
	return code;
}
