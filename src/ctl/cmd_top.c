/* top: prints what happens per second, by site. */
#include "config.h"

#include <stdio.h>
#include <sysexits.h>

#include "base/clock.h"
#include "ctl/cmds.h"
#include "ctl/command.h"
#include "ctl/counts.h"
#include "ctl/json_line.h"
#include "ctl/table.h"

enum {
	TOP_SITE,
	TOP_REQUESTS,
	TOP_CHECKS,
	TOP_CACHED,
	TOP_DENIED,
	TOP_LOGINS,
	TOP_FAILED,
	TOP_LIMITED,
	TOP_ENDED,
	TOP_ERRORS,
	TOP_COLUMNS
};

/* All are per second, except CACHED%. */
static const struct column columns[TOP_COLUMNS] = {
	[TOP_SITE] = { "SITE", "site", COLUMN_TEXT },
	[TOP_REQUESTS] = { "REQ/S", "requests", COLUMN_TEXT },
	[TOP_CHECKS] = { "CHECKS/S", "checks", COLUMN_TEXT },
	[TOP_CACHED] = { "CACHED%", "cachedPercent", COLUMN_TEXT },
	[TOP_DENIED] = { "DENIED/S", "denied", COLUMN_TEXT },
	[TOP_LOGINS] = { "LOGINS/S", "logins", COLUMN_TEXT },
	[TOP_FAILED] = { "FAILED/S", "failedLogins", COLUMN_TEXT },
	[TOP_LIMITED] = { "LIMITED/S", "limitedLogins", COLUMN_TEXT },
	[TOP_ENDED] = { "ENDED/S", "sessionsEnded", COLUMN_TEXT },
	[TOP_ERRORS] = { "5XX/S", "errors", COLUMN_TEXT },
};

/* Two readings, and the time between them. */
struct top {
	struct ctl *ctl;
	struct arena *arenas[2];
	const struct counter_totals *before, *now;
	double seconds;
};

/* Returns how much a counter has grown.  One that went back started from 0. */
static uint64_t
grown(uint64_t before, uint64_t now)
{
	return now >= before ? now - before : now;
}

/* Returns how much `count` counters of a site have grown together. */
static uint64_t
site_growth(const struct top *top, uint32_t site, unsigned int first,
    unsigned int count)
{
	const uint64_t *now = top->now->sites[site].counters;
	uint64_t sum = 0;

	for (unsigned int i = first; i < first + count; i++)
		sum += grown(site < top->before->site_count
				 ? top->before->sites[site].counters[i]
				 : 0,
		    now[i]);
	return sum;
}

static uint64_t
growth(const struct top *top, unsigned int first, unsigned int count)
{
	uint64_t sum = 0;

	for (unsigned int i = first; i < first + count; i++)
		sum += grown(top->before->counters[i], top->now->counters[i]);
	return sum;
}

static struct cell
number_cell(const struct top *top, double number)
{
	char text[32];

	snprintf(text, sizeof(text), number < 100 ? "%.1f" : "%.0f", number);
	return cell_text(arena_dup(top->ctl->arena, str_from(text)));
}

static struct cell
rate_cell(const struct top *top, uint64_t count)
{
	return number_cell(top, (double)count / top->seconds);
}

static uint64_t
errors_of(const struct top *top, uint32_t site)
{
	uint64_t sum = 0;

	for (unsigned int kind = 0; kind < REQUEST_KINDS; kind++)
		sum += site_growth(top, site,
			   COUNTER_REQUESTS + kind * STATUSES + STATUS_500, 1) +
		       site_growth(top, site,
			   COUNTER_REQUESTS + kind * STATUSES + STATUS_503, 1);
	return sum;
}

static uint64_t
cached_of(const struct top *top, uint32_t site)
{
	uint64_t sum = 0;

	for (unsigned int check = 0; check < CHECK_RESULTS; check++)
		sum += site_growth(top, site,
		    COUNTER_CHECKS + check * FROMS + FROM_PROCESS, 1);
	return sum;
}

static void
fill_cells(const struct top *top, uint32_t site, struct cell cells[TOP_COLUMNS])
{
	struct str name = top->now->sites[site].name;
	uint64_t checks =
	    site_growth(top, site, COUNTER_CHECKS, CHECK_RESULTS * FROMS);
	uint64_t ok = site_growth(top, site, COUNTER_LOGINS + LOGIN_OK, 1);
	uint64_t limited =
	    site_growth(top, site, COUNTER_LOGINS + LOGIN_LIMITED, 1);
	uint64_t logins = site_growth(top, site, COUNTER_LOGINS, LOGIN_RESULTS);

	cells[TOP_SITE] = cell_text(name.len > 0 ? name : STR("-"));
	cells[TOP_REQUESTS] = rate_cell(top,
	    site_growth(top, site, COUNTER_REQUESTS, REQUEST_KINDS * STATUSES));
	cells[TOP_CHECKS] = rate_cell(top, checks);
	cells[TOP_CACHED] = cell_text(STR_NONE);
	if (checks > 0)
		cells[TOP_CACHED] = number_cell(
		    top, (double)cached_of(top, site) * 100 / (double)checks);
	cells[TOP_DENIED] =
	    rate_cell(top, site_growth(top, site,
			       COUNTER_CHECKS + CHECK_DENIED * FROMS, FROMS));
	cells[TOP_LOGINS] = rate_cell(top, ok);
	cells[TOP_FAILED] = rate_cell(top, logins - ok - limited);
	cells[TOP_LIMITED] = rate_cell(top, limited);
	cells[TOP_ENDED] =
	    rate_cell(top, site_growth(top, site, COUNTER_ENDED, ENDED_HOWS));
	cells[TOP_ERRORS] = rate_cell(top, errors_of(top, site));
}

