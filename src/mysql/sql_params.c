/*
 * Named parameters in configured SQL.  A scanner, not a parser: it only has to
 * skip quotes and comments, by MySQL's rules (backslashes, three comments).
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mysql/sql_params.h"

#define NAME_FIRST STR_LETTERS "_"
#define NAME_BYTES NAME_FIRST STR_DIGITS
#define SPAN_OPEN SQL_PARAMS_OPEN

/* '..', ".." or `..`; a doubled quote counts as the start of another text. */
static size_t
span_quoted(const char *p)
{
	size_t len = 1;

	while (p[len] != '\0' && p[len] != p[0]) {
		if (p[len] == '\\' && p[0] != '`' && p[len + 1] != '\0')
			len++;
		len++;
	}
	return p[len] == '\0' ? SPAN_OPEN : len + 1;
}

static size_t
span_block_comment(const char *p)
{
	const char *end = strstr(p + 2, "*/");

	return end == NULL ? SPAN_OPEN : (size_t)(end - p) + 2;
}

size_t
sql_params_span(const char *p)
{
	if (p[0] == '\'' || p[0] == '"' || p[0] == '`')
		return span_quoted(p);
	if (p[0] == '/' && p[1] == '*')
		return span_block_comment(p);
	/* -- needs white space or the end after it: 1--1 is a sum */
	if (p[0] == '#' ||
	    (p[0] == '-' && p[1] == '-' && (unsigned char)p[2] <= ' '))
		return strcspn(p, "\n");
	if (p[0] == ':' && p[1] == ':')
		return 2;
	return 0;
}

/* The length of the name after the colon at p; 0: none. */
static size_t
span_name(const char *p)
{
	if (p[0] != ':' || p[1] == '\0' || strchr(NAME_FIRST, p[1]) == NULL)
		return 0;
	return strspn(p + 1, NAME_BYTES);
}

static int
find_allowed(const char *const *allowed, const char *name, size_t len)
{
	for (int i = 0; allowed[i] != NULL; i++)
		if (strlen(allowed[i]) == len &&
		    memcmp(allowed[i], name, len) == 0)
			return i;
	return -1;
}

/* Adds one :name, with len bytes after the colon. */
static bool
add_param(struct sql_params *sql_params, const char *const *allowed,
    const char *name, size_t len, char *why, size_t why_size)
{
	int which = find_allowed(allowed, name, len);

	if (which < 0) {
		snprintf(
		    why, why_size, "unknown parameter :%.*s", (int)len, name);
		return false;
	}
	if (sql_params->count == SQL_PARAMS_MAX) {
		snprintf(
		    why, why_size, "more than %d parameters", SQL_PARAMS_MAX);
		return false;
	}
	sql_params->params[sql_params->count++] = which;
	return true;
}

/* Copies sql to out with ? for parameters; out is never longer than sql. */
static bool
translate(const char *sql, char *out, struct sql_params *sql_params,
    const char *const *allowed, char *why, size_t why_size)
{
	while (*sql != '\0') {
		size_t skipped = sql_params_span(sql);
		size_t name = span_name(sql);

		if (skipped == SPAN_OPEN) {
			snprintf(why, why_size, "a quote or comment is open");
			return false;
		}
		if (skipped > 0) {
			memcpy(out, sql, skipped);
			out += skipped;
			sql += skipped;
		} else if (name > 0) {
			if (!add_param(sql_params, allowed, sql + 1, name, why,
				why_size))
				return false;
			*out++ = '?';
			sql += 1 + name;
		} else if (*sql == '?') {
			snprintf(why, why_size, "a bare ?: write :name");
			return false;
		} else {
			*out++ = *sql++;
		}
	}
	*out = '\0';
	return true;
}

bool
sql_params_uses(const struct sql_params *sql_params, int param)
{
	for (int i = 0; i < sql_params->count; i++)
		if (sql_params->params[i] == param)
			return true;
	return false;
}

bool
sql_params_find(const char *sql, const char *const *allowed, int needed,
    struct sql_params *sql_params, char *why, size_t why_size)
{
	*sql_params = (struct sql_params){ .sql = malloc(strlen(sql) + 1) };
	if (sql_params->sql == NULL) {
		snprintf(why, why_size, "out of memory");
		return false;
	}
	if (!translate(
		sql, sql_params->sql, sql_params, allowed, why, why_size))
		return false;
	for (int i = 0; i < needed; i++) {
		if (!sql_params_uses(sql_params, i)) {
			snprintf(why, why_size, "parameter :%s is missing",
			    allowed[i]);
			return false;
		}
	}
	return true;
}

void
sql_params_close(struct sql_params *sql_params)
{
	free(sql_params->sql);
	sql_params->sql = NULL;
}

/* Counts wanted among the names; *index is the last one found. */
static size_t
count_name(
    struct str wanted, const struct str *names, size_t count, size_t *index)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		if (str_eq_nocase(names[i], wanted)) {
			*index = i;
			found++;
		}
	}
	return found;
}

bool
sql_columns(const char *const *wanted, const struct str *names, size_t count,
    size_t *indexes, char *why, size_t why_size)
{
	for (int i = 0; wanted[i] != NULL; i++) {
		size_t found =
		    count_name(str_from(wanted[i]), names, count, &indexes[i]);

		if (found != 1) {
			snprintf(why, why_size,
			    found == 0 ? "column %s is missing"
				       : "column %s stands there twice",
			    wanted[i]);
			return false;
		}
	}
	return true;
}
