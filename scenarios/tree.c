#include "scenarios/tree.h"
#include "base/mem.h"
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define CHUNK_BYTES    16384
#define NAME_SHOWN_MAX 160 /* bytes of a file's name in a message */
#define TEXT_OF_(x)    #x
#define TEXT_OF(x)     TEXT_OF_(x)

struct chunk {
	struct chunk *next;
	size_t used, size;
	max_align_t data[];
};

struct tree {
	char *name;
	struct chunk *chunks;
	struct node *root;
};

/* The document while it is read: the open lists and maps, and where to hang on. */
struct reading {
	struct tree *tree;
	struct slice text; /* of the file, for hints */
	struct err *err;
	size_t nodes;
	size_t documents;
	size_t depth;
	struct level {
		struct node *node;
		struct node **tail;
		struct node *key; /* read, its value is still to come */
		size_t count;
	} levels[TREE_DEPTH_MAX];
};

void *
tree_alloc(struct tree *tree, size_t size)
{
	const size_t unit = sizeof(max_align_t);
	struct chunk *chunk = tree->chunks;
	void *ret;

	size = (size + unit - 1) / unit * unit;
	if (chunk == NULL || chunk->size - chunk->used < size) {
		size_t room = size > CHUNK_BYTES ? size : CHUNK_BYTES;

		chunk = mem_alloc(sizeof(*chunk) + room);
		chunk->size = room;
		chunk->next = tree->chunks;
		tree->chunks = chunk;
	}
	ret = (unsigned char *)chunk->data + chunk->used;
	chunk->used += size;
	return ret;
}

char *
tree_text(struct tree *tree, struct slice text)
{
	char *ret = tree_alloc(tree, text.len + 1);

	if (text.len > 0)
		memcpy(ret, text.text, text.len);
	return ret;
}

const struct node *
tree_root(const struct tree *tree)
{
	return tree->root;
}

const char *
tree_name(const struct tree *tree)
{
	return tree->name;
}

void
tree_free(struct tree *tree)
{
	if (tree == NULL)
		return;
	while (tree->chunks != NULL) {
		struct chunk *next = tree->chunks->next;

		free(tree->chunks);
		tree->chunks = next;
	}
	free(tree->name);
	free(tree);
}

const char *
node_kind_name(enum node_kind kind)
{
	switch (kind) {
	case NODE_SCALAR:
		return "a text";
	case NODE_LIST:
		return "a list";
	case NODE_MAP:
		return "a map";
	}
	return "nothing";
}

const struct node *
node_find(const struct node *map, const char *key)
{
	if (map == NULL || map->kind != NODE_MAP)
		return NULL;
	for (const struct node *n = map->first; n != NULL; n = n->next)
		if (slice_is(n->key->text, key))
			return n;
	return NULL;
}

/* At most `most` bytes of a text, never half a letter. */
static size_t
whole_letters(const char *text, size_t len, size_t most)
{
	if (len <= most)
		return len;
	while (most > 0 && ((unsigned char)text[most] & 0xc0) == 0x80)
		most--;
	return most;
}

bool
tree_refuse(const struct tree *tree, const struct node *node, struct err *err,
    enum fault fault, const char *format, ...)
{
	char sentence[ERR_TEXT_MAX], place[ERR_TEXT_MAX / 2];
	const char *code = fault_code(fault);
	size_t name = whole_letters(tree->name, strlen(tree->name), NAME_SHOWN_MAX);
	size_t room;
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	snprintf(place, sizeof(place), "%.*s:%zu:%zu", (int)name, tree->name, node->line,
	    node->column);
	/* a long sentence is cut, its code never */
	room = sizeof(err->text) - strlen(place) - strlen(code) - sizeof(":  []");
	room = whole_letters(sentence, strlen(sentence), room);
	return err_set(err, ERR_USAGE, "%s: %.*s [%s]", place, (int)room, sentence, code);
}

static bool
refuse_at(const struct reading *r, yaml_mark_t mark, const char *sentence)
{
	struct node at = {.line = mark.line + 1, .column = mark.column + 1};

	return tree_refuse(r->tree, &at, r->err, FAULT_YAML, "%s", sentence);
}

struct hint {
	const char *problem; /* libyaml's words */
	const char *cure;
};

