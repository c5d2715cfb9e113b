#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "support/text.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void
expect_content(struct buf *buf, const char *want)
{
	struct slice got = buf_slice(buf);

	cr_expect(slice_is(got, want), "got \"%.*s\", want \"%s\"", (int)got.len,
	    got.text, want);
}

Test(base_buf, an_empty_buf_has_no_memory)
{
	struct buf buf = BUF_INIT;

	buf_add(&buf, NULL, 0);
	buf_add_text(&buf, "");
	buf_add_slice(&buf, slice_of(NULL));
	buf_reserve(&buf, 0);
	buf_consume(&buf, 0);
	cr_expect(eq(ptr, buf.data, NULL));
	cr_expect(eq(sz, buf.cap, 0));
	buf_clear(&buf);
}

Test(base_buf, all_adders_append_in_order)
{
	struct buf buf = BUF_INIT;

	buf_add(&buf, "ab", 2);
	buf_add_char(&buf, 'c');
	buf_add_text(&buf, "de");
	buf_add_slice(&buf, SLICE("fg"));
	buf_add_size(&buf, 0);
	buf_add_size(&buf, 1234567890);
	buf_add_format(&buf, "-%s-%d", "x", -5);
	expect_content(&buf, "abcdefg01234567890-x--5");
	buf_clear(&buf);
}

Test(base_buf, the_largest_number_is_written_whole)
{
	struct buf buf = BUF_INIT;

	buf_add_size(&buf, UINT64_MAX);
	expect_content(&buf, "18446744073709551615");
	buf_clear(&buf);
}

Test(base_buf, growing_keeps_the_content)
{
	struct buf buf = BUF_INIT;
	bool same = true;

	for (size_t i = 0; i < 100000; i++)
		buf_add_char(&buf, (char)(i % 251));
	cr_assert(eq(sz, buf.len, 100000));
	for (size_t i = 0; i < buf.len; i++)
		same = same && buf.data[i] == (unsigned char)(i % 251);
	cr_expect(same);
	buf_clear(&buf);
}

Test(base_buf, reserved_room_is_not_moved_by_adding)
{
	struct buf buf = BUF_INIT;
	const unsigned char *before;

	buf_add_text(&buf, "x");
	buf_reserve(&buf, 5000);
	before = buf.data;
	for (int i = 0; i < 5000; i++)
		buf_add_char(&buf, 'y');
	cr_expect(eq(ptr, (void *)(uintptr_t)before, buf.data));
	buf_clear(&buf);
}

Test(base_buf, a_format_longer_than_the_room_is_whole)
{
	struct buf buf = BUF_INIT;

	buf_add_text(&buf, ">");
	buf_add_format(&buf, "%0*d", 3000, 7);
	cr_expect(eq(sz, buf.len, 3001));
	cr_expect(eq(int, buf.data[3000], '7'));
	cr_expect(eq(int, buf.data[2999], '0'));
	buf_clear(&buf);
}

Test(base_buf, consume_drops_the_start)
{
	struct buf buf = BUF_INIT;

	buf_add_text(&buf, "hello world");
	buf_consume(&buf, 6);
	expect_content(&buf, "world");
	buf_consume(&buf, 5);
	expect_content(&buf, "");
	buf_clear(&buf);
}

Test(base_buf, reset_keeps_the_memory_and_clear_does_not)
{
	struct buf buf = BUF_INIT;

	buf_add_text(&buf, "abc");
	buf_reset(&buf);
	cr_expect(eq(sz, buf.len, 0));
	cr_expect(ne(ptr, buf.data, NULL));
	buf_clear(&buf);
	cr_expect(eq(ptr, buf.data, NULL));
	cr_expect(eq(sz, buf.cap, 0));
}

Test(base_buf, moving_leaves_an_empty_buf)
{
	struct buf buf = BUF_INIT, moved;

	buf_add_text(&buf, "abc");
	moved = buf_move(&buf);
	expect_content(&moved, "abc");
	cr_expect(eq(ptr, buf.data, NULL));
	cr_expect(eq(sz, buf.len, 0));
	cr_expect(eq(sz, buf.cap, 0));
	buf_clear(&moved);
}