/* "up", "AWAY", or "-" where no process runs. */
static const char *
state_word(int64_t gauge)
{
	if (gauge < 0)
		return "-";
	return gauge > 0 ? "up" : "AWAY";
}

static int64_t
mysql_up(const struct counter_totals *totals)
{
	int64_t up = -1;

	for (uint32_t i = 0; i < totals->site_count; i++)
		if (up < 0 || totals->sites[i].gauges[GAUGE_MYSQL_UP] == 0)
			up = totals->sites[i].gauges[GAUGE_MYSQL_UP];
	return up;
}

static void
print_store(const struct top *top, const char *name, int64_t up,
    unsigned int histogram, unsigned int cells)
{
	uint64_t count = growth(top, histogram, cells - 1);
	uint64_t us = growth(top, histogram + cells - 1, 1);

	printf("%-6s %-4s  %.1f exchanges/s, %.2f ms each\n", name,
	    state_word(up), (double)count / top->seconds,
	    count > 0 ? (double)us / 1000 / (double)count : 0.0);
}

static void
print_head(const struct top *top)
{
	const struct counter_totals *now = top->now;
	const int64_t *gauges = now->gauges;

	printf("%d process%s, %lld connections, cache %s\n", now->processes,
	    now->processes == 1 ? "" : "es",
	    (long long)(gauges[GAUGE_CONNECTIONS] > 0
			    ? gauges[GAUGE_CONNECTIONS]
			    : 0),
	    gauges[GAUGE_CACHE_CURRENT] > 0 ? "in use" : "not in use");
	print_store(top, "redis", gauges[GAUGE_REDIS_UP], COUNTER_REDIS_TIME,
	    COUNTER_REDIS_TIME_LAST - COUNTER_REDIS_TIME + 1);
	print_store(top, "mysql", mysql_up(now), COUNTER_MYSQL_TIME,
	    COUNTER_MYSQL_TIME_LAST - COUNTER_MYSQL_TIME + 1);
	printf("places: %lld wait for SQL, %lld to hash, %.1f/s refused\n\n",
	    (long long)(gauges[GAUGE_PLACES_WAITING + PLACE_SQL_LABEL] > 0
			    ? gauges[GAUGE_PLACES_WAITING + PLACE_SQL_LABEL]
			    : 0),
	    (long long)(gauges[GAUGE_PLACES_WAITING + PLACE_HASH_LABEL] > 0
			    ? gauges[GAUGE_PLACES_WAITING + PLACE_HASH_LABEL]
			    : 0),
	    (double)growth(top, COUNTER_PLACES_REFUSED, PLACE_LABELS) /
		top->seconds);
}

/* Prints rates as JSON numbers; a column of texts would quote them. */
static void
print_rates(struct arena *arena, const struct cell *cells)
{
	struct json_writer *line = json_line_begin(arena);

	json_write_text(
	    line, str_from(columns[TOP_SITE].member), cells[TOP_SITE].text);
	for (int i = TOP_SITE + 1; i < TOP_COLUMNS; i++)
		if (cells[i].is_present) {
			json_write_name(line, str_from(columns[i].member));
			buf_add(line->buf, cells[i].text);
		}
	json_line_print(line);
}

/* If there are sites, sites[0], the counts of no site, has no row. */
static void
print_sites(const struct top *top)
{
	struct table *table =
	    table_open(top->ctl->arena, columns, TOP_COLUMNS, false, 0);
	uint32_t count = top->now->site_count;

	for (uint32_t site = count > 1 ? 1 : 0; site < count; site++) {
		struct cell cells[TOP_COLUMNS];

		fill_cells(top, site, cells);
		if (top->ctl->is_json)
			print_rates(top->ctl->arena, cells);
		else
			table_add(table, cells);
	}
	table_print(table);
}

/* Reads into the arena of the reading before the last. */
static const struct counter_totals *
read_next(struct top *top, int64_t turn, int *status)
{
	struct arena *arena = top->arenas[turn % 2];

	arena_reset(arena);
	return counts_read(top->ctl, arena, status);
}

static int
show_rates(struct top *top, int64_t times, int64_t pause_ms)
{
	int status = CTL_DONE;
	int64_t read_us = clock_us();

	top->before = read_next(top, 0, &status);
	for (int64_t i = 1; top->before != NULL && i <= times; i++) {
		int64_t now_us;

		counts_pause(pause_ms);
		now_us = clock_us();
		top->seconds = (double)(now_us - read_us) / 1e6;
		read_us = now_us;
		top->now = read_next(top, i, &status);
		if (top->now == NULL)
			break;
		arena_reset(top->ctl->arena);
		counts_clear_screen();
		if (!top->ctl->is_json)
			print_head(top);
		print_sites(top);
		if (fflush(stdout) != 0)
			break;
		top->before = top->now;
	}
	return status;
}

int
cmd_top(struct ctl *ctl, const struct args *args)
{
	struct top top = { .ctl = ctl,
		.arenas = { arena_open(), arena_open() } };
	int64_t times = 1, pause_ms;
	int status = EX_USAGE;

	if (args_span(args, OPTION_WATCH, 1000, &pause_ms) &&
	    args_number(args, OPTION_TIMES, 1, INT32_MAX,
		args_has(args, OPTION_ONCE) ? 1 : INT32_MAX, &times))
		status = top.arenas[0] != NULL && top.arenas[1] != NULL
			     ? show_rates(&top, times, pause_ms)
			     : EX_OSERR;
	for (int i = 0; i < 2; i++)
		if (top.arenas[i] != NULL)
			arena_close(top.arenas[i]);
	return status;
}
