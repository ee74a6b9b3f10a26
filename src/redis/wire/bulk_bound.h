#ifndef BULK_BOUND_H
#define BULK_BOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/*
 * A filter before the RESP reader, which bounds its memory.  Replies pass
 * unchanged, except for bulk strings longer than BULK_BYTES_MAX or than the
 * space left.  Each of those becomes the error "TOOLONG a value of N bytes",
 * and its bytes are skipped as they arrive.  So one huge value costs neither
 * memory nor the connection.  (redis.io, Redis serialization protocol
 * specification, bulk strings.)
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
	size_t space; /* bytes that may still pass */
	bool is_over; /* a line is longer than space: not a valid reply */
	int64_t left; /* bytes of the body still to come, with its CRLF */
	char head[48];
	size_t head_len;
};

/*
 * Consumes bytes of *in, which must not be empty.  Returns the bytes to pass
 * on, maybe none; they are valid until the next call.
 */
struct str bulk_bound_take(struct bulk_bound *bound, struct str *in);

#endif
