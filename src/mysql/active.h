#ifndef ACTIVE_H
#define ACTIVE_H

#include "base/str.h"

/*
 * The meaning of a value in the column `active` of user_state.  Pure.  A number
 * other than 0 means active: decimal digits with an optional sign and fraction,
 * surrounded by optional blanks and tabs.  Everything else means inactive: only
 * a clear yes lets a user in.
 */
enum active {
	ACTIVE_NO,	  /* 0 in any spelling, or NULL */
	ACTIVE_YES,	  /* any other number */
	ACTIVE_UNREADABLE /* not a number: inactive, and to be logged */
};

/* value: the column as text; STR_NONE is NULL. */
enum active active_read(struct str value);

#endif
