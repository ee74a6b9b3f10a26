/* Prints rows as a table or as JSON. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "ctl/json_line.h"
#include "ctl/screen.h"
#include "ctl/table.h"
#include "http/agent.h"

/*
 * CELL_MAX: a longer cell is cut on a terminal, and does not make its column
 * wider elsewhere.  GAP: blanks between two cells.
 */
enum { CELL_MAX = 48, GAP = 2, SPAN_SIZE = 32, UNCUT = 1 << 20 };

struct row {
	const struct str *cells; /* as shown */
	struct row *next;
};

struct table {
	struct arena *arena;
	const struct column *columns;
	size_t count;
	bool is_json, is_terminal;
	int64_t now_ms;
	size_t screen; /* columns of the terminal */
	struct row *first, **last;
};

struct cell
cell_text(struct str text)
{
	return (struct cell){ .is_present = !str_is_none(text), .text = text };
}

struct cell
cell_number(int64_t number)
{
	return (struct cell){ .is_present = true, .number = number };
}

struct cell
cell_time(int64_t time_ms)
{
	return (struct cell){ .is_present = time_ms >= 0, .number = time_ms };
}

struct cell
cell_bool(bool is_so)
{
	return cell_number(is_so);
}

/*
 * Rounds down.  From 90 s on it is in minutes, from 2 h in hours, from 2 d in
 * days.
 */
struct str
table_span(struct arena *arena, int64_t span_ms)
{
	static const struct {
		int64_t from_s, unit_s;
		const char *unit;
	} units[] = { { 2 * 86400, 86400, "d" }, { 2 * 3600, 3600, "h" },
		{ 90, 60, "min" }, { INT64_MIN, 1, "s" } };
	int64_t span_s = span_ms / 1000;
	char *text = arena_alloc(arena, SPAN_SIZE);
	size_t i = 0;

	while (span_s < units[i].from_s)
		i++;
	snprintf(text, SPAN_SIZE, "%" PRId64 " %s", span_s / units[i].unit_s,
	    units[i].unit);
	return str_from(text);
}

const char *
table_count(struct arena *arena, int64_t number)
{
	struct str digits = buf_int_str(arena, number);
	char *text = arena_alloc(arena, 2 * digits.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < digits.len; i++) {
		if (i > 0 && (digits.len - i) % 3 == 0)
			text[len++] = ',';
		text[len++] = digits.ptr[i];
	}
	return text;
}

struct str
table_at(struct arena *arena, int64_t time_ms)
{
	time_t seconds = (time_t)(time_ms / 1000);
	char *text = arena_alloc(arena, SPAN_SIZE);
	struct tm tm;

	if (localtime_r(&seconds, &tm) == NULL ||
	    strftime(text, SPAN_SIZE, "%Y-%m-%d %H:%M", &tm) == 0)
		return STR("-");
	return str_from(text);
}

static struct str
join(struct arena *arena, struct str a, struct str b)
{
	struct buf buf = buf_open(arena, a.len + b.len + 1);

	buf_add(&buf, a);
	buf_add(&buf, b);
	return buf_str(&buf);
}

/* `in 6 d`, or `6 d ago` if the span is negative. */
static struct str
relative(struct arena *arena, int64_t span_ms)
{
	if (span_ms < 0)
		return join(arena, table_span(arena, -span_ms), STR(" ago"));
	return join(arena, STR("in "), table_span(arena, span_ms));
}

/* A cell in words, not yet made safe for a terminal. */
static struct str
words_of(
    const struct table *table, enum column_kind kind, const struct cell *cell)
{
	struct arena *arena = table->arena;
	int64_t ago_ms = table->now_ms - cell->number;

	if (!cell->is_present)
		return STR("-");
	switch (kind) {
	case COLUMN_NUMBER:
		return buf_int_str(arena, cell->number);
	case COLUMN_BOOL:
		return cell->number ? STR("yes") : STR("no");
	case COLUMN_AT:
		return table_at(arena, cell->number);
	case COLUMN_AGO:
		return join(arena, table_span(arena, ago_ms > 0 ? ago_ms : 0),
		    STR(" ago"));
	case COLUMN_LEFT:
		return relative(arena, -ago_ms);
	case COLUMN_AGENT:
		return agent_words(arena, cell->text);
	default:
		return cell->text;
	}
}

/* The columns of the terminal; 0: unknown. */
static size_t
terminal_columns(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
		return 0;
	return size.ws_col;
}

struct table *
table_open(struct arena *arena, const struct column *columns, size_t count,
    bool is_json, int64_t now_ms)
{
	struct table *table = arena_alloc(arena, sizeof(*table));

	*table = (struct table){ .arena = arena,
		.columns = columns,
		.count = count,
		.is_json = is_json,
		.is_terminal = isatty(STDOUT_FILENO),
		.now_ms = now_ms };
	table->last = &table->first;
	if (table->is_terminal)
		table->screen = terminal_columns();
	return table;
}