Test(base_buf, string_ends_in_nul_even_when_empty)
{
	struct buf buf = BUF_INIT;
	char *empty = buf_string(&buf);
	char *text;

	expect_string(empty, "");
	buf_add_text(&buf, "abc");
	text = buf_string(&buf);
	expect_string(text, "abc");
	cr_expect(eq(ptr, buf.data, NULL));
	free(empty);
	free(text);
}

Test(base_buf, slices_compare_by_bytes_or_by_ascii_case)
{
	cr_expect(slice_is(SLICE("GET"), "GET"));
	cr_expect(not(slice_is(SLICE("GET"), "GETS")));
	cr_expect(not(slice_is(SLICE("GET"), "get")));
	cr_expect(slice_is_nocase(SLICE("gEt"), "GeT"));
	cr_expect(not(slice_is_nocase(SLICE("get"), "gets")));
	cr_expect(not(slice_is_nocase(SLICE("gets"), "get")));
	cr_expect(not(slice_is_nocase(SLICE("@[`{"), "`{@[")), "only letters fold");
	cr_expect(slice_starts_nocase(SLICE("Bearer x"), "bearer "));
	cr_expect(not(slice_starts_nocase(SLICE("Bear"), "bearer")));
	cr_expect(slice_equal(slice_of(NULL), SLICE("")));
	cr_expect(not(slice_equal(SLICE("a"), SLICE("b"))));
}

Test(base_buf, trim_takes_blanks_and_tabs_at_both_ends_only)
{
	cr_expect(slice_is(slice_trim(SLICE(" \t a b\t ")), "a b"));
	cr_expect(slice_is(slice_trim(SLICE("a")), "a"));
	cr_expect(slice_is(slice_trim(SLICE(" \t ")), ""));
	cr_expect(slice_is(slice_trim(slice_of(NULL)), ""));
}

Test(base_err, set_returns_false_and_keeps_the_sentence)
{
	struct err err = ERR_INIT;

	cr_expect(not(err_set(&err, ERR_USAGE, "port %d is no port", 70000)));
	cr_expect(eq(int, err.kind, ERR_USAGE));
	expect_string(err.text, "port 70000 is no port");
}

Test(base_err, errno_adds_its_reason)
{
	struct err err = ERR_INIT;

	errno = ENOENT;
	cr_expect(not(err_set_errno(&err, ERR_FAILED, "cannot open %s", "x")));
	expect_string(err.text, "cannot open x: No such file or directory");
}

/* A euro sign (three bytes) at every place around the cut: whole or not at all. */
Test(base_err, a_long_sentence_is_cut_between_characters)
{
	char text[ERR_TEXT_MAX + 100];

	for (size_t before = 1; before <= 4; before++) {
		size_t at = ERR_TEXT_MAX - before, len;
		struct err err = ERR_INIT;

		memset(text, 'a', sizeof(text));
		text[sizeof(text) - 1] = '\0';
		memcpy(text + at, "\xe2\x82\xac", 3);
		err_set(&err, ERR_FAILED, "%s", text);
		len = strlen(err.text);
		cr_expect(
		    len == at || len == at + 3, "%zu before the end: %zu", before, len);
		errno = EACCES;
		err_set_errno(&err, ERR_FAILED, "%s", text);
		cr_expect(lt(sz, strlen(err.text), ERR_TEXT_MAX));
	}
}

Test(base_mem, fresh_memory_is_zero_and_zero_sizes_work)
{
	unsigned char *bytes = mem_array(10, 10);
	void *nothing = mem_alloc(0), *none = mem_array(0, 8);
	unsigned char sum = 0;

	for (size_t i = 0; i < 100; i++)
		sum |= bytes[i];
	cr_expect(eq(int, sum, 0));
	cr_expect(ne(ptr, nothing, NULL));
	cr_expect(ne(ptr, none, NULL));
	bytes = mem_grow(bytes, 0, 1);
	cr_expect(ne(ptr, bytes, NULL));
	free(bytes);
	free(nothing);
	free(none);
}

Test(base_mem, texts_are_copied)
{
	char *text = mem_text("abcdef", 3), *string = mem_string("xyz");
	char *format = mem_format("%s-%d", "a", 1), *copy = mem_copy("pq", 3);

	expect_string(text, "abc");
	expect_string(string, "xyz");
	expect_string(format, "a-1");
	expect_string(copy, "pq");
	cr_expect(eq(ptr, mem_string(NULL), NULL));
	free(text);
	free(string);
	free(format);
	free(copy);
}
