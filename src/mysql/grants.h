#ifndef GRANTS_H
#define GRANTS_H

#include "base/arena.h"
#include "base/str.h"

/*
 * The tables and columns that a configured statement uses, for the GRANT that
 * sessgatectl prints.  They are read from its words: tables follow FROM, JOIN,
 * UPDATE and INTO.  This is no SQL parser: a name that is wrongly taken for a
 * column only makes the GRANT wider.  Pure.
 */
enum { GRANTS_TABLES_MAX = 8, GRANTS_NAMES_MAX = 128 };

struct grants {
	/* `table` or `database.table`, without backticks */
	struct str tables[GRANTS_TABLES_MAX];
	size_t table_count;
	/* identifiers and key words; all columns are among them */
	struct str names[GRANTS_NAMES_MAX];
	size_t name_count;
	/* the columns that are assigned after SET */
	struct str changed[GRANTS_NAMES_MAX];
	size_t changed_count;
	bool has_star;	 /* SELECT *: all columns are read */
	bool is_update;	 /* UPDATE, and ON DUPLICATE KEY UPDATE */
	bool is_insert;	 /* INSERT, REPLACE */
	bool is_delete;	 /* DELETE, REPLACE */
	bool is_unclear; /* an array was full: names are missing */
};

/* Fills in grants.  The texts point into sql and the arena. */
void grants_read(struct arena *arena, const char *sql, struct grants *grants);

#endif
