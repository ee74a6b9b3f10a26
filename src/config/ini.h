#ifndef INI_H
#define INI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/*
 * Parses a file in the syntax of php.ini and my.cnf:
 *
 *	# a comment, or ; at the start of a line only
 *	[section]
 *	key = value to the end of the line
 *	key = "value in quotes: they are dropped, those within it stay"
 *	key = a value that goes on \
 *	      in the next line, with one space between
 *
 * The parser knows no options.  It opens no file and allocates nothing:
 * continued lines are joined in place, and the views of an item point into the
 * bytes.
 */
#define INI_LINE_MAX 8192 /* bytes of a line, with those that continue it */

struct ini {
	char *ptr, *end; /* the unread bytes */
	int line_no;	 /* number of the line at ptr */
};

enum ini_kind {
	INI_SECTION, /* name: the text between the brackets */
	INI_KEY,     /* name and value; neither is absent */
	INI_WRONG    /* words: the error of this line; ini_next may go on */
};

struct ini_item {
	enum ini_kind kind;
	int line_no; /* from 1; that of the first of continued lines */
	struct str name, value;
	const char *words;
};

/*
 * Begins to parse.  The caller owns the bytes, which must stay valid as long as
 * the items.  Parsing modifies them.
 */
struct ini ini_open(char *bytes, size_t len);

/* Reads the next section, key or error.  False: the end of the bytes. */
bool ini_next(struct ini *ini, struct ini_item *item);

#endif
