/*
 * acl, grants: print the rights that sessgate needs in Redis and MySQL.  They
 * come from the tables of its Redis commands and from the configured SQL.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/buf.h"
#include "ctl/cmds.h"
#include "ctl/command.h"
#include "ctl/json_line.h"
#include "mysql/grants.h"
#include "mysql/inspect.h"
#include "redis/command_check.h"

enum { LINE_SIZE = 16 * 1024, REASON_SIZE = 400 };

/* ---- acl ---- */

struct acl_line {
	struct ctl *ctl;
	struct buf line;
};

/* Adds a key pattern; characters of the prefix that are special are escaped. */
static void
add_pattern(struct buf *line, const char *prefix, struct str kind)
{
	buf_add(line, STR(" ~"));
	for (; *prefix != '\0'; prefix++) {
		if (strchr("*?[]\\", *prefix) != NULL)
			buf_add_char(line, '\\');
		buf_add_char(line, *prefix);
	}
	buf_add(line, kind);
}

/* Each key pattern comes with the prefix of each site. */
static void
add_right(void *arg, enum command_right kind, struct str right)
{
	struct acl_line *acl = arg;
	const struct conf_all *all = &acl->ctl->all;

	if (kind == COMMAND_RIGHT_KEY) {
		for (int i = 0; i < conf_count(all); i++)
			add_pattern(&acl->line,
			    conf_at(all, i)->redis_key_prefix, right);
		return;
	}
	buf_add(
	    &acl->line, kind == COMMAND_RIGHT_COMMAND ? STR(" +") : STR(" &"));
	buf_add(&acl->line, right);
}

int
cmd_acl(struct ctl *ctl, const struct args *args)
{
	const char *user = ctl->all.common.redis.user;
	struct acl_line acl = { .ctl = ctl,
		.line = buf_open(ctl->arena, LINE_SIZE) };
	struct str line;

	buf_add(&acl.line, STR("ACL SETUSER "));
	buf_add(&acl.line, user != NULL && strcmp(user, "default") != 0
			       ? str_from(user)
			       : STR("sessgate"));
	buf_add(&acl.line, STR(" reset on >PASSWORD"));
	command_check_rights(add_right, &acl);
	if (args_has(args, OPTION_ADMIN))
		command_check_admin_rights(add_right, &acl);
	line = buf_str(&acl.line);
	if (acl.line.is_full) {
		ctl_warn("too many sites for one line");
		return EX_OSERR;
	}
	if (ctl->is_json) {
		struct json_writer *json = json_line_begin(ctl->arena);

		json_write_text(json, STR("acl"), line);
		json_line_print(json);
	} else {
		printf("%.*s\n", STR_ARG(line));
	}
	return CTL_DONE;
}

/* ---- grants ---- */

/* The privileges on one table that all statements of a site need. */
struct table_grant {
	struct str table;
	struct str read[GRANTS_NAMES_MAX], changed[GRANTS_NAMES_MAX];
	size_t read_count, changed_count;
	bool is_read_whole, is_changed_whole; /* all columns */
	bool is_update, is_insert, is_delete;
};

struct grant_list {
	struct ctl *ctl;
	struct inspect *inspect; /* NULL: the columns are not known */
	const struct conf *conf;
	const char *account;
	struct table_grant tables[GRANTS_TABLES_MAX];
	size_t count;
};

static struct table_grant *
grant_on(struct grant_list *list, struct str table)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq(list->tables[i].table, table))
			return &list->tables[i];
	if (list->count == GRANTS_TABLES_MAX)
		return NULL;
	list->tables[list->count] = (struct table_grant){ .table = table };
	return &list->tables[list->count++];
}

/* Splits `database.table`; a bare table is in the database of the url. */
static void
split_table(const struct grant_list *list, struct str name,
    struct str *database, struct str *table)
{
	*table = name;
	*database = str_cut(table, '.');
	if (!str_is_none(*table))
		return;
	*table = name;
	*database = str_from(list->conf->databases[0].url.database);
}

/* Asks for the columns of a table that this account may see. */
static bool
ask_columns(struct grant_list *list, struct str name, struct sql_answer *answer)
{
	char why[REASON_SIZE];
	struct str database, table;
	struct buf sql = buf_open(list->ctl->arena, 1024);

	split_table(list, name, &database, &table);
	buf_add(&sql, STR("SHOW COLUMNS FROM `"));
	buf_add(&sql, database);
	buf_add(&sql, STR("`.`"));
	buf_add(&sql, table);
	buf_add(&sql, STR("`"));
	return list->inspect != NULL && !sql.is_full &&
	       inspect_ask(list->inspect, list->ctl->arena,
		   arena_cstr(list->ctl->arena, buf_str(&sql)), answer, why,
		   sizeof(why)) &&
	       answer->rows > 0;
}

static void
add_column(struct str *columns, size_t *count, struct str column)
{
	for (size_t i = 0; i < *count; i++)
		if (str_eq_nocase(columns[i], column))
			return;
	if (*count < GRANTS_NAMES_MAX)
		columns[(*count)++] = column;
}

static bool
has_text(const struct str *texts, size_t count, struct str text)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq_nocase(texts[i], text))
			return true;
	return false;
}

/*
 * Adds a table of which a statement reads all columns, as far as is known.  If
 * it is the only table, the changed columns are its own.
 */
static void
add_whole_table(struct table_grant *grant, const struct grants *found)
{
	bool may_change = found->is_update && !found->is_insert;

	grant->is_read_whole = true;
	if (!may_change || found->table_count != 1) {
		grant->is_changed_whole |= may_change;
		return;
	}
	for (size_t i = 0; i < found->changed_count; i++)
		add_column(
		    grant->changed, &grant->changed_count, found->changed[i]);
}

