#include "cli/paper.h"
#include "base/mem.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BOLD       "\033[1m"
#define PLAIN      "\033[0m"
#define COLUMN_GAP 2
#define LAST_MIN   24 /* columns; a narrower last column is not wrapped */

struct paper
paper_for_stdout(void)
{
	struct paper paper = {.out = BUF_INIT, .width = PAPER_WIDTH};
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return paper;
	paper.is_coloured = getenv("NO_COLOR") == NULL;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return paper;
	paper.width = size.ws_col;
	if (paper.width < PAPER_WIDTH_MIN)
		paper.width = PAPER_WIDTH_MIN;
	if (paper.width > PAPER_WIDTH_MAX)
		paper.width = PAPER_WIDTH_MAX;
	return paper;
}

bool
paper_print(struct paper *paper, const char *what, struct err *err)
{
	bool ok = paper->out.len == 0 ||
	          (fwrite(paper->out.data, 1, paper->out.len, stdout) == paper->out.len &&
	              fflush(stdout) == 0);

	buf_clear(&paper->out);
	if (!ok)
		err_set_errno(err, ERR_FAILED, "cannot write %s to stdout", what);
	return ok;
}

static size_t
width_of(struct slice text)
{
	size_t width = 0;

	for (size_t i = 0; i < text.len; i++)
		width += ((unsigned char)text.text[i] & 0xc0) != 0x80;
	return width;
}

size_t
text_width(const char *text)
{
	return width_of(slice_of(text));
}

void
paper_gap(struct paper *paper)
{
	if (paper->out.len > 0)
		buf_add_char(&paper->out, '\n');
}

static void
add_bold(struct paper *paper, const char *text)
{
	if (paper->is_coloured && text[0] != '\0')
		buf_add_format(&paper->out, BOLD "%s" PLAIN, text);
	else
		buf_add_text(&paper->out, text);
}

void
paper_heading(struct paper *paper, const char *text)
{
	add_bold(paper, text);
	buf_add_char(&paper->out, '\n');
}

static void
add_blanks(struct paper *paper, size_t count)
{
	buf_add_format(&paper->out, "%*s", (int)count, "");
}

/* The pen is in column `column`, and `left` where a new line begins. */
static void
add_wrapped(struct paper *paper, size_t column, size_t left, const char *text)
{
	bool is_first = true;

	while (*text != '\0') {
		struct slice word = {text, strcspn(text, " \n")};
		size_t width = width_of(word);

		if (word.len > 0 && column < left) {
			add_blanks(paper, left - column);
			column = left;
		} else if (word.len > 0 && !is_first &&
		           column + 1 + width > paper->width) {
			buf_add_char(&paper->out, '\n');
			add_blanks(paper, left);
			column = left;
		} else if (word.len > 0 && !is_first) {
			buf_add_char(&paper->out, ' ');
			column++;
		}
		is_first = is_first && word.len == 0;
		buf_add_slice(&paper->out, word);
		column += width;
		text += word.len;
		if (*text == '\n' && text[1] != '\0') {
			buf_add_char(&paper->out, '\n');
			column = 0;
			is_first = true;
		}
		text += *text != '\0';
	}
	buf_add_char(&paper->out, '\n');
}

void
paper_text(struct paper *paper, size_t left, const char *text)
{
	add_wrapped(paper, 0, left, text);
}

void
paper_item(
    struct paper *paper, size_t indent, size_t left, const char *label, const char *text)
{
	size_t column = indent + text_width(label);

	add_blanks(paper, indent);
	if (indent == 0)
		add_bold(paper, label);
	else
		buf_add_text(&paper->out, label);
	if (column + 1 > left) {
		buf_add_char(&paper->out, '\n');
		column = 0;
	}
	add_wrapped(paper, column, left, text);
}

void
paper_line(struct paper *paper, size_t left, const char *label, const char *text)
{
	size_t width = text_width(label);

	add_bold(paper, label);
	add_blanks(paper, width < left ? left - width : 1);
	buf_add_format(&paper->out, "%s\n", text);
}

static size_t
column_width(char *const *cells, size_t columns, size_t rows, size_t column)
{
	size_t width = 0;

	for (size_t r = 0; r < rows; r++) {
		size_t cell = text_width(cells[r * columns + column]);

		if (cell > width)
			width = cell;
	}
	return width;
}

void
paper_table(struct paper *paper, char *const *cells, size_t columns, size_t rows)
{
	size_t last = 0;
	struct paper wide = *paper;

	for (size_t c = 0; c + 1 < columns; c++)
		last += column_width(cells, columns, rows, c) + COLUMN_GAP;
	if (last + LAST_MIN > paper->width)
		wide.width = SIZE_MAX;
	for (size_t r = 0; r < rows; r++) {
		size_t left = 0, column = 0;

		for (size_t c = 0; c + 1 < columns; c++) {
			const char *cell = cells[r * columns + c];

			add_blanks(&wide, left - column);
			if (r == 0 || c == 0)
				add_bold(&wide, cell);
			else
				buf_add_text(&wide.out, cell);
			column = left + text_width(cell);
			left += column_width(cells, columns, rows, c) + COLUMN_GAP;
		}
		add_wrapped(&wide, column, last, cells[r * columns + columns - 1]);
	}
	paper->out = wide.out;
}
