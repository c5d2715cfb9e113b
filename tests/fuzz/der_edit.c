#include "der_edit.h"

#define TAG_CONSTRUCTED 0x20
#define TAG_HIGH        0x1f
#define OCTET_STRING    0x04

/* Goes through the elements; `left` of them come before the one that is changed. */
struct walk {
	const unsigned char *edit; /* NULL: nothing is changed, elements are counted */
	size_t left;
	size_t count;
};

struct element {
	unsigned char tag;
	struct bytes content;
};

static struct bytes
bytes_from(struct bytes bytes, size_t from)
{
	return (struct bytes){bytes.data + from, bytes.len - from};
}

/* Takes the first element off `rest`; definite lengths and low tags only. */
static bool
element_take(struct bytes *rest, struct element *ret)
{
	size_t used = 2;
	size_t len;

	if (rest->len < 2 || (rest->data[0] & TAG_HIGH) == TAG_HIGH)
		return false;
	len = rest->data[1];
	if (len > 0x7f) {
		size_t octets = len & 0x7f;

		if (octets < 1 || octets > 3 || rest->len < 2 + octets)
			return false;
		for (len = 0; used < 2 + octets; used++)
			len = len << 8 | rest->data[used];
	}
	if (rest->len - used < len)
		return false;
	ret->tag = rest->data[0];
	ret->content = (struct bytes){rest->data + used, len};
	*rest = bytes_from(*rest, used + len);
	return true;
}

static bool
has_elements(const struct element *element)
{
	struct bytes rest = element->content;
	struct element inner;

	if ((element->tag & TAG_CONSTRUCTED) != 0)
		return true;
	return element->tag == OCTET_STRING && element_take(&rest, &inner) &&
	       rest.len == 0;
}

static void
add_length(struct buf *out, size_t len)
{
	if (len > 0xffff)
		buf_add_char(out, (char)0x83);
	else if (len > 0xff)
		buf_add_char(out, (char)0x82);
	else if (len > 0x7f)
		buf_add_char(out, (char)0x81);
	if (len > 0xffff)
		buf_add_char(out, (char)(len >> 16));
	if (len > 0xff)
		buf_add_char(out, (char)(len >> 8));
	buf_add_char(out, (char)len);
}

static void
add_element(struct buf *out, unsigned char tag, const struct buf *content)
{
	buf_add_char(out, (char)tag);
	add_length(out, content->len);
	buf_add(out, content->data, content->len);
}

static void
add_changed(
    struct buf *out, unsigned char tag, struct buf *content, const unsigned char *edit)
{
	size_t old_len = content->len;

	switch ((enum der_edit_what)(edit[0] % DER_EDIT_COUNT)) {
	case DER_EDIT_REMOVE:
		return;
	case DER_EDIT_DOUBLE:
		add_element(out, tag, content);
		break;
	case DER_EDIT_TAG:
		tag = edit[2];
		break;
	case DER_EDIT_OCTET:
		if (old_len > 0)
			content->data[edit[2] % old_len] = edit[3];
		break;
	case DER_EDIT_CUT:
		content->len = edit[2] < old_len ? edit[2] : old_len;
		break;
	case DER_EDIT_GROW:
		for (unsigned i = 0; i < edit[2]; i++)
			buf_add_char(content, (char)edit[3]);
		break;
	case DER_EDIT_INDEFINITE:
		buf_add_char(out, (char)(tag | TAG_CONSTRUCTED));
		buf_add_char(out, (char)0x80);
		buf_add(out, content->data, old_len);
		buf_add(out, "\0", 2);
		return;
	case DER_EDIT_LENGTH:
		buf_add_char(out, (char)tag);
		add_length(out, old_len + edit[2]);
		buf_add(out, content->data, old_len);
		return;
	}
	add_element(out, tag, content);
}

static void
walk_elements(struct walk *walk, struct bytes rest, unsigned depth, struct buf *out)
{
	struct element element;

	while (depth > 0 && element_take(&rest, &element)) {
		struct buf content = BUF_INIT;
		bool is_it = walk->left == 0 && walk->edit != NULL;

		walk->left -= walk->left > 0;
		walk->count++;
		if (is_it) {
			const unsigned char *edit = walk->edit;

			walk->edit = NULL;
			buf_add(&content, element.content.data, element.content.len);
			add_changed(out, element.tag, &content, edit);
		} else {
			if (has_elements(&element))
				walk_elements(walk, element.content, depth - 1, &content);
			else
				buf_add(
				    &content, element.content.data, element.content.len);
			add_element(out, element.tag, &content);
		}
		buf_clear(&content);
	}
	buf_add(out, rest.data, rest.len);
}

void
der_edit(struct bytes der, const unsigned char edit[DER_EDIT_SIZE], struct buf *out)
{
	struct walk counting = {.edit = NULL};
	struct walk changing = {.edit = edit};
	struct buf same = BUF_INIT;

	walk_elements(&counting, der, DER_EDIT_DEPTH, &same);
	buf_clear(&same);
	if (counting.count > 0)
		changing.left = edit[1] % counting.count;
	walk_elements(&changing, der, DER_EDIT_DEPTH, out);
}

void
der_edit_all(struct bytes input, struct bytes otherwise, struct buf *out)
{
	size_t count = input.len > 0 ? input.data[0] % (DER_EDITS_MAX + 1U) : 0;
	struct bytes edits = input.len > 0 ? bytes_from(input, 1) : input;
	struct bytes value;
	struct buf now = BUF_INIT;

	if (count > edits.len / DER_EDIT_SIZE)
		count = edits.len / DER_EDIT_SIZE;
	value = bytes_from(edits, count * DER_EDIT_SIZE);
	if (value.len == 0)
		value = otherwise;
	buf_add(&now, value.data, value.len);
	for (size_t i = 0; i < count; i++) {
		struct buf next = BUF_INIT;

		der_edit(buf_bytes(&now), edits.data + i * DER_EDIT_SIZE, &next);
		buf_clear(&now);
		now = buf_move(&next);
	}
	buf_add(out, now.data, now.len);
	buf_clear(&now);
}
