#include "flow/site.h"

#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

static struct slice
name_of(struct slice key)
{
	const char *at = key.len > 0 ? memchr(key.text, '@', key.len) : NULL;

	if (at == NULL)
		return SLICE("");
	return (struct slice){at + 1, key.len - (size_t)(at + 1 - key.text)};
}

static char *
copy(struct slice text)
{
	struct buf out = BUF_INIT;

	buf_add_slice(&out, text);
	return buf_string(&out);
}

struct site *
site_new(struct slice key, struct ruling *ruling)
{
	struct site *site = mem_alloc(sizeof(*site));

	site->key = copy(key);
	site->name = copy(name_of(key));
	site->ruling = ruling;
	TAILQ_INIT(&site->turns);
	return site;
}

void
site_free(struct site *site)
{
	if (site == NULL)
		return;
	free(site->key);
	free(site->name);
	ruling_release(site->ruling);
	buf_clear(&site->last_nonce);
	free(site);
}

bool
site_path(struct slice path, struct slice *selector, struct slice *rest)
{
	const char *slash;

	if (path.len < 3 || memcmp(path.text, "/s/", 3) != 0)
		return false;
	*selector = (struct slice){path.text + 3, path.len - 3};
	slash = memchr(selector->text, '/', selector->len);
	*rest = SLICE("/");
	if (slash != NULL) {
		selector->len = (size_t)(slash - selector->text);
		*rest = (struct slice){slash, path.len - 3 - selector->len};
	}
	return true;
}

bool
site_choice(struct slice key, char ret[SITE_KEY_MAX + 1])
{
	const char *at = key.len > 0 ? memchr(key.text, '@', key.len) : NULL;
	size_t len = at != NULL ? (size_t)(at - key.text) : key.len;

	if (key.len > SITE_KEY_MAX || memchr(key.text, '\0', key.len) != NULL)
		return false;
	memcpy(ret, key.text, len);
	ret[len] = '\0';
	return true;
}

bool
site_can_play(const struct scenario *scenario, const char *choice, struct err *err)
{
	for (size_t i = 0; i < scenario->rule_count; i++)
		if (rule_is_of_door(&scenario->rules[i]) ||
		    rule_is_at_accept(&scenario->rules[i]))
			return err_set(err, ERR_USAGE,
			    "%s/%s is a fault below HTTP, which no path can choose: start "
			    "mockndes --scenario %s, or say mockndes ctl use %s; it gets a port "
			    "of its own",
			    scenario->id, scenario->rules[i].id, choice, choice);
	return true;
}
