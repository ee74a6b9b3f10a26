#ifndef INI_H
#define INI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/*
 * Reads the bytes of a file in the manner of php.ini and my.cnf:
 *
 *	# a comment, or ; at the start of a line only
 *	[section]
 *	key = value to the end of the line
 *	key = "value in quotes: they are dropped, those within it stay"
 *	key = a value that goes on \
 *	      in the next line, with one space between
 *
 * Knows nothing of options.  Opens no file and takes no memory: continued
 * lines are joined in place, and the views of an item point into the bytes.
 */
#define INI_LINE_MAX 8192 /* bytes, continued lines together */

struct ini {
	char *ptr, *end; /* what has not been read yet */
	int line_no;	 /* of ptr */
};

enum ini_kind {
	INI_SECTION, /* name: what stands between the brackets */
	INI_KEY,     /* name and value; neither is ever absent */
	INI_WRONG    /* words: what is wrong with this line; reading goes on */
};

struct ini_item {
	enum ini_kind kind;
	int line_no; /* from 1; the first one of a continued line */
	struct str name, value;
	const char *words;
};

/* The bytes are the caller's; they are changed by reading. */
struct ini ini_open(char *bytes, size_t len);

/* False at the end. */
bool ini_next(struct ini *ini, struct ini_item *item);

#endif
