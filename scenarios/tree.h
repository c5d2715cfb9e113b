/*
 * tree: a YAML (or JSON) document as nodes with positions, read by libyaml.
 *
 * Every scalar stays a string; `quoted` tells "on" from on. Aliases, anchors,
 * tags and a second document are refused, so that a file is what it looks like
 * and cannot blow up. All nodes live in one arena, freed with the tree.
 */
#ifndef SCENARIOS_TREE_H
#define SCENARIOS_TREE_H

#include "base/buf.h"
#include "base/err.h"
#include "scenarios/fault.h"

#define TREE_BYTES_MAX (256 * 1024)
#define TREE_DEPTH_MAX 32
#define TREE_NODES_MAX 20000
#define TREE_KEYS_MAX  64 /* keys of one map */

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };

struct node {
	enum node_kind kind;
	struct slice text;  /* SCALAR; ends in NUL as well */
	bool quoted;        /* SCALAR */
	size_t line;        /* from 1 */
	size_t column;      /* from 1 */
	struct node *key;   /* in a MAP: the key of this value */
	struct node *first; /* LIST, MAP: children in file order */
	struct node *next;
};

struct tree;

/* `name` is for messages: "name:line:column: sentence". NULL and err when refused. */
struct tree *tree_read(const char *name, struct slice text, struct err *err);
const struct node *tree_root(const struct tree *tree);
const char *tree_name(const struct tree *tree);
void tree_free(struct tree *tree); /* NULL is fine */

/* Zeroed memory, and a copy with a final NUL, that live as long as the tree. */
void *tree_alloc(struct tree *tree, size_t size);
char *tree_text(struct tree *tree, struct slice text);

const char *node_kind_name(enum node_kind kind); /* "a text" */
/* The value of a key in a MAP, or NULL. */
const struct node *node_find(const struct node *map, const char *key);
/* err = ERR_USAGE "name:line:column: sentence [code]"; returns false. */
bool tree_refuse(const struct tree *tree, const struct node *node, struct err *err,
    enum fault fault, const char *format, ...) __attribute__((format(printf, 5, 6)));

#define QUOTED_MAX 40
struct quoted {
	char text[QUOTED_MAX + 4];
};
/* A word of the file as a message can carry it: cut, without control characters. */
struct quoted quote_slice(struct slice text);

#endif
