#include "certs/ossl.h"
#include "cli/list.h"
#include "cli/options.h"
#include "cli/serve.h"
#include <stdio.h>

#ifndef MOCKNDES_VERSION
#define MOCKNDES_VERSION "unknown"
#endif

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
	case COMMAND_HELP:
		options_help(&text);
		fwrite(text.data, 1, text.len, stdout);
		buf_clear(&text);
		return 0;
	case COMMAND_VERSION:
		puts("mockndes " MOCKNDES_VERSION);
		return 0;
	}
	return 1;
}

int
main(int argc, char **argv)
{
	struct options options;
	struct err err = ERR_INIT;
	int code = 2;

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
