#include "scenarios/candidates.h"
#include "scenarios/rule_parts.h"
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* In words_scep_forms; each has words of struct scep besides. */
enum { FORM_STATUS, FORM_FAIL_INFO, FORM_FIRST };

/* Beside the keys of words_scep_forms. */
static const char *const text_keys[] = {"hresult", "hresult_text", "fail_info_text"};
static const char *const ca_keys[] = {"certificates"};

/* All keys of a map of forms: those of the table and some more. */
static bool
check_keys(const struct fields *fields, const struct node *node, const char *what,
    const struct form_words *table, size_t count, const char *const *more,
    size_t more_count)
{
	struct key keys[SCEP_FORM_COUNT + COUNT(text_keys)] = {0};

	for (size_t i = 0; i < count; i++)
		keys[i].name = table[i].key;
	for (size_t i = 0; i < more_count; i++)
		keys[count + i].name = more[i];
	if (!field_map(fields, node, what, keys, count + more_count))
		return false;
	if (node->first == NULL)
		return tree_refuse(fields->tree, node, fields->err, FAULT_MISSING_KEY,
		    "%s is empty; say what of the honest answer is edited, or take the rule out",
		    what);
	return true;
}

bool
forms_read(const struct fields *fields, const struct node *node,
    const struct form_words *table, size_t count, struct forms *ret)
{
	if (ret->items == NULL)
		ret->items =
		    tree_alloc(fields->tree, SCEP_FORM_COUNT * sizeof(*ret->items));
	for (size_t i = 0; i < count; i++) {
		const struct node *value = node_find(node, table[i].key);
		struct form *form = &ret->items[ret->count];

		if (value == NULL)
			continue;
		if (!field_word_text(fields, value, &table[i].words, &form->word))
			return false;
		form->key = table[i].key;
		ret->count++;
	}
	return true;
}

/* A word of the CertRep itself, or one of a form, "7": `ret` stays NULL then. */
static bool
read_either(const struct fields *fields, const struct node *node,
    const struct words *usual, const struct form_words *form, struct scep *scep,
    const char **ret)
{
	size_t count = usual->count + form->words.count;
	struct words all = {.what = usual->what, .count = count};
	const char **items;
	size_t index = 0;

	if (node == NULL)
		return true;
	items = tree_alloc(fields->tree, count * sizeof(*items));
	for (size_t i = 0; i < count; i++)
		items[i] = i < usual->count ? usual->items[i]
		                            : form->words.items[i - usual->count];
	all.items = items;
	if (!field_word(fields, node, &all, &index))
		return false;
	if (index < usual->count) {
		*ret = items[index];
		return true;
	}
	scep->forms.items[scep->forms.count++] = (struct form){form->key, items[index]};
	return true;
}

/* Whether it may be FAILURE, and whether it may be anything else; no status: as it is. */
static bool
status_may_be(
    const struct fields *fields, const struct node *status, bool *failure, bool *another)
{
	struct candidates c;

	*failure = *another = false;
	if (status == NULL)
		return true;
	if (!candidates_list(fields, status, &c))
		return false;
	for (size_t i = 0; i < c.count; i++) {
		bool is_failure = slice_is(c.items[i], "FAILURE");

		*failure |= is_failure;
		*another |= !is_failure;
	}
	return true;
}

/* RFC 8894 3.2.1.4: failInfo is there when pkiStatus is FAILURE, and only then. */
static bool
check_failure(const struct fields *fields, const struct node *node)
{
	static const char *const keys[] = {
	    "fail_info", "hresult", "hresult_text", "fail_info_text"};
	bool failure, another;

	if (!status_may_be(fields, node_find(node, "status"), &failure, &another))
		return false;
	for (size_t i = 0; another && i < COUNT(keys); i++) {
		const struct node *value = node_find(node, keys[i]);

		if (value != NULL)
			return tree_refuse(fields->tree, value->key, fields->err,
			    FAULT_CONFLICT,
			    "fail_info and hresult go with status FAILURE alone%s",
			    i == 0 || i == 1 ? "" : ", and so do their texts");
	}
	if (failure && node_find(node, "fail_info") == NULL)
		return tree_refuse(fields->tree, node, fields->err, FAULT_MISSING_KEY,
		    "status FAILURE needs fail_info (RFC 8894 3.2.1.4): badAlg, "
		    "badMessageCheck, badRequest, badTime or badCertId");
	return true;
}

bool
scep_read(const struct fields *fields, const struct node *node, struct scep *ret)
{
	const struct node *hresult = node_find(node, "hresult");
	const struct node *hresult_text = node_find(node, "hresult_text");

	if (!check_keys(fields, node, "scep", words_scep_forms, SCEP_FORM_COUNT,
	        text_keys, COUNT(text_keys)))
		return false;
	ret->forms.items =
	    tree_alloc(fields->tree, SCEP_FORM_COUNT * sizeof(*ret->forms.items));
	if (!read_either(fields, node_find(node, "status"), &words_pki_status,
	        &words_scep_forms[FORM_STATUS], ret, &ret->status) ||
	    !read_either(fields, node_find(node, "fail_info"), &words_fail_info,
	        &words_scep_forms[FORM_FAIL_INFO], ret, &ret->fail_info) ||
	    !field_hresult(fields, hresult, &ret->hresult) ||
	    !field_text(fields, hresult_text, &ret->hresult_text) ||
	    !field_text(
	        fields, node_find(node, "fail_info_text"), &ret->fail_info_text) ||
	    !forms_read(fields, node, words_scep_forms + FORM_FIRST,
	        SCEP_FORM_COUNT - FORM_FIRST, &ret->forms))
		return false;
	ret->has_hresult = hresult != NULL;
	if (hresult_text != NULL && hresult == NULL)
		return tree_refuse(fields->tree, hresult_text->key, fields->err,
		    FAULT_CONFLICT,
		    "hresult_text is the text behind a number; say hresult too");
	return check_failure(fields, node);
}

/* The changes of the server stand above the rules; `pki: chain` in any of them will do.
 */
static bool
has_chain(const struct fields *fields)
{
	const struct node *server = node_find(tree_root(fields->tree), "server");

	if (server == NULL || server->kind != NODE_LIST)
		return false;
	for (const struct node *n = server->first; n != NULL; n = n->next) {
		const struct node *pki = n->kind == NODE_MAP ? node_find(n, "pki") : NULL;

		if (pki != NULL && pki->kind == NODE_SCALAR &&
		    slice_is(pki->text, "chain"))
			return true;
	}
	return false;
}

bool
ca_read(const struct fields *fields, const struct node *node, struct ca *ret)
{
	const struct node *certificates = node_find(node, "certificates");

	if (!check_keys(fields, node, "ca", words_ca_forms, CA_FORM_COUNT, ca_keys,
	        COUNT(ca_keys)) ||
	    !field_words(
	        fields, certificates, &words_ca_certificate, &ret->certificates) ||
	    !forms_read(fields, node, words_ca_forms, CA_FORM_COUNT, &ret->forms))
		return false;
	for (size_t i = 0; i < ret->certificates.count; i++)
		if (strcmp(ret->certificates.items[i], "root") == 0 && !has_chain(fields))
			return tree_refuse(fields->tree, certificates, fields->err,
			    FAULT_CONFLICT,
			    "there is a root only above an issuing CA; say 'pki: chain' in "
			    "server, or take root out");
	return true;
}
