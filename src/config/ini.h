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
 * Independent of the options.  Opens no file and allocates nothing: continued
 * lines are joined in place, and the views of an item point into the bytes.
 */
#define INI_LINE_MAX 8192 /* bytes, continued lines together */

struct ini {
	char *ptr, *end; /* the unread bytes */
	int line_no;	 /* of ptr */
};

enum ini_kind {
	INI_SECTION, /* name: the text between the brackets */
	INI_KEY,     /* name and value; neither is absent */
	INI_WRONG    /* words: the error of this line; parsing goes on */
};

struct ini_item {
	enum ini_kind kind;
	int line_no; /* from 1; of a continued line the first */
	struct str name, value;
	const char *words;
};

/*
 * The bytes stay the caller's, and must outlive the items.  Parsing modifies
 * them.
 */
struct ini ini_open(char *bytes, size_t len);

/* Reads the next section, key or error.  False: the end. */
bool ini_next(struct ini *ini, struct ini_item *item);

#endif
