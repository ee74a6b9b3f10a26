/* stats: prints the counters of the processes of this host. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/counter_text.h"
#include "ctl/cmds.h"
#include "ctl/command.h"
#include "ctl/counts.h"
#include "ctl/json_line.h"
#include "ctl/table.h"

enum { STATS_NAME, STATS_LABELS, STATS_VALUE, STATS_COLUMNS };

static const struct column columns[STATS_COLUMNS] = {
	[STATS_NAME] = { "METRIC", "name", COLUMN_TEXT },
	[STATS_LABELS] = { "OF", "labels", COLUMN_TEXT },
	[STATS_VALUE] = { "VALUE", "value", COLUMN_TEXT },
};

struct stats {
	struct arena *arena;
	struct table *table;
	double sum; /* seconds; of the histogram that is read now */
};

static bool
ends(struct str name, struct str suffix)
{
	return name.len >= suffix.len &&
	       str_eq(str_from_byte(name, name.len - suffix.len), suffix);
}

/* Writes the labels as an object: none has a character to escape. */
static void
write_labels(struct json_writer *line, struct str labels)
{
	json_write_name(line, STR("labels"));
	json_write_object(line);
	while (labels.len > 0) {
		struct str value = str_cut(&labels, ',');

		json_write_name(line, str_cut(&value, '='));
		buf_add(line->buf, value); /* it is in quotes */
	}
	json_write_object_end(line);
}

static void
print_series_json(void *arg, const struct counter_series *series)
{
	struct json_writer *line = json_line_begin(arg);

	json_write_text(line, STR("name"), series->name);
	write_labels(line, series->labels);
	json_write_name(line, STR("value"));
	buf_add(line->buf, series->value);
	json_line_print(line);
}

/* The labels without their names and quotes: `api /auth 200`. */
static struct str
label_words(struct arena *arena, struct str labels)
{
	struct buf words = buf_open(arena, 256);

	while (labels.len > 0) {
		struct str value = str_cut(&labels, ',');

		str_cut(&value, '=');
		if (words.len > 0)
			buf_add_char(&words, ' ');
		if (value.len >= 2)
			buf_add(&words,
			    (struct str){ value.ptr + 1, value.len - 2 });
	}
	return buf_str(&words);
}

static void
add_row(struct stats *stats, struct str name, const struct counter_series *of,
    struct str value)
{
	const struct cell cells[STATS_COLUMNS] = {
		[STATS_NAME] = cell_text(name),
		[STATS_LABELS] =
		    cell_text(label_words(stats->arena, of->labels)),
		[STATS_VALUE] = cell_text(value),
	};

	table_add(stats->table, cells);
}

/* Adds one row for a histogram: the count, and the average time. */
static void
add_durations(struct stats *stats, const struct counter_series *series)
{
	double count = strtod(series->value.ptr, NULL);
	char text[96];

	if (count == 0)
		return;
	snprintf(text, sizeof(text), "%.0f, %.3f ms each", count,
	    stats->sum * 1000 / count);
	add_row(stats, str_from(series->metric->name), series,
	    arena_dup(stats->arena, str_from(text)));
}

static void
add_series(void *arg, const struct counter_series *series)
{
	struct stats *stats = arg;
	struct str zero = STR("0");

	if (series->metric->type == METRIC_HISTOGRAM) {
		if (ends(series->name, STR("_sum")))
			stats->sum = strtod(series->value.ptr, NULL);
		else if (ends(series->name, STR("_count")))
			add_durations(stats, series);
	} else if (series->metric->type == METRIC_GAUGE ||
		   !str_eq(series->value, zero)) {
		add_row(stats, str_from(series->metric->name), series,
		    series->value);
	}
}

static void
print_table(struct arena *arena, const struct counter_totals *totals)
{
	struct stats stats = { .arena = arena,
		.table = table_open(arena, columns, STATS_COLUMNS, false, 0) };

	counter_text_visit(arena, totals, PACKAGE_VERSION, add_series, &stats);
	table_print(stats.table);
}

static void
print_totals(struct ctl *ctl, struct counter_totals *totals, bool is_text)
{
	struct str text;

	if (is_text) {
		text = counter_text(ctl->arena, totals, PACKAGE_VERSION);
		fwrite(text.ptr, 1, text.len, stdout);
	} else if (ctl->is_json) {
		counter_text_visit(ctl->arena, totals, PACKAGE_VERSION,
		    print_series_json, ctl->arena);
	} else {
		print_table(ctl->arena, totals);
	}
}

int
cmd_stats(struct ctl *ctl, const struct args *args)
{
	bool is_text = args_has(args, OPTION_PROMETHEUS);
	int64_t pause_ms, times;
	int status = CTL_DONE;

	if (!args_span(args, OPTION_WATCH, 0, &pause_ms) ||
	    !args_number(args, OPTION_TIMES, 1, INT32_MAX,
		pause_ms > 0 ? INT32_MAX : 1, &times))
		return EX_USAGE;
	for (int64_t i = 0; i < times; i++) {
		struct counter_totals *totals;

		if (i > 0)
			counts_pause(pause_ms);
		arena_reset(ctl->arena);
		totals = counts_read(ctl, ctl->arena, &status);
		if (totals == NULL)
			return status;
		if (pause_ms > 0)
			counts_clear_screen();
		print_totals(ctl, totals, is_text);
		if (fflush(stdout) != 0)
			break;
	}
	return status;
}
