#include "base/mem.h"
#include "cli/explain.h"
#include "cli/sheet.h"
#include "scenarios/catalogue.h"
#include "support/text.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The whole catalogue, as explain has it. */
struct shelf {
	struct subject *subjects;
	size_t count;
};

static struct shelf
shelf_make(void)
{
	struct shelf shelf = {
	    .subjects = mem_array(catalogue_count, sizeof(struct subject)),
	    .count = catalogue_count};
	struct err err = ERR_INIT;

	for (size_t i = 0; i < catalogue_count; i++) {
		const struct catalogue_entry *entry = &catalogue_entries[i];

		cr_assert(
		    subject_load(entry->file, (struct slice){entry->text, entry->len},
		        &shelf.subjects[i], &err),
		    "%s", err.text);
	}
	return shelf;
}

static void
shelf_clear(struct shelf *shelf)
{
	for (size_t i = 0; i < shelf->count; i++)
		subject_clear(&shelf->subjects[i]);
	free(shelf->subjects);
}

/* Finds `text`; the place of `id` among the hits, SIZE_MAX: it is not among them. */
static size_t
place_of(const struct shelf *shelf, const char *text, const char *id, struct hit *ret)
{
	struct query query;
	struct hits hits;
	size_t place = SIZE_MAX;

	if (!query_read(&query, &text, 1))
		return SIZE_MAX;
	find(shelf->subjects, shelf->count, &query, &hits);
	for (size_t i = hits.count; i-- > 0;)
		if (strcmp(variations_first(&hits.items[i].subject->variations)->id,
		        id) == 0) {
			place = i;
			*ret = hits.items[i];
		}
	ret->why = NULL;
	query_clear(&query);
	hits_clear(&hits);
	return place;
}

/* By the first look at each sign, which is never skipped, whatever others show. */
static bool
is_found(const struct subject *subject, const char *text)
{
	struct query query;
	bool found = false;

	if (!query_read(&query, &text, 1))
		return false;
	for (size_t v = 0; v < subject->variations.count && !found; v++)
		for (size_t i = 0; i < subject->signs[v].count && !found; i++)
			found = score_sign(&query, &subject->signs[v].items[i]) > 0;
	query_clear(&query);
	return found;
}

static void
expect_found(const struct subject *subject, const char *what, const char *text)
{
	if (text == NULL || text[0] == '\0')
		return;
	cr_expect(is_found(subject, text), "%s is not found by its %s: %s",
	    variations_first(&subject->variations)->id, what, text);
}

static void
expect_number(
    const struct subject *subject, const char *what, const char *format, unsigned number)
{
	char *text = mem_format("%.*s%u", (int)strlen(format), format, number);

	expect_found(subject, what, text);
	free(text);
}

/* The middle of a text: a person copies a part. */
static char *
part_of(const char *text)
{
	size_t len = strlen(text), from = len / 4;

	while (from > 0 && text[from - 1] != ' ')
		from--;
	len = len - from < 80 ? len - from : 80;
	while (from + len < strlen(text) && text[from + len] != ' ')
		len++;
	return mem_text(text + from, len);
}

static void
expect_part(const struct subject *subject, const char *what, const char *text)
{
	char *part;

	if (text == NULL)
		return;
	part = part_of(text);
	expect_found(subject, what, part);
	free(part);
}

static void
expect_evidence(const struct subject *subject, const struct evidence *evidence)
{
	if (evidence->httperr_reason != NULL)
		expect_found(subject, "reason", evidence->httperr_reason);
	if (evidence->crp.is_set) {
		char *triple = mem_format("%u %u %u", evidence->crp.status,
		    evidence->crp.substatus, (unsigned)evidence->crp.win32);

		expect_found(subject, "VerifyRequest triple", triple);
		free(triple);
	}
	for (size_t i = 0; i < evidence->event_count; i++) {
		const struct event_evidence *event = &evidence->events[i];
		char *source = mem_format("%s %u", event->source, event->id);

		expect_number(subject, "event", "", event->id);
		expect_number(subject, "event", "event ", event->id);
		expect_found(subject, "event with source", source);
		expect_part(subject, "event's text", event->text);
		free(source);
	}
	for (size_t i = 0; i < evidence->file_count; i++)
		for (size_t k = 0; k < evidence->files[i].lines.count; k++)
			expect_part(
			    subject, "line of a file", evidence->files[i].lines.items[k]);
	for (size_t i = 0; i < evidence->registry_count; i++) {
		const char *slash = strrchr(evidence->registry[i].key, '\\');

		expect_found(subject, "registry key", evidence->registry[i].key);
		expect_found(subject, "registry value", slash != NULL ? slash + 1 : NULL);
	}
	for (size_t i = 0; i < evidence->client_count; i++)
		expect_found(subject, "client text", evidence->clients[i].shows);
}

