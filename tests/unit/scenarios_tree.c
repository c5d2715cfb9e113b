#include "base/mem.h"
#include "scenarios/tree.h"
#include "support/same.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

static struct tree *
read_text(const char *text, struct err *err)
{
	return tree_read("t.yaml", slice_of(text), err);
}

Test(scenarios_tree, keeps_order_positions_and_quotes)
{
	struct err err = ERR_INIT;
	struct tree *tree = read_text("a: on\nb:\n  - \"on\"\n  - {c: 'x'}\n", &err);
	const struct node *root, *list;

	cr_assert(tree != NULL, "%s", err.text);
	root = tree_root(tree);
	cr_assert(eq(int, root->kind, NODE_MAP));
	cr_expect(same(root->first->text.text, "on"));
	cr_expect(not(root->first->quoted));
	cr_expect(eq(sz, root->first->column, 4));
	list = node_find(root, "b");
	cr_assert(eq(int, list->kind, NODE_LIST));
	cr_expect(list->first->quoted);
	cr_expect(eq(sz, list->first->line, 3));
	cr_expect(eq(sz, list->first->next->line, 4));
	cr_expect(same(node_find(list->first->next, "c")->text.text, "x"));
	cr_expect(node_find(root, "c") == NULL);
	cr_expect(node_find(list, "c") == NULL);
	cr_expect(node_find(NULL, "c") == NULL);
	tree_free(tree);
}

Test(scenarios_tree, reads_json_and_utf16)
{
	static const char utf16[] = "\xff\xfe"
	                            "a\0:\0 \0b\0\n";
	struct err err = ERR_INIT;
	struct tree *tree = read_text("{\"a\":1,\"b\":[\"\\u00e9\"]}", &err);

	cr_assert(tree != NULL, "%s", err.text);
	cr_expect(same(node_find(tree_root(tree), "a")->text.text, "1"));
	tree_free(tree);
	tree = tree_read("t", (struct slice){utf16, sizeof(utf16)}, &err);
	cr_assert(tree != NULL, "%s", err.text);
	cr_expect(same(node_find(tree_root(tree), "a")->text.text, "b"));
	tree_free(tree);
}

Test(scenarios_tree, refuses_half_of_utf16_and_bytes_of_nul)
{
	static const struct {
		const char *name;
		const char *text;
		size_t len;
	} rows[] = {
	    {"half a letter",
	        "\xff\xfe"
	        "a\0:\0 \0b",
	        9},
	    {"half a pair",
	        "\xfe\xff"
	        "\0a\0:\0 \xd8\x00",
	        10},
	    {"NUL alone", "\0", 1},
	    {"NUL within", "a: b\0c\n", 7},
	    {"a mark alone", "\xef\xbb\xbf", 3},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;
		struct tree *tree =
		    tree_read("t.yaml", (struct slice){rows[i].text, rows[i].len}, &err);

		cr_expect(tree == NULL, "case %s", rows[i].name);
		cr_expect(strncmp(err.text, "t.yaml:1:", 9) == 0, "case %s: %s",
		    rows[i].name, err.text);
		cr_expect(strstr(err.text, " [yaml]") != NULL, "case %s: %s",
		    rows[i].name, err.text);
		tree_free(tree);
	}
}

