#ifndef ID_H
#define ID_H

#include <stdbool.h>

#include "base/str.h"
#include "config/conf.h"

/*
 * Is it in the alphabet of [user] id_type?  Only such ids ever become part of
 * a key or a parameter of SQL.  integer: 1 to 2^64-1, without zeros in front;
 * uuid: RFC 9562, 4, in small letters; text: 1 to 64 of A-Z a-z 0-9 . _ @ -.
 */
bool id_is_wellformed(enum conf_user_id_type type, struct str id);

#endif