static const struct hint hints[] = {
    {"mapping values are not allowed in this context",
        "put a text that has ': ' in it in quotes, or check the indentation"},
    {"did not find expected ',' or '}'",
        "inside { } put texts with , { } and \"${name}\" in quotes"},
    {"did not find expected ',' or ']'", "inside [ ] put texts with , [ ] in quotes"},
    {"could not find expected ':'", "a key is followed by a colon and a blank"},
    {"did not find expected key", "check the indentation, and quotes within a text"},
    {"did not find expected '-' indicator", "check the indentation"},
    {"found unexpected end of stream", "a quote or bracket is not closed"},
    {"found character that cannot start any token",
        "put a text that begins with @ ` % or | in quotes"},
};

/* The byte at a mark; libyaml counts characters, not bytes. */
static char
char_at(struct slice text, yaml_mark_t mark)
{
	size_t line = 0, column = 0;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.text[i];

		if (line == mark.line && column == mark.column && (c & 0xc0) != 0x80)
			return text.text[i];
		if (c == '\n') {
			line++;
			column = 0;
		} else if ((c & 0xc0) != 0x80) {
			column++;
		}
	}
	return '\0';
}

static const char *
cure_of(const struct reading *r, const char *problem, yaml_mark_t mark)
{
	if (char_at(r->text, mark) == '\t')
		return "there is a tab here: indent with blanks";
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (strcmp(problem, hints[i].problem) == 0)
			return hints[i].cure;
	return NULL;
}

/* An error of the reader has no mark, only an offset into the bytes. */
static yaml_mark_t
mark_of_offset(struct slice text, size_t offset)
{
	yaml_mark_t mark = {.index = offset};

	for (size_t i = 0; i < text.len && i < offset; i++) {
		mark.column++;
		if (text.text[i] == '\n') {
			mark.line++;
			mark.column = 0;
		}
	}
	return mark;
}

static bool
refuse_syntax(const struct reading *r, const yaml_parser_t *parser)
{
	const char *problem =
	    parser->problem != NULL ? parser->problem : "cannot be read";
	yaml_mark_t mark = parser->problem_mark;
	struct node at;
	const char *cure;

	if (parser->error == YAML_READER_ERROR)
		mark = mark_of_offset(r->text, parser->problem_offset);
	cure = cure_of(r, problem, mark);
	at = (struct node){.line = mark.line + 1, .column = mark.column + 1};
	return tree_refuse(r->tree, &at, r->err, FAULT_YAML, "not YAML: %s%s%s%s%s",
	    problem, parser->context != NULL ? " " : "",
	    parser->context != NULL ? parser->context : "", cure != NULL ? "; " : "",
	    cure != NULL ? cure : "");
}

static bool
hang_key(struct reading *r, struct level *level, struct node *node)
{
	if (node->kind != NODE_SCALAR)
		return tree_refuse(r->tree, node, r->err, FAULT_YAML,
		    "a key is a word, not a list or a map; put texts with { } or [ ] in quotes");
	if (level->count >= TREE_KEYS_MAX)
		return tree_refuse(r->tree, node, r->err, FAULT_YAML,
		    "a map with more than %d keys", TREE_KEYS_MAX);
	for (const struct node *n = level->node->first; n != NULL; n = n->next) {
		if (slice_equal(n->key->text, node->text))
			return tree_refuse(r->tree, node, r->err, FAULT_DUPLICATE_KEY,
			    "the key '%s' stands here twice, first in line %zu; take one out",
			    quote_slice(node->text).text, n->key->line);
	}
	level->count++;
	level->key = node;
	return true;
}

static bool
hang(struct reading *r, struct node *node)
{
	struct level *level;

	if (r->depth == 0) {
		r->tree->root = node;
		return true;
	}
	level = &r->levels[r->depth - 1];
	if (level->node->kind == NODE_MAP && level->key == NULL)
		return hang_key(r, level, node);
	node->key = level->key;
	level->key = NULL;
	*level->tail = node;
	level->tail = &node->next;
	return true;
}

