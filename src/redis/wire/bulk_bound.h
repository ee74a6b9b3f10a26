#ifndef BULK_BOUND_H
#define BULK_BOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/*
 * A filter before the RESP reader: passes replies on, but puts the error
 * "TOOLONG a value of N bytes" in place of each bulk string that is longer
 * than BULK_BYTES_MAX or than the room that is left.  The bytes of such a
 * string are skipped as they come and are never kept, so that one huge value
 * costs neither memory nor the connection.  (redis.io, RESP protocol
 * description, bulk strings.)
 */
enum { BULK_BYTES_MAX = 64 * 1024 };

struct bulk_bound {
	enum {
		BULK_AT_TYPE,
		BULK_IN_LINE,
		BULK_IN_HEAD,
		BULK_IN_BODY,
		BULK_IN_SKIP
	} state;
	size_t room;  /* how many bytes may still be passed on */
	bool is_over; /* a line went beyond the room: this is no reply */
	int64_t left; /* of the body, its line end included */
	char head[48];
	size_t head_len;
};

/*
 * Takes some bytes off *in, which holds some; the bytes to be passed on, maybe
 * none.  They are valid until the next call.
 */
struct str bulk_bound_take(struct bulk_bound *bound, struct str *in);

#endif
