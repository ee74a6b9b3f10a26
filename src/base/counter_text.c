/* Writes totals in the text format of Prometheus. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/counter_text.h"

enum { ALWAYS_MAX = 16 /* a metric of more series leaves out zeros */ };

static const char *const no_labels[] = { "" };

/* A metric that is not in the table, because no cell counts it. */
#define OTHER_METRIC(text, words) \
	{ \
		.name = text, .help = words, .type = METRIC_GAUGE, \
		.sets = { no_labels, no_labels }, .sizes = { \
			1, \
			1 \
		} \
	}
static const struct metric build_info =
    OTHER_METRIC("build_info", "The version that answers; always 1.");
static const struct metric start_time = OTHER_METRIC(
    "start_time_seconds", "When the first of the running processes started.");
static const struct metric processes =
    OTHER_METRIC("processes", "Processes that run on this host.");

struct visit {
	struct arena *arena;
	const struct counter_totals *totals;
	counter_text_each *each;
	void *arg;
	/* the series that is being written */
	const struct metric *metric;
	const struct counter_site_totals *site; /* NULL: a process metric */
};

static struct str
printed(struct arena *arena, const char *text)
{
	return str_from(arena_cstr(arena, str_from(text)));
}

static void
add_label(struct buf *labels, const char *label)
{
	if (label[0] == '\0')
		return;
	if (labels->len > 0)
		buf_add_char(labels, ',');
	buf_add(labels, str_from(label));
}

/*
 * Returns the labels of a series.  The name of a site is of letters, digits and
 * `-_.`, so nothing is escaped.
 */
static struct str
labels_of(const struct visit *visit, const char *one, const char *two)
{
	struct buf labels = buf_open(visit->arena, 256);

	if (visit->site != NULL && visit->site->name.len > 0) {
		buf_add(&labels, STR("site=\""));
		buf_add(&labels, visit->site->name);
		buf_add_char(&labels, '"');
	}
	add_label(&labels, one);
	add_label(&labels, two);
	return buf_str(&labels);
}

static void
show_sample(const struct visit *visit, const char *suffix, struct str labels,
    const char *value)
{
	struct counter_series series = { .metric = visit->metric,
		.labels = labels,
		.value = printed(visit->arena, value) };
	char name[96];

	snprintf(
	    name, sizeof(name), "sessgate_%s%s", visit->metric->name, suffix);
	series.name = printed(visit->arena, name);
	visit->each(visit->arg, &series);
}

static void
show_number(const struct visit *visit, const char *suffix, struct str labels,
    uint64_t number)
{
	char value[32];

	snprintf(value, sizeof(value), "%" PRIu64, number);
	show_sample(visit, suffix, labels, value);
}

/*
 * True if zeros are left out: for metrics of many series, and for counts
 * without a site if there are sites.
 */
static bool
hides_zeros(const struct visit *visit)
{
	const struct metric *metric = visit->metric;

	if (metric->sizes[0] * metric->sizes[1] > ALWAYS_MAX)
		return true;
	return visit->site != NULL && visit->site->name.len == 0 &&
	       visit->totals->site_count > 1;
}

static void
show_counter(
    const struct visit *visit, const char *one, const char *two, uint64_t value)
{
	if (value > 0 || !hides_zeros(visit))
		show_number(visit, "", labels_of(visit, one, two), value);
}

static void
show_counters(const struct visit *visit, const uint64_t *cells)
{
	const struct metric *metric = visit->metric;
	const uint64_t *cell = cells + metric->first;

	for (unsigned int i = 0; i < metric->sizes[0]; i++)
		for (unsigned int j = 0; j < metric->sizes[1]; j++)
			show_counter(visit, metric->sets[0][i],
			    metric->sets[1][j], *cell++);
}

static void
show_gauges(const struct visit *visit, const int64_t *gauges)
{
	const struct metric *metric = visit->metric;

	for (unsigned int i = 0; i < metric->sizes[0]; i++)
		if (gauges[metric->first + i] >= 0)
			show_number(visit, "",
			    labels_of(visit, metric->sets[0][i], ""),
			    (uint64_t)gauges[metric->first + i]);
}

static void
show_bucket(const struct visit *visit, const char *label, const char *bound,
    uint64_t count)
{
	char le[48];

	snprintf(le, sizeof(le), "le=\"%s\"", bound);
	show_number(visit, "_bucket", labels_of(visit, label, le), count);
}

/*
 * Writes a histogram.  The format wants cumulative buckets, the cells are not.
 */
static void
show_histogram(
    const struct visit *visit, const char *label, const uint64_t *cells)
{
	const struct metric *metric = visit->metric;
	uint64_t sum_us = cells[metric->bound_count + 1];
	struct str labels = labels_of(visit, label, "");
	uint64_t count = 0;
	char text[40];

	for (unsigned int i = 0; i < metric->bound_count; i++) {
		count += cells[i];
		snprintf(text, sizeof(text), "%g",
		    (double)metric->bounds[i] / 1000000);
		show_bucket(visit, label, text, count);
	}
	count += cells[metric->bound_count];
	show_bucket(visit, label, "+Inf", count);
	snprintf(text, sizeof(text), "%" PRIu64 ".%06" PRIu64, sum_us / 1000000,
	    sum_us % 1000000);
	show_sample(visit, "_sum", labels, text);
	show_number(visit, "_count", labels, count);
}