static const struct {
	const char *name;
	const char *text;
	const char *want;
} faults[] = {
    {"empty", "", "t.yaml:1:1: the file is empty"},
    {"no text", NULL, "t.yaml:1:1: the file is empty"},
    {"comment only", "# nothing\n", "t.yaml:1:1: the file is empty"},
    {"tab", "a:\n\tb: 1\n", "t.yaml:2:1: not YAML"},
    {"tab hint", "a:\n\tb: 1\n", "indent with blanks"},
    {"tab behind a letter of two bytes", "\"\xc3\xa9\":\n\tb: 1\n", "indent with blanks"},
    {"colon in a text", "fix: Run this: then that\n", "t.yaml:1:14: not YAML"},
    {"colon in a text, cure", "fix: Run this: then that\n", "in quotes"},
    {"bare parameter in braces", "a: {over: ${limit}}\n", "t.yaml:1:"},
    {"open quote", "a: \"b\n", "is not closed"},
    {"open bracket", "a: [b\nc: d\n", "t.yaml:2:"},
    {"indentation", "a: 1\n  b: 2\n", "t.yaml:2:4: not YAML"},
    {"no blank behind the colon", "a: 1\nb:2\nc: 3\n", "a colon and a blank"},
    {"at sign", "a: @b\n", "in quotes"},
    {"alias", "a: *b\n", "t.yaml:1:4: aliases"},
    {"anchor", "a: &b c\n", "t.yaml:1:4: aliases"},
    {"anchor of a map", "a: &b {c: d}\n", "aliases"},
    {"anchor of a list", "a: &b [c]\n", "aliases"},
    {"tag", "a: !!int 3\n", "t.yaml:1:4: aliases"},
    {"cycle", "a: &b [*b]\n", "t.yaml:1:4: aliases"},
    {"merge key", "a: {b: 1}\nc: {<<: *a}\n", "t.yaml:2:9: aliases"},
    {"second document", "a: 1\n---\nb: 2\n", "t.yaml:2:1: a second document"},
    {"twice", "a: 1\nb: 2\na: 3\n", "t.yaml:3:1: the key 'a' stands here twice"},
    {"twice, where first", "a: 1\nb: 2\na: 3\n", "first in line 1"},
    {"list as a key", "? [a]\n: b\n", "t.yaml:1:3: a key is a word"},
    {"NUL", "a: \"b\\0c\"\n", "t.yaml:1:4: a text with a NUL"},
    {"control character", "a: 1\nb: \001\n", "t.yaml:2:4: not YAML"},
    {"not UTF-8", "a: \xff\n", "t.yaml:1:4: not YAML"},
};

Test(scenarios_tree, refuses_with_place_and_cure)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct err err = ERR_INIT;
		struct tree *tree = read_text(faults[i].text, &err);

		cr_expect(tree == NULL, "case %s", faults[i].name);
		cr_expect(eq(int, err.kind, ERR_USAGE), "case %s", faults[i].name);
		cr_expect(strstr(err.text, faults[i].want) != NULL, "case %s: %s",
		    faults[i].name, err.text);
		tree_free(tree);
	}
}

/* head, `count` times `part`, tail */
static char *
repeat(const char *head, const char *part, size_t count, const char *tail)
{
	struct buf buf = BUF_INIT;

	buf_add_text(&buf, head);
	for (size_t i = 0; i < count; i++)
		buf_add_text(&buf, part);
	buf_add_text(&buf, tail);
	return buf_string(&buf);
}

static void
expect_limit(char *text, const char *want)
{
	struct err err = ERR_INIT;
	struct tree *tree = read_text(text, &err);

	if (want == NULL)
		cr_expect(tree != NULL, "%s", err.text);
	else
		cr_expect(tree == NULL && strstr(err.text, want) != NULL, "%s", err.text);
	tree_free(tree);
	free(text);
}

Test(scenarios_tree, has_limits)
{
	expect_limit(repeat("", "[", TREE_DEPTH_MAX + 1, ""), "nested more than 32");
	expect_limit(repeat("[", "a,", TREE_NODES_MAX - 2, "a]"), NULL);
	expect_limit(repeat("[", "a,", TREE_NODES_MAX, "]"), "too many values");
	expect_limit(repeat("", "{a: ", TREE_DEPTH_MAX + 1, ""), "nested more than 32");
	expect_limit(repeat("", "- ", 100000, ""), "nested more than 32");
	expect_limit(repeat("#", "x", TREE_BYTES_MAX, ""), "262145 bytes");
	expect_limit(repeat("", "0123456789", 1024 * 1024, ""), "10485760 bytes");
}

Test(scenarios_tree, a_map_has_a_limit_of_keys)
{
	struct buf buf = BUF_INIT;

	for (size_t i = 0; i <= TREE_KEYS_MAX; i++)
		buf_add_format(&buf, "k%zu: v\n", i);
	expect_limit(buf_string(&buf), "t.yaml:65:1: a map with more than 64 keys");
}

Test(scenarios_tree, words_in_messages_are_cut_and_printable)
{
	cr_expect(same(quote_slice(SLICE("a\nb\x7f")).text, "a?b?"));
	cr_expect(
	    same(quote_slice(SLICE("0123456789012345678901234567890123456789x")).text,
	        "0123456789012345678901234567890123456789..."));
	/* not within a letter of two bytes */
	cr_expect(same(
	    quote_slice(SLICE("012345678901234567890123456789012345678\xc3\xa9x")).text,
	    "012345678901234567890123456789012345678..."));
}