static void
expect_hresult(const struct subject *subject, uint32_t hresult)
{
	char *forms[] = {mem_format("0x%08x", (unsigned)hresult),
	    mem_format("%08X", (unsigned)hresult), mem_format("%u", (unsigned)hresult),
	    mem_format("%d", (int)(int32_t)hresult)};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		expect_found(subject, "HRESULT", forms[i]);
		free(forms[i]);
	}
}

/* What a browser shows of it. */
static void
expect_body(const struct subject *subject, const char *body)
{
	char *seen;

	if (body == NULL)
		return;
	seen =
	    page_visible((struct bytes){(const unsigned char *)body, strlen(body)}, NULL);
	expect_part(subject, "body", seen);
	free(seen);
}

static void
expect_rule(const struct subject *subject, const struct rule *rule)
{
	const struct action *action = &rule->action;

	expect_evidence(subject, &rule->evidence);
	if (action->kind == ACTION_RESPOND) {
		unsigned status =
		    rule->reply.status != 0 ? rule->reply.status : action->respond.status;

		expect_number(subject, "status", "", status);
		expect_number(subject, "status", "HTTP ", status);
		if (status < 0x1000)
			expect_hresult(subject, UINT32_C(0x80190000) | status);
		expect_body(subject, action->respond.body);
	}
	if (action->kind == ACTION_RESPOND && rule->evidence.has_iis) {
		char *triple = mem_format("%u %u %u", action->respond.status,
		    rule->evidence.substatus, (unsigned)rule->evidence.win32);

		expect_found(subject, "triple", triple);
		free(triple);
	}
	if (action->kind == ACTION_SCEP && action->scep.fail_info != NULL)
		expect_found(subject, "failInfo", action->scep.fail_info);
	if (action->kind == ACTION_SCEP && action->scep.has_hresult)
		expect_hresult(subject, action->scep.hresult);
}

Test(explain, each_scenario_is_found_by_every_symptom_it_declares, .timeout = 60)
{
	struct shelf shelf = shelf_make();

	for (size_t i = 0; i < shelf.count; i++)
		for (size_t v = 0; v < shelf.subjects[i].variations.count; v++) {
			const struct scenario *scenario =
			    shelf.subjects[i].variations.items[v].scenario;

			expect_part(&shelf.subjects[i], "symptom", scenario->doc.symptom);
			expect_evidence(&shelf.subjects[i], &scenario->evidence);
			for (size_t r = 0; r < scenario->rule_count; r++)
				expect_rule(&shelf.subjects[i], &scenario->rules[r]);
		}
	shelf_clear(&shelf);
}

Test(explain, each_scenario_comes_first_by_its_names, .timeout = 60)
{
	struct shelf shelf = shelf_make();
	struct hit hit;

	for (size_t i = 0; i < shelf.count; i++) {
		const struct scenario *scenario =
		    variations_first(&shelf.subjects[i].variations);

		cr_expect(place_of(&shelf, scenario->id, scenario->id, &hit) == 0,
		    "case %s", scenario->id);
		for (size_t k = 0; k < scenario->aliases.count; k++)
			cr_expect(place_of(&shelf, scenario->aliases.items[k],
			              scenario->id, &hit) == 0,
			    "case %s", scenario->aliases.items[k]);
		expect_found(&shelf.subjects[i], "title", scenario->title);
	}
	shelf_clear(&shelf);
}