static void
add_json_value(struct buf *out, enum column_kind kind, const struct cell *cell)
{
	switch (kind) {
	case COLUMN_TEXT:
	case COLUMN_AGENT:
		screen_add_json(out, cell->text);
		break;
	case COLUMN_BOOL:
		buf_add(out, cell->number ? STR("true") : STR("false"));
		break;
	default:
		buf_add_int(out, cell->number);
		break;
	}
}

static void
print_json(const struct table *table, const struct cell *cells)
{
	struct json_writer *line = json_line_begin(table->arena);

	for (size_t i = 0; i < table->count; i++) {
		if (table->columns[i].member == NULL || !cells[i].is_present)
			continue;
		json_write_name(line, str_from(table->columns[i].member));
		add_json_value(line->buf, table->columns[i].kind, &cells[i]);
	}
	json_line_print(line);
}

void
table_add(struct table *table, const struct cell *cells)
{
	size_t max = table->is_terminal ? CELL_MAX : UNCUT;
	struct str *shown;
	struct row *row;

	if (table->is_json) {
		print_json(table, cells);
		return;
	}
	shown = arena_alloc(table->arena, table->count * sizeof(shown[0]));
	for (size_t i = 0; i < table->count; i++)
		if (table->columns[i].title != NULL)
			shown[i] = screen_text(table->arena,
			    words_of(table, table->columns[i].kind, &cells[i]),
			    max);
	row = arena_alloc(table->arena, sizeof(*row));
	row->cells = shown;
	*table->last = row;
	table->last = &row->next;
}

/*
 * The widths of the columns, at most CELL_MAX; a wider cell is printed whole.
 */
static size_t *
measure_widths(const struct table *table)
{
	size_t *widths =
	    arena_alloc(table->arena, (table->count + 1) * sizeof(widths[0]));

	for (size_t i = 0; i < table->count; i++) {
		if (table->columns[i].title == NULL)
			continue;
		widths[i] = strlen(table->columns[i].title);
		for (struct row *row = table->first; row != NULL;
		     row = row->next) {
			size_t width = screen_width(row->cells[i]);

			if (width > widths[i])
				widths[i] = width;
		}
		if (widths[i] > CELL_MAX)
			widths[i] = CELL_MAX;
	}
	return widths;
}

static void
print_blanks(size_t count)
{
	while (count-- > 0)
		fputc(' ', stdout);
}

/* Numbers are aligned to the right.  The last cell of a line is not padded. */
static void
print_cell(
    const struct column *column, struct str text, size_t width, bool is_last)
{
	size_t used = screen_width(text);
	size_t fill = used < width ? width - used : 0;

	if (column->kind == COLUMN_NUMBER)
		print_blanks(fill);
	fwrite(text.ptr, 1, text.len, stdout);
	if (column->kind != COLUMN_NUMBER && !is_last)
		print_blanks(fill);
	if (!is_last)
		print_blanks(GAP);
}

/* On a terminal the last cell is cut to fit into the line. */
static struct str
fit_last(const struct table *table, struct str text, size_t used)
{
	const size_t least = 12;

	if (table->screen < used + least)
		return text;
	return screen_text(table->arena, text, table->screen - used);
}

static void
print_line(
    const struct table *table, const struct str *cells, const size_t *widths)
{
	size_t used = 0, last = table->count;

	while (last > 0 && table->columns[last - 1].title == NULL)
		last--;
	for (size_t i = 0; i < last; i++) {
		struct str text = cells[i];

		if (table->columns[i].title == NULL)
			continue;
		if (i + 1 == last)
			text = fit_last(table, text, used);
		print_cell(&table->columns[i], text, widths[i], i + 1 == last);
		used += widths[i] + GAP;
	}
	fputc('\n', stdout);
}

void
table_print(struct table *table)
{
	size_t *widths;
	struct str *titles;

	if (table->first == NULL)
		return;
	widths = measure_widths(table);
	titles = arena_alloc(table->arena, table->count * sizeof(titles[0]));
	for (size_t i = 0; i < table->count; i++)
		titles[i] = str_from(table->columns[i].title);
	print_line(table, titles, widths);
	for (struct row *row = table->first; row != NULL; row = row->next)
		print_line(table, row->cells, widths);
}

void
table_print_pairs(struct table *table)
{
	size_t width = 0;

	for (size_t i = 0; i < table->count; i++)
		if (table->columns[i].title != NULL &&
		    strlen(table->columns[i].title) > width)
			width = strlen(table->columns[i].title);
	for (struct row *row = table->first; row != NULL; row = row->next)
		for (size_t i = 0; i < table->count; i++)
			if (table->columns[i].title != NULL)
				printf("%-*s  %.*s\n", (int)width,
				    table->columns[i].title,
				    STR_ARG(row->cells[i]));
}
