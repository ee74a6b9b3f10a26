/* Reads the tables and columns of a statement from its words. */
#include "config.h"

#include <string.h>

#include "mysql/grants.h"
#include "mysql/sql_params.h"

/* A word, a quoted name or one byte of the statement. */
struct sql_token {
	struct str text; /* without backticks; empty at the end */
	bool is_name;	 /* an identifier or a key word */
	bool is_quoted;	 /* in backticks: no key word */
};

static bool
is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '$' ||
	       (unsigned char)c >= 0x80;
}

/* Reads the next token; skips blanks, strings, comments and parameters. */
static struct sql_token
next_sql_token(const char **at)
{
	struct sql_token token = { .text = STR("") };
	const char *p = *at;
	size_t len;

	for (; *p != '\0'; p += len) {
		len = (unsigned char)*p <= ' ' ? 1 : sql_params_span(p);
		if (len == SQL_PARAMS_OPEN)
			len = strlen(p);
		if (p[0] == '`' && len > 2) {
			token.text = (struct str){ p + 1, len - 2 };
			token.is_name = token.is_quoted = true;
			*at = p + len;
			return token;
		}
		if (len == 0 && *p == ':')
			for (len = 1; is_word_byte(p[len]);)
				len++;
		if (len == 0)
			break;
	}
	len = 0;
	while (is_word_byte(p[len]))
		len++;
	token.is_name = len > 0;
	if (len == 0 && *p != '\0')
		len = 1;
	token.text = (struct str){ p, len };
	*at = p + len;
	return token;
}

static bool
is_keyword(const struct sql_token *token, const char *word)
{
	return token->is_name && !token->is_quoted &&
	       str_eq_nocase(token->text, str_from(word));
}

static bool
is_sign(const struct sql_token *token, char sign)
{
	return !token->is_name && token->text.len == 1 &&
	       token->text.ptr[0] == sign;
}

static bool
note_text(struct str *texts, size_t *count, size_t max, struct str text)
{
	for (size_t i = 0; i < *count; i++)
		if (str_eq_nocase(texts[i], text))
			return true;
	if (*count == max)
		return false;
	texts[(*count)++] = text;
	return true;
}

static void
note_name(struct grants *grants, const struct sql_token *token)
{
	if (token->is_name && !note_text(grants->names, &grants->name_count,
				  GRANTS_NAMES_MAX, token->text))
		grants->is_unclear = true;
}

static struct str
dotted(struct arena *arena, struct str database, struct str table)
{
	char *name = arena_alloc(arena, database.len + table.len + 2);

	memcpy(name, database.ptr, database.len);
	name[database.len] = '.';
	memcpy(name + database.len + 1, table.ptr, table.len);
	return (struct str){ name, database.len + table.len + 1 };
}

/* Words that may follow a table, and so are no alias of it. */
static bool
ends_tables(const struct sql_token *token)
{
	static const char *const words[] = { "where", "set", "join", "left",
		"right", "inner", "outer", "cross", "natural", "straight_join",
		"on", "using", "group", "order", "limit", "having", "union",
		"for", "force", "use", "ignore", "values", "select", "lock" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (is_keyword(token, words[i]))
			return true;
	return false;
}

/*
 * Notes the tables of a list, as in `a, db.b AS c`.  Returns the token after
 * the list.  It stops at a SELECT in parentheses: the caller comes to the FROM
 * of that SELECT and calls read_tables again.
 */
static struct sql_token
read_tables(struct arena *arena, const char **at, struct grants *grants)
{
	struct sql_token token = next_sql_token(at);

	while (
	    is_keyword(&token, "low_priority") || is_keyword(&token, "ignore"))
		token = next_sql_token(at);
	while (token.is_name && !ends_tables(&token)) {
		struct str table = token.text;

		token = next_sql_token(at);
		if (is_sign(&token, '.')) {
			token = next_sql_token(at);
			table = dotted(arena, table, token.text);
			token = next_sql_token(at);
		}
		if (!note_text(grants->tables, &grants->table_count,
			GRANTS_TABLES_MAX, table))
			grants->is_unclear = true;
		if (is_keyword(&token, "as"))
			token = next_sql_token(at);
		if (token.is_name && !ends_tables(&token))
			token = next_sql_token(at); /* the alias */
		if (!is_sign(&token, ','))
			break;
		token = next_sql_token(at);
	}
	return token;
}

static bool
begins_tables(const struct sql_token *token, bool is_first)
{
	return is_keyword(token, "from") || is_keyword(token, "join") ||
	       is_keyword(token, "straight_join") ||
	       is_keyword(token, "into") ||
	       (is_first && is_keyword(token, "update"));
}

/* Notes the column of an assignment, as in `SET a = 1, t.b = 2`. */
static void
note_assignment(struct grants *grants, const struct sql_token *last,
    const struct sql_token *token, bool is_assigning, int depth)
{
	if (is_assigning && depth == 0 && is_sign(token, '=') &&
	    last->is_name &&
	    !note_text(grants->changed, &grants->changed_count,
		GRANTS_NAMES_MAX, last->text))
		grants->is_unclear = true;
}

static void
note_verb(struct grants *grants, const struct sql_token *token)
{
	grants->is_update = is_keyword(token, "update");
	grants->is_insert =
	    is_keyword(token, "insert") || is_keyword(token, "replace");
	grants->is_delete =
	    is_keyword(token, "delete") || is_keyword(token, "replace");
}

void
grants_read(struct arena *arena, const char *sql, struct grants *grants)
{
	struct sql_token last = { .text = STR("") };
	struct sql_token token = next_sql_token(&sql);
	bool is_first = true, is_assigning = false;
	int depth = 0;

	*grants = (struct grants){ .table_count = 0 };
	note_verb(grants, &token);
	while (token.text.len > 0) {
		if (begins_tables(&token, is_first)) {
			is_first = false;
			last = token;
			token = read_tables(arena, &sql, grants);
			continue;
		}
		is_first = false;
		depth += is_sign(&token, '(') - is_sign(&token, ')');
		if (is_keyword(&token, "set"))
			is_assigning = true;
		if (is_keyword(&token, "where") && depth == 0)
			is_assigning = false;
		if (is_keyword(&token, "duplicate"))
			grants->is_update = true;
		if (is_sign(&token, '*') && !last.is_name)
			grants->has_star = true;
		if (is_sign(&token, '*') && is_keyword(&last, "select"))
			grants->has_star = true;
		note_assignment(grants, &last, &token, is_assigning, depth);
		note_name(grants, &token);
		last = token;
		token = next_sql_token(&sql);
	}
}