/* What an administrator has in hand, and what must come first. */
Test(explain, knows_what_people_paste, .timeout = 20)
{
	static const struct {
		const char *text;
		const char *id;
		const char *settings; /* NULL: the defaults */
		size_t before;        /* others that show it as well */
	} rows[] = {
	    {"500 0 1346", "impersonation", NULL},
	    {"2017-08-08 20:22:16 IP_address GET /certsrv/mscep/mscep.dll "
	     "operation=GetCACert&message=SCEP%20Authority 443 - 10.5.14.22 "
	     "profiled/1.0+CFNetwork/811.5.4+Darwin/16.6.0 - 500 0 1346 31",
	        "impersonation", NULL},
	    {"1346", "impersonation", NULL},
	    {"0x80070542", "impersonation", NULL},
	    {"404.15", "uri-too-long", "answer=404.15"},
	    {"404 14 0", "uri-too-long", "answer=404.14"},
	    {"414 - URL_Length -", "uri-too-long", NULL},
	    {"HTTP Error 414. The request URL is too long.", "uri-too-long", NULL},
	    {"bad request request too long", "uri-too-long", "limit=stock"},
	    {"0x8019019E", "uri-too-long", NULL},
	    {"2018-02-27 05:16:08 10.0.0.9 51234 10.0.0.5 443 HTTP/1.1 GET "
	     "/certsrv/mscep/mscep.dll?operation=GetCACaps&message=ca 503 1 AppOffline SCEP",
	        "pool-crash", NULL},
	    {"0x801901F7", "pool-crash", NULL},
	    {"5002", "pool-crash", NULL, 3},
	    {"pool SCEP w3wp.exe", "pool-crash", NULL, 3},
	    {"Connection_Abandoned_By_ReqQueue", "pool-crash", NULL, 3},
	    {"Application pool 'SCEP' is being automatically disabled due to a series of "
	     "failures in the process(es) serving the pool.",
	        "pool-crash", NULL, 3},
	};
	struct shelf shelf = shelf_make();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct hit hit = {.score = 0};
		size_t place = place_of(&shelf, rows[i].text, rows[i].id, &hit);
		const char *settings = NULL;

		cr_expect(
		    place <= rows[i].before, "case %s: place %zu", rows[i].text, place);
		if (place == SIZE_MAX)
			continue;
		settings = hit.subject->variations.items[hit.variation].settings;
		if (rows[i].settings != NULL)
			expect_string(settings, rows[i].settings);
		else
			cr_expect(
			    settings == NULL, "case %s: %s", rows[i].text, settings);
	}
	shelf_clear(&shelf);
}

Test(explain, what_nobody_shows_is_not_found, .timeout = 20)
{
	static const char *const rows[] = {"xyzzy", "599.77", "0x8badf00d", "event 65535",
	    "499 99 4711", "Timer_SslRenegotiation",
	    "no scenario has these words in it, surely not"};
	struct shelf shelf = shelf_make();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct query query;
		struct hits hits;

		cr_assert(query_read(&query, &rows[i], 1));
		find(shelf.subjects, shelf.count, &query, &hits);
		cr_expect(hits.count == 0, "case %s: %s", rows[i],
		    hits.count > 0 ? hits.items[0].why : "");
		hits_clear(&hits);
		query_clear(&query);
	}
	shelf_clear(&shelf);
}

/* explain WORD into a text; the caller frees it. */
static char *
explained(const char *word, bool is_json, bool want)
{
	struct explain_options options = {
	    .words = &word, .word_count = 1, .is_json = is_json};
	struct paper paper = {.width = PAPER_WIDTH};
	struct err err = ERR_INIT;

	cr_expect(explain(&options, &paper, &err) == want, "case %s: %s", word, err.text);
	return buf_string(&paper.out);
}

Test(explain, tells_all_of_a_scenario)
{
	static const char *const parts[] = {"uri-too-long (414)\n", "\nSymptom ",
	    "\nCause ", "\nFix ", "\nWhat shows it\n", "414 - URL_Length -", "404 15 0",
	    "The request URL is too long.", "mockndes --scenario uri-too-long\n",
	    "\nSettings\n", "  post ", "\nSources ", "https://"};
	char *text = explained("uri-too-long", false, true);

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		cr_expect(
		    strstr(text, parts[i]) != NULL, "case %s in:\n%s", parts[i], text);
	free(text);
}

