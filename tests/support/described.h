/*
 * described: what a test asks a tree of facts about.
 */
#ifndef SUPPORT_DESCRIBED_H
#define SUPPORT_DESCRIBED_H

#include "scep/describe.h"
#include "support/scep_fixture.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <openssl/err.h>
#include <string.h>

/* The first fact below `fact` with this label, or NULL. */
static inline const struct fact *
fact_at(const struct fact *fact, const char *label)
{
	const struct fact *found = NULL;

	if (strcmp(fact->label, label) == 0)
		return fact;
	for (size_t i = 0; i < fact->count && found == NULL; i++)
		found = fact_at(fact->children[i], label);
	return found;
}

static inline const char *
value_at(const struct fact *root, const char *label)
{
	const struct fact *fact = fact_at(root, label);

	return fact == NULL ? NULL : fact->value;
}

/* The level of the rule's first finding; FACT_PLAIN: there is none. */
static inline enum fact_level
level_of(const struct fact *root, const char *rule)
{
	const struct fact *finding = fact_at(root, rule);

	return finding == NULL ? FACT_PLAIN : finding->level;
}

static inline struct fact *
described(struct bytes input, const struct describe_aids *aids)
{
	struct fact *root = fact_new("input");
	struct err err = ERR_INIT;

	cr_assert(describe(input, aids, root, &err), "%s", err.text);
	cr_expect(ERR_peek_error() == 0, "error queue");
	return root;
}

/* A key of ours, as if it had been given. */
static inline struct describe_aids
aids_with(EVP_PKEY *key)
{
	struct describe_aids aids = {.keys = {key}, .key_count = 1};

	EVP_PKEY_up_ref(key);
	return aids;
}

static inline void
add_bag(struct describe_aids *aids, const struct pki *pki)
{
	struct buf bag = BUF_INIT;
	struct err err = ERR_INIT;

	cr_assert(bag_of_pki(pki, &bag, &err));
	cr_assert(describe_aids_add(aids, buf_bytes(&bag), "bag", &err), "%s", err.text);
	cr_expect(eq(sz, aids->cert_count, (size_t)3));
	buf_clear(&bag);
}

#endif