static bool
add_node(struct reading *r, const yaml_event_t *event, enum node_kind kind)
{
	struct node *node;

	if (++r->nodes > TREE_NODES_MAX)
		return refuse_at(r, event->start_mark,
		    "too many values; a scenario file has at most " TEXT_OF(
		        TREE_NODES_MAX));
	node = tree_alloc(r->tree, sizeof(*node));
	node->kind = kind;
	node->line = event->start_mark.line + 1;
	node->column = event->start_mark.column + 1;
	if (kind == NODE_SCALAR) {
		struct slice text = {
		    (const char *)event->data.scalar.value, event->data.scalar.length};

		if (memchr(text.text, '\0', text.len) != NULL)
			return refuse_at(
			    r, event->start_mark, "a text with a NUL byte in it");
		node->text = (struct slice){tree_text(r->tree, text), text.len};
		node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
		return hang(r, node);
	}
	if (!hang(r, node))
		return false;
	if (r->depth == TREE_DEPTH_MAX)
		return refuse_at(r, event->start_mark,
		    "nested more than " TEXT_OF(TREE_DEPTH_MAX) " deep");
	r->levels[r->depth++] = (struct level){.node = node, .tail = &node->first};
	return true;
}

static bool
is_decorated(const yaml_event_t *event)
{
	if (event->type == YAML_SCALAR_EVENT)
		return event->data.scalar.anchor != NULL ||
		       event->data.scalar.tag != NULL;
	if (event->type == YAML_SEQUENCE_START_EVENT)
		return event->data.sequence_start.anchor != NULL ||
		       event->data.sequence_start.tag != NULL;
	if (event->type == YAML_MAPPING_START_EVENT)
		return event->data.mapping_start.anchor != NULL ||
		       event->data.mapping_start.tag != NULL;
	return event->type == YAML_ALIAS_EVENT;
}

static bool
take_event(struct reading *r, const yaml_event_t *event)
{
	if (is_decorated(event))
		return refuse_at(r, event->start_mark,
		    "aliases (*name), anchors (&name) and tags (!name) are not used here; "
		    "put a text that begins with * & or ! in quotes");
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (++r->documents > 1)
			return refuse_at(r, event->start_mark,
			    "a second document begins here; a file holds one scenario");
		return true;
	case YAML_SCALAR_EVENT:
		return add_node(r, event, NODE_SCALAR);
	case YAML_SEQUENCE_START_EVENT:
		return add_node(r, event, NODE_LIST);
	case YAML_MAPPING_START_EVENT:
		return add_node(r, event, NODE_MAP);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		r->depth--;
		return true;
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT:
	case YAML_ALIAS_EVENT:
		return true;
	}
	return true;
}

static bool
read_events(struct reading *r)
{
	yaml_parser_t parser;
	bool ok = true, ended = false;

	if (!yaml_parser_initialize(&parser))
		abort(); /* out of memory, as everywhere */
	yaml_parser_set_input_string(
	    &parser, (const unsigned char *)r->text.text, r->text.len);
	while (ok && !ended) {
		yaml_event_t event;

		if (!yaml_parser_parse(&parser, &event)) {
			ok = refuse_syntax(r, &parser);
			break;
		}
		ended = event.type == YAML_STREAM_END_EVENT;
		ok = take_event(r, &event);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return ok;
}

struct tree *
tree_read(const char *name, struct slice text, struct err *err)
{
	const struct node start = {.line = 1, .column = 1};
	struct tree *tree = mem_alloc(sizeof(*tree));
	struct reading r = {.tree = tree, .text = text, .err = err};
	bool ok;

	if (text.text == NULL) /* the empty slice; libyaml asserts that there is a text */
		r.text = SLICE("");
	tree->name = mem_string(name);
	if (text.len > TREE_BYTES_MAX)
		ok = tree_refuse(tree, &start, err, FAULT_YAML,
		    "%zu bytes; a scenario file has at most %d", text.len,
		    TREE_BYTES_MAX);
	else
		ok = read_events(&r);
	if (ok && tree->root == NULL)
		ok = tree_refuse(tree, &start, err, FAULT_YAML,
		    "the file is empty; a scenario begins with the line 'mockndes: 1'");
	if (!ok) {
		tree_free(tree);
		return NULL;
	}
	return tree;
}

struct quoted
quote_slice(struct slice text)
{
	struct quoted ret = {.text = ""};
	size_t len = whole_letters(text.text, text.len, QUOTED_MAX);

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text.text[i];

		ret.text[i] = text.text[i];
		if (c < 0x20 || c == 0x7f)
			ret.text[i] = '?';
	}
	if (len < text.len)
		snprintf(ret.text + len, sizeof(ret.text) - len, "...");
	return ret;
}
