/*
 * err: one sentence that says what went wrong, where, and the cure.
 *
 * A function that can fail takes `struct err *err` as its last parameter and
 * returns false (or NULL). The sentence is set once, where the failure is seen;
 * callers pass it on untouched. The kind decides the exit code of the program.
 * A wrong message from a peer is not an err but a result.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

enum err_kind {
	ERR_NONE = 0,
	ERR_FAILED = 1, /* could not do it: exit code 1 */
	ERR_USAGE = 2,  /* asked for wrongly (option, scenario file): exit code 2 */
};

#define ERR_TEXT_MAX 512 /* longer sentences are cut */

struct err {
	enum err_kind kind;
	char text[ERR_TEXT_MAX];
};

#define ERR_INIT                 \
	{                        \
		.kind = ERR_NONE \
	}

/* Sets the sentence (no final newline) and returns false: `return err_set(...)`. */
bool err_set(struct err *err, enum err_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As err_set, followed by ": " and strerror(errno). */
bool err_set_errno(struct err *err, enum err_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