/*
 * Adds the columns of a table that a statement names, or the whole table if
 * the columns are not known or the statement reads all of them.
 */
static void
add_columns(struct grant_list *list, struct table_grant *grant,
    const struct grants *found)
{
	bool may_change = found->is_update && !found->is_insert;
	struct sql_answer answer;

	if (found->has_star || found->is_unclear ||
	    !ask_columns(list, grant->table, &answer)) {
		add_whole_table(grant, found);
		return;
	}
	for (size_t i = 0; i < answer.rows; i++) {
		struct str column = inspect_cell(&answer, i, "Field");

		if (has_text(found->names, found->name_count, column))
			add_column(grant->read, &grant->read_count, column);
		if (may_change &&
		    has_text(found->changed, found->changed_count, column))
			add_column(
			    grant->changed, &grant->changed_count, column);
	}
}

static void
add_statement(struct grant_list *list, const char *sql)
{
	struct grants *found = arena_alloc(list->ctl->arena, sizeof(*found));

	if (sql == NULL || sql[0] == '\0')
		return;
	grants_read(list->ctl->arena, sql, found);
	for (size_t i = 0; i < found->table_count; i++) {
		struct table_grant *grant = grant_on(list, found->tables[i]);

		if (grant == NULL)
			continue;
		add_columns(list, grant, found);
		grant->is_update |= found->is_update;
		grant->is_insert |= found->is_insert;
		grant->is_delete |= found->is_delete;
		grant->is_changed_whole |= found->is_update && found->is_insert;
	}
}

static void
add_column_list(struct buf *line, const char *verb, const struct str *columns,
    size_t count, bool is_whole)
{
	if (line->len > 0 && line->ptr[line->len - 1] != ' ')
		buf_add(line, STR(", "));
	buf_add(line, str_from(verb));
	if (is_whole || count == 0)
		return;
	buf_add(line, STR(" ("));
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_add(line, STR(", "));
		buf_add(line, columns[i]);
	}
	buf_add_char(line, ')');
}

static void
print_grant(const struct grant_list *list, const struct table_grant *grant)
{
	struct buf line = buf_open(list->ctl->arena, LINE_SIZE);
	struct str database, table, text;

	split_table(list, grant->table, &database, &table);
	buf_add(&line, STR("GRANT "));
	add_column_list(&line, "SELECT", grant->read, grant->read_count,
	    grant->is_read_whole);
	if (grant->is_update)
		add_column_list(&line, "UPDATE", grant->changed,
		    grant->changed_count, grant->is_changed_whole);
	if (grant->is_insert)
		add_column_list(&line, "INSERT", NULL, 0, true);
	if (grant->is_delete)
		add_column_list(&line, "DELETE", NULL, 0, true);
	buf_add(&line, STR(" ON `"));
	buf_add(&line, database);
	buf_add(&line, STR("`.`"));
	buf_add(&line, table);
	buf_add(&line, STR("` TO "));
	buf_add(&line, str_from(list->account));
	text = buf_str(&line);
	if (list->ctl->is_json) {
		struct json_writer *json = json_line_begin(list->ctl->arena);

		json_write_text(json, STR("grant"), text);
		json_line_print(json);
	} else {
		printf("%.*s;\n", STR_ARG(text));
	}
}

/*
 * Returns the account, as 'sessgate'@'localhost': as the server names it or,
 * without an answer, as the url does.
 */
static const char *
account_of(struct grant_list *list)
{
	enum { SIZE = 512 };
	const struct mysql_url *url = &list->conf->databases[0].url;
	char *account = arena_alloc(list->ctl->arena, SIZE);
	struct sql_answer answer;
	char why[REASON_SIZE];
	struct str user = str_from(url->user), host = STR("%");

	if (url->socket != NULL || strcmp(url->host, "localhost") == 0)
		host = STR("localhost");
	if (list->inspect != NULL &&
	    inspect_ask(list->inspect, list->ctl->arena,
		"SELECT CURRENT_USER()", &answer, why, sizeof(why)) &&
	    answer.rows == 1) {
		host = answer.cells[0];
		user = str_cut(&host, '@');
	}
	if (str_is_none(user))
		user = STR("sessgate");
	snprintf(account, SIZE, "'%.*s'@'%.*s'", STR_ARG(user), STR_ARG(host));
	return account;
}

static void
print_site_grants(struct ctl *ctl, const struct conf *conf)
{
	struct pool_options options = pool_options_of(conf, 1);
	struct grant_list *list = arena_alloc(ctl->arena, sizeof(*list));
	char why[REASON_SIZE];

	list->ctl = ctl;
	list->conf = conf;
	list->inspect = inspect_open(&options, why, sizeof(why));
	if (list->inspect == NULL)
		ctl_warn("MySQL is away, so the columns are not known: %s",
		    ctl_shown(ctl, str_from(why)));
	list->account = account_of(list);
	for (int i = 0; i < POOL_STATEMENTS; i++)
		add_statement(list, options.sql[i]);
	for (size_t i = 0; i < list->count; i++)
		print_grant(list, &list->tables[i]);
	inspect_close(list->inspect);
}

int
cmd_grants(struct ctl *ctl, const struct args *args)
{
	(void)args;
	for (int i = 0; i < conf_count(&ctl->all); i++) {
		const struct conf *conf = conf_at(&ctl->all, i);

		if (ctl->conf == NULL || ctl->conf == conf)
			print_site_grants(ctl, conf);
	}
	return CTL_DONE;
}
