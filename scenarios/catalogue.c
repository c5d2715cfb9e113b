#include "scenarios/catalogue.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "scenarios/load.h"
#include "scenarios/tree.h"
#include <stdlib.h>
#include <string.h>

const struct catalogue_entry *
catalogue_find(struct slice name)
{
	for (size_t i = 0; i < catalogue_count; i++) {
		const struct catalogue_entry *entry = &catalogue_entries[i];

		if (slice_is(name, entry->id))
			return entry;
		for (const char *const *alias = entry->aliases; *alias != NULL; alias++)
			if (slice_is(name, *alias))
				return entry;
	}
	return NULL;
}

static size_t
count_names(void)
{
	size_t count = 0;

	for (size_t i = 0; i < catalogue_count; i++) {
		count++;
		for (size_t j = 0; catalogue_entries[i].aliases[j] != NULL; j++)
			count++;
	}
	return count;
}

static void
refuse_name(struct slice name, struct err *err)
{
	const char **names = mem_array(count_names(), sizeof(*names));
	struct buf hint = BUF_INIT;
	size_t count = 0;
	char *text;

	for (size_t i = 0; i < catalogue_count; i++) {
		names[count++] = catalogue_entries[i].id;
		for (size_t j = 0; catalogue_entries[i].aliases[j] != NULL; j++)
			names[count++] = catalogue_entries[i].aliases[j];
	}
	nearest_hint(&hint, name, names, count);
	buf_add_text(&hint, hint.len > 0 ? " " : "; ");
	text = buf_string(&hint);
	err_set(err, ERR_USAGE, "there is no scenario '%s'%smockndes list shows all",
	    quote_slice(name).text, text);
	free(text);
	free(names);
}

struct scenario *
catalogue_load(const char *choice, struct err *err)
{
	const char *colon = strchr(choice, ':');
	struct slice name = slice_of(choice);
	const struct catalogue_entry *entry;

	if (colon != NULL)
		name.len = (size_t)(colon - choice);
	entry = catalogue_find(name);
	if (entry == NULL) {
		refuse_name(name, err);
		return NULL;
	}
	return scenario_load(entry->file, (struct slice){entry->text, entry->len},
	    colon != NULL ? colon + 1 : NULL, err);
}
