#include "cli/variables.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VARIABLE_PREFIX   "MOCKNDES_OPT_"
#define VARIABLE_SCENARIO "MOCKNDES_SCENARIO"
#define VARIABLE_NAME_MAX 64

/* "MOCKNDES_OPT_X_Y" is --x-y. */
static const struct option *
variable_option(struct slice variable)
{
	char name[VARIABLE_NAME_MAX] = "--";
	size_t skip = sizeof(VARIABLE_PREFIX) - 1;
	const struct option *option;

	if (slice_is(variable, VARIABLE_SCENARIO))
		return option_find(SLICE("--scenario"));
	if (variable.len - skip >= sizeof(name) - 2)
		return NULL;
	for (size_t i = skip; i < variable.len; i++) {
		char c = variable.text[i];

		if (c >= 'a' && c <= 'z')
			return NULL;
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		name[i - skip + 2] = c == '_' ? '-' : c;
	}
	option = option_find(slice_of(name));
	return option != NULL && option->set != NULL ? option : NULL;
}

static bool
is_ours(struct slice variable)
{
	size_t skip = sizeof(VARIABLE_PREFIX) - 1;

	return slice_is(variable, VARIABLE_SCENARIO) ||
	       (variable.len >= skip &&
	           memcmp(variable.text, VARIABLE_PREFIX, skip) == 0);
}

static bool
refuse_variable(struct slice variable, struct err *err)
{
	char *name = slice_string(variable);
	struct buf guess = BUF_INIT;

	/* the did-you-mean compares options, so that it reads as one */
	buf_add_text(&guess, "--");
	for (size_t i = sizeof(VARIABLE_PREFIX) - 1; i < variable.len; i++) {
		char c = variable.text[i];

		buf_add_char(
		    &guess, c == '_' ? '-' : (char)(c >= 'A' && c <= 'Z' ? c + 32 : c));
	}
	option_refuse_unknown(name, buf_slice(&guess), err);
	buf_clear(&guess);
	free(name);
	return false;
}

bool
read_environment(struct givens *givens, struct err *err)
{
	for (char **entry = environ; *entry != NULL; entry++) {
		size_t len = strcspn(*entry, "=");
		struct slice variable = {*entry, len};
		const struct option *option;

		if ((*entry)[len] != '=' || !is_ours(variable))
			continue;
		option = variable_option(variable);
		if (option == NULL)
			return refuse_variable(variable, err);
		givens->items[givens->count++] =
		    (struct given){option, *entry + len + 1, variable};
	}
	return true;
}

size_t
environment_count(void)
{
	size_t count = 0;

	while (environ[count] != NULL)
		count++;
	return count;
}