Test(explain, tells_a_choice_under_its_settings)
{
	char *text = explained("414:answer=404.15", false, true);

	cr_expect(strstr(text, "\n  IIS log    ... 404 15 0") != NULL, "%s", text);
	cr_expect(strstr(text, "--scenario uri-too-long:answer=404.15\n") != NULL);
	free(text);
	text = explained("414:limit=999,post=offered", false, true);
	cr_expect(
	    strstr(text, "--scenario uri-too-long:limit=999,post=offered\n") != NULL);
	free(text);
}

Test(explain, other_causes_stand_below)
{
	char *text = explained("pool-crash", false, true);

	cr_expect(strstr(text, "\nOther causes\n  cause=crl-unreachable\n") != NULL, "%s",
	    text);
	free(text);
}

static size_t
longest_word(const char *line)
{
	size_t longest = 0;

	for (; *line != '\0'; line += strcspn(line, " ")) {
		line += strspn(line, " ");
		if (strcspn(line, " ") > longest)
			longest = strcspn(line, " ");
	}
	return longest;
}

/* But for commands, addresses and keys of the registry. */
Test(explain, no_line_of_text_is_longer_than_the_paper)
{
	for (size_t i = 0; i < catalogue_count; i++) {
		char *text = explained(catalogue_entries[i].id, false, true);

		for (char *line = strtok(text, "\n"); line != NULL;
		     line = strtok(NULL, "\n"))
			cr_expect(text_width(line) <= PAPER_WIDTH ||
			              strstr(line, "mockndes ") != NULL ||
			              longest_word(line) > 60,
			    "case %s: %s", catalogue_entries[i].id, line);
		free(text);
	}
}

Test(explain, json_is_an_array_with_all_of_it)
{
	static const char *const members[] = {"id", "aliases", "group", "provenance",
	    "outcome", "title", "layers", "params", "sources", "command", "symptom",
	    "cause", "fix", "cases", "shows", "good_client", "unknown"};

	for (size_t i = 0; i < catalogue_count; i++) {
		char *text = explained(catalogue_entries[i].id, true, true);
		json_t *json = json_loads(text, 0, NULL);
		const json_t *object = json_array_get(json, 0);

		cr_assert(json_array_size(json) == 1, "case %s", catalogue_entries[i].id);
		for (size_t k = 0; k < sizeof(members) / sizeof(members[0]); k++)
			cr_expect(json_object_get(object, members[k]) != NULL,
			    "case %s: %s", catalogue_entries[i].id, members[k]);
		json_decref(json);
		free(text);
	}
}

Test(explain, what_is_not_found_names_what_is_near)
{
	static const struct {
		const char *word;
		const char *near;
	} rows[] = {{"AppOfline", "AppOffline"}, {"uri-to-long", "uri-too-long"},
	    {"badMessageChek", "badMessageCheck"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct explain_options options = {
		    .words = &rows[i].word, .word_count = 1};
		struct paper paper = {.width = PAPER_WIDTH};
		struct err err = ERR_INIT;

		cr_expect(!explain(&options, &paper, &err) && err.kind == ERR_FAILED &&
		              strstr(err.text, "did you mean ") != NULL &&
		              strstr(err.text, rows[i].near) != NULL,
		    "case %s: %s", rows[i].word, err.text);
		buf_clear(&paper.out);
	}
}

Test(explain, wrong_settings_and_no_words_are_usage)
{
	static const char *const words[] = {"uri-too-long:answer=7", "414:nope=1", " "};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct explain_options options = {.words = &words[i], .word_count = 1};
		struct paper paper = {.width = PAPER_WIDTH};
		struct err err = ERR_INIT;

		cr_expect(!explain(&options, &paper, &err) && err.kind == ERR_USAGE,
		    "case %s: %s", words[i], err.text);
		buf_clear(&paper.out);
	}
}
