#ifndef CTL_TABLE_H
#define CTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * The output of commands: rows with named columns, printed as an aligned table
 * or as one JSON object a line.  Times are ms since 1970; a table shows them in
 * this host's time zone.
 */
enum column_kind {
	COLUMN_TEXT,
	COLUMN_NUMBER,
	COLUMN_BOOL, /* yes or no */
	COLUMN_AT,   /* 2026-11-24 10:12 */
	COLUMN_AGO,  /* 3 min ago */
	COLUMN_LEFT, /* a time to come: in 6 d */
	COLUMN_AGENT /* a User-Agent: Firefox 140 on Linux */
};

struct column {
	const char *title;  /* NULL: not in the table */
	const char *member; /* in the JSON object; NULL: not in it */
	enum column_kind kind;
};

/* The value of one column.  Absent: nothing in JSON, `-` in a table. */
struct cell {
	bool is_present;
	struct str text;
	int64_t number; /* BOOL, times too */
};

struct cell cell_text(struct str text); /* absent if text is STR_NONE */
struct cell cell_number(int64_t number);
struct cell cell_time(int64_t time_ms); /* absent below 0 */
struct cell cell_bool(bool is_so);

struct table;

/*
 * columns: an array of count.  The table lives in the arena, and points to the
 * columns.  now_ms: the time that AGO and LEFT are counted from.
 */
struct table *table_open(struct arena *arena, const struct column *columns,
    size_t count, bool is_json, int64_t now_ms);

/* Adds a row: one cell for each column.  JSON is printed at once. */
void table_add(struct table *table, const struct cell *cells);

/* Prints the table; without rows, nothing. */
void table_print(struct table *table);

/*
 * Prints the rows as pairs, a line for each column: `TITLE  value`.  With JSON
 * it prints nothing: table_add has printed the object.
 */
void table_print_pairs(struct table *table);

/* A time span in words: 45 s, 3 min, 2 h, 6 d. */
struct str table_span(struct arena *arena, int64_t span_ms);

/* A number with commas: 12,031. */
const char *table_count(struct arena *arena, int64_t number);

/* A time of this host's zone: 2026-11-24 10:12. */
struct str table_at(struct arena *arena, int64_t time_ms);

#endif
