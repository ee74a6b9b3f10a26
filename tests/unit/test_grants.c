/* mysql/grants */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "check.h"
#include "in_arena.h"
#include "mysql/grants.h"

enum { LIST_MAX = 2048 };

/*
 * tables, changed: all, with blanks between.  names: some that are there.
 * absent: some that are not.  flags: * star, u update, i insert, d delete.
 */
static const struct grants_row {
	const char *sql, *tables, *changed, *names, *absent, *flags;
} rows[] = {
	{ "SELECT id, email AS login FROM users WHERE email = :login", "users",
	    "", "id email", "users", "" },
	{ "select u.id from `my db`.`users` as u where u.x=:id", "my db.users",
	    "", "id x", "", "" },
	{ "SELECT a FROM t WHERE b = 'FROM secret' AND c = \"x\" -- FROM d\n"
	  "/* JOIN e */",
	    "t", "", "a b c", "secret d e x", "" },
	{ "SELECT a FROM t WHERE `from` = ':id' AND b = :id", "t", "",
	    "a from b", "", "" },
	{ "SELECT t.a, u.b FROM t, db.u x LEFT JOIN v AS y USING (c) "
	  "INNER JOIN w ON w.d = t.e",
	    "t db.u v w", "", "a b c d e", "", "" },
	{ "SELECT a FROM t WHERE id IN (SELECT user_id FROM r WHERE n = 1)",
	    "t r", "", "a id user_id n", "", "" },
	{ "SELECT a FROM (SELECT b FROM t) x", "t", "", "a b", "", "" },
	{ "SELECT a FROM t UNION SELECT b FROM T", "t", "", "a b", "", "" },
	{ "SELECT * FROM t", "t", "", "", "", "*" },
	{ "SELECT u.* FROM t u", "t", "", "", "", "*" },
	{ "SELECT a * 2 FROM t", "t", "", "a", "", "" },
	{ "UPDATE users SET name = :name, `image`=IF(:image_given, :image, "
	  "image) WHERE id = :id",
	    "users", "name image", "name image id", "image_given", "u" },
	{ "UPDATE t JOIN u ON t.a = u.b SET t.c = u.d WHERE t.e = 1", "t u",
	    "c", "a b c d e", "", "u" },
	{ "UPDATE t SET a = (SELECT MAX(b) FROM u WHERE c = 1) WHERE d = 2",
	    "t u", "a", "a b c d", "", "u" },
	{ "UPDATE LOW_PRIORITY IGNORE t SET a = 1", "t", "a", "a", "", "u" },
	{ "INSERT INTO t (a, b) VALUES (:id, 1) "
	  "ON DUPLICATE KEY UPDATE b = 2",
	    "t", "", "a b", "", "ui" },
	{ "REPLACE INTO db.t SET a = 1", "db.t", "a", "a", "", "id" },
	{ "DELETE FROM t WHERE a = 1", "t", "", "a", "", "d" },
	{ "SELECT a FROM t FOR UPDATE", "t", "", "a", "", "" },
	/* broken: read to its end, and no further */
	{ "", "", "", "", "", "" },
	{ "SELECT a FROM", "", "", "a", "", "" },
	{ "SELECT a FROM t.", "t.", "", "a", "", "" },
	{ "SELECT 'a FROM t", "", "", "select", "a t", "" },
	{ "SELECT `a FROM t", "", "", "select", "a t", "" },
	{ "SELECT a FROM t /* b", "t", "", "a", "b", "" },
	{ "UPDATE", "", "", "", "", "u" },
};

static bool
has(const struct str *texts, size_t count, struct str text)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq_nocase(texts[i], text))
			return true;
	return false;
}

/* The texts with blanks between. */
static struct str
listed(struct arena *arena, const struct str *texts, size_t count)
{
	struct buf list = buf_open(arena, LIST_MAX);

	buf_add(&list, STR(""));
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_add_char(&list, ' ');
		buf_add(&list, texts[i]);
	}
	return buf_str(&list);
}

/* Whether all of words are among the names, or none of them. */
static void
check_names(const struct grants *grants, const char *words, bool is_there,
    const char *sql)
{
	struct str rest = str_from(words);

	while (rest.len > 0) {
		struct str word = str_cut(&rest, ' ');

		assert_row(
		    has(grants->names, grants->name_count, word) == is_there,
		    sql);
	}
}

static void
a_statement_names_what_it_touches(void **state)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct grants_row *row = &rows[i];
		struct grants grants;
		char flags[8];

		grants_read(*state, row->sql, &grants);
		snprintf(flags, sizeof(flags), "%s%s%s%s",
		    grants.has_star ? "*" : "", grants.is_update ? "u" : "",
		    grants.is_insert ? "i" : "", grants.is_delete ? "d" : "");
		assert_row(strcmp(flags, row->flags) == 0, row->sql);
		assert_row(!grants.is_unclear, row->sql);
		assert_str(listed(*state, grants.tables, grants.table_count),
		    row->tables);
		assert_str(listed(*state, grants.changed, grants.changed_count),
		    row->changed);
		check_names(&grants, row->names, true, row->sql);
		check_names(&grants, row->absent, false, row->sql);
	}
}

/* One more table or name than there is room for is reported. */
static void
more_than_fits_is_unclear(void **state)
{
	static const struct {
		const char *head, *item;
		int max;
	} lists[] = { { "SELECT a FROM", "t", GRANTS_TABLES_MAX },
		{ "SELECT", "c", GRANTS_NAMES_MAX - 1 } }; /* and select */

	for (size_t i = 0; i < COUNT(lists); i++)
		for (int more = 0; more < 2; more++) {
			struct buf sql = buf_open(*state, LIST_MAX);
			struct grants grants;

			buf_add(&sql, str_from(lists[i].head));
			for (int n = 0; n < lists[i].max + more; n++) {
				buf_add_char(&sql, n > 0 ? ',' : ' ');
				buf_add(&sql, str_from(lists[i].item));
				buf_add_int(&sql, n);
			}
			buf_add_char(&sql, '\0');
			assert_false(sql.is_full);
			grants_read(*state, sql.ptr, &grants);
			assert_int_equal(grants.is_unclear, more);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_statement_names_what_it_touches, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(
		    more_than_fits_is_unclear, open_arena, close_arena),
	};

	return cmocka_run_group_tests_name("grants", tests, NULL, NULL);
}
