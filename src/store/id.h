#ifndef ID_H
#define ID_H

#include <stdbool.h>

#include "base/str.h"
#include "config/conf.h"

/*
 * True if id has the syntax of [user] id_type.  Only such ids become part of a
 * key or a parameter of SQL.  integer: 1 to 2^64-1 without leading zeros; uuid:
 * RFC 9562, section 4, in lower case; text: 1 to 64 characters of A-Z a-z 0-9 .
 * _ @ -.
 */
bool id_is_wellformed(enum conf_user_id_type type, struct str id);

#endif
