#ifndef ACTIVE_H
#define ACTIVE_H

#include "base/str.h"

/*
 * What a column `active` of user_state says.  Pure.  A number other than 0
 * means active: decimal digits with an optional sign and fraction, blanks and
 * tabs around them dropped.  Everything else does not: a user whom the table
 * does not clearly let in stays out.
 */
enum active {
	ACTIVE_NO,	  /* 0 in any spelling, or NULL */
	ACTIVE_YES,	  /* another number */
	ACTIVE_UNREADABLE /* no number: not active, and to be told */
};

enum active active_read(struct str value);

#endif
