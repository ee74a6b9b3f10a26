/* A link to MySQL for sessgatectl. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "mysql/inspect.h"

enum { TEXT_MAX = 64 * 1024 };

struct inspect {
	struct pool_options options;
	struct statement_plan plan;
	struct sql_link *link;
	int server;
};

/* Connects to a server; is_any: even to a read-only one.  False with error. */
static bool
connect_server(
    struct inspect *inspect, int server, bool is_any, struct sql_error *error)
{
	inspect->server = server;
	inspect->link = sql_connect(&inspect->plan, server,
	    clock_ms() + inspect->options.timeout_ms, error);
	if (inspect->link != NULL &&
	    (is_any || sql_check_writable(inspect->link, error) == SQL_OK))
		return true;
	sql_close(inspect->link);
	inspect->link = NULL;
	return false;
}

static bool
connect_any(struct inspect *inspect, struct sql_error *error)
{
	int several = inspect->options.server_count > 1;

	/* a single server is used even if it is read-only */
	for (int any = !several; any <= 1; any++)
		for (int i = 0; i < inspect->options.server_count; i++)
			if (connect_server(inspect, i, any == 1, error))
				return true;
	return false;
}

int
inspect_server(const struct inspect *inspect)
{
	return inspect->server;
}

struct inspect *
inspect_open(const struct pool_options *options, char *why, size_t why_size)
{
	struct inspect *inspect = calloc(1, sizeof(*inspect));
	struct sql_error error = { .text = "" };

	snprintf(why, why_size, "out of memory");
	if (inspect == NULL)
		return NULL;
	inspect->options = *options;
	if (!statement_plan_open(
		&inspect->plan, &inspect->options, why, why_size) ||
	    !sql_library_open(why, why_size))
		goto fail;
	if (connect_any(inspect, &error))
		return inspect;
	snprintf(why, why_size, "%s", error.text);
fail:
	inspect_close(inspect);
	return NULL;
}

void
inspect_close(struct inspect *inspect)
{
	if (inspect == NULL)
		return;
	sql_close(inspect->link);
	statement_plan_close(&inspect->plan);
	free(inspect);
}

bool
inspect_ask(struct inspect *inspect, struct arena *arena, const char *sql,
    struct sql_answer *answer, char *why, size_t why_size)
{
	struct sql_error error;

	if (sql_ask(inspect->link, sql, arena, answer, &error))
		return true;
	snprintf(why, why_size, "%s", error.text);
	return false;
}

/* Adds the text as hexadecimal digits, of which none needs an escape. */
static void
add_text_literal(struct buf *sql, const char *text)
{
	static const char digits[] = "0123456789abcdef";

	buf_add(sql, STR("CONVERT(X'"));
	for (; *text != '\0'; text++) {
		buf_add_char(sql, digits[(unsigned char)*text >> 4]);
		buf_add_char(sql, digits[(unsigned char)*text & 15]);
	}
	buf_add(sql, STR("' USING utf8mb4)"));
}

/* Runs the text `before` and the statement, with value for each parameter. */
static bool
run_statement(struct inspect *inspect, struct arena *arena, const char *before,
    enum pool_statement which, const char *value, struct sql_answer *answer,
    char *why, size_t why_size)
{
	const struct sql_params *params = &inspect->plan.statements[which];
	struct buf sql = buf_open(arena, TEXT_MAX);

	buf_add(&sql, STR("SET @sg_sql = CONCAT("));
	add_text_literal(&sql, before);
	buf_add(&sql, STR(", "));
	add_text_literal(&sql, params->sql);
	buf_add(&sql, STR("), @sg_value = "));
	add_text_literal(&sql, value);
	if (!inspect_ask(inspect, arena, arena_cstr(arena, buf_str(&sql)),
		answer, why, why_size) ||
	    !inspect_ask(inspect, arena, "PREPARE sg_explain FROM @sg_sql",
		answer, why, why_size))
		return false;
	sql = buf_open(arena, TEXT_MAX);
	buf_add(&sql, STR("EXECUTE sg_explain"));
	for (int i = 0; i < params->count; i++)
		buf_add(&sql,
		    i == 0 ? STR(" USING @sg_value") : STR(", @sg_value"));
	return inspect_ask(inspect, arena, arena_cstr(arena, buf_str(&sql)),
	    answer, why, why_size);
}

bool
inspect_explain(struct inspect *inspect, struct arena *arena,
    enum pool_statement which, const char *value, struct sql_answer *answer,
    char *why, size_t why_size)
{
	return run_statement(
	    inspect, arena, "EXPLAIN ", which, value, answer, why, why_size);
}

int64_t
inspect_width(struct inspect *inspect, struct arena *arena,
    enum pool_statement which, const char *name)
{
	struct sql_answer answer;
	char why[8];

	if (!run_statement(
		inspect, arena, "", which, "", &answer, why, sizeof(why)))
		return -1;
	for (size_t i = 0; i < answer.columns; i++)
		if (str_eq_nocase(answer.names[i], str_from(name)))
			return answer.widths[i];
	return -1;
}

struct str
inspect_cell(const struct sql_answer *answer, size_t row, const char *name)
{
	for (size_t i = 0; i < answer->columns; i++)
		if (str_eq_nocase(answer->names[i], str_from(name)))
			return answer->cells[row * answer->columns + i];
	return STR_NONE;
}