static void
show_histograms(const struct visit *visit, const uint64_t *cells)
{
	const struct metric *metric = visit->metric;
	unsigned int width = metric->bound_count + 2;

	for (unsigned int i = 0; i < metric->sizes[0]; i++) {
		const uint64_t *own = cells + metric->first + i * width;
		bool is_empty = true;

		for (unsigned int j = 0; j < width; j++)
			is_empty = is_empty && own[j] == 0;
		if (!is_empty || !hides_zeros(visit))
			show_histogram(visit, metric->sets[0][i], own);
	}
}

static void
show_metric(struct visit *visit)
{
	const struct counter_totals *totals = visit->totals;
	const struct metric *metric = visit->metric;
	uint32_t sites = metric->is_of_site ? totals->site_count : 1;

	for (uint32_t i = 0; i < sites; i++) {
		const struct counter_site_totals *site = &totals->sites[i];

		visit->site = metric->is_of_site ? site : NULL;
		if (metric->type == METRIC_HISTOGRAM)
			show_histograms(visit, totals->counters);
		else if (metric->type == METRIC_COUNTER)
			show_counters(visit, metric->is_of_site
						 ? site->counters
						 : totals->counters);
		else
			show_gauges(visit,
			    metric->is_of_site ? site->gauges : totals->gauges);
	}
}

static void
show_other(struct visit *visit, const char *version)
{
	char label[96];

	snprintf(label, sizeof(label), "version=\"%s\"", version);
	visit->site = NULL;
	visit->metric = &build_info;
	show_number(visit, "", labels_of(visit, label, ""), 1);
	visit->metric = &processes;
	show_number(visit, "", STR(""), (uint64_t)visit->totals->processes);
	visit->metric = &start_time;
	if (visit->totals->started_s > 0)
		show_number(
		    visit, "", STR(""), (uint64_t)visit->totals->started_s);
}

void
counter_text_visit(struct arena *arena, const struct counter_totals *totals,
    const char *version, counter_text_each *each, void *arg)
{
	struct visit visit = {
		.arena = arena, .totals = totals, .each = each, .arg = arg
	};

	show_other(&visit, version);
	for (size_t i = 0; i < metric_count; i++) {
		visit.metric = &metric_table[i];
		show_metric(&visit);
	}
}

/* ---- the text ---- */

struct writer {
	struct buf text;
	const struct metric *last;
};

static void
write_head(struct buf *text, const struct metric *metric)
{
	static const char *const types[] = { [METRIC_COUNTER] = "counter",
		[METRIC_HISTOGRAM] = "histogram",
		[METRIC_GAUGE] = "gauge" };

	buf_add(text, STR("# HELP sessgate_"));
	buf_add(text, str_from(metric->name));
	buf_add_char(text, ' ');
	buf_add(text, str_from(metric->help));
	buf_add(text, STR("\n# TYPE sessgate_"));
	buf_add(text, str_from(metric->name));
	buf_add_char(text, ' ');
	buf_add(text, str_from(types[metric->type]));
	buf_add_char(text, '\n');
}

static void
write_series(void *arg, const struct counter_series *series)
{
	struct writer *writer = arg;

	if (writer->last != series->metric)
		write_head(&writer->text, series->metric);
	writer->last = series->metric;
	buf_add(&writer->text, series->name);
	if (series->labels.len > 0) {
		buf_add_char(&writer->text, '{');
		buf_add(&writer->text, series->labels);
		buf_add_char(&writer->text, '}');
	}
	buf_add_char(&writer->text, ' ');
	buf_add(&writer->text, series->value);
	buf_add_char(&writer->text, '\n');
}

/* ---- saying less ---- */

static void
move(uint64_t *cells, enum counter_request from, enum counter_request to,
    enum counter_status status)
{
	uint64_t *source = &cells[COUNTER_REQUESTS + from * STATUSES + status];

	cells[COUNTER_REQUESTS + to * STATUSES + status] += *source;
	*source = 0;
}

/*
 * Counts requests with a status from `first` on as requests of the route
 * `other`.
 */
static void
drop_routes(struct counter_totals *totals, int first)
{
	for (uint32_t site = 0; site < totals->site_count; site++)
		for (int kind = REQUEST_OTHER + 1; kind < REQUEST_GATE; kind++)
			for (int status = first; status < STATUSES; status++)
				move(totals->sites[site].counters,
				    (enum counter_request)kind, REQUEST_OTHER,
				    (enum counter_status)status);
}

static void
merge_sites(struct counter_totals *totals)
{
	struct counter_site_totals *all = &totals->sites[0];

	for (uint32_t site = 1; site < totals->site_count; site++) {
		const struct counter_site_totals *one = &totals->sites[site];

		for (int i = 0; i < SITE_COUNTERS; i++)
			all->counters[i] += one->counters[i];
		for (unsigned int i = 0; i < SITE_GAUGES; i++)
			all->gauges[i] = metric_gauge_fold(
			    i, true, all->gauges[i], one->gauges[i]);
	}
	totals->site_count = 1;
}

enum { LEVELS = 4 };

static void
say_less(struct counter_totals *totals, int level)
{
	if (level == 1)
		drop_routes(totals, STATUS_400);
	else if (level == 2)
		drop_routes(totals, 0);
	else if (level == 3)
		merge_sites(totals);
}

struct str
counter_text(
    struct arena *arena, struct counter_totals *totals, const char *version)
{
	struct writer writer = { .last = NULL };

	for (int level = 0; level < LEVELS; level++) {
		say_less(totals, level);
		writer = (struct writer){
			.text = buf_open(arena, COUNTER_TEXT_MAX),
		};
		counter_text_visit(
		    arena, totals, version, write_series, &writer);
		if (!writer.text.is_full)
			break;
	}
	return buf_str(&writer.text);
}
