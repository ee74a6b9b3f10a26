/* Skips values that are too long. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "redis/wire/bulk_bound.h"

enum { LINE_END = 2 };

static struct str
cut_off(struct str *in, size_t len)
{
	struct str piece = { in->ptr, len };

	in->ptr += len;
	in->len -= len;
	return piece;
}

static struct str
charge(struct bulk_bound *bound, struct str piece)
{
	if (piece.len > bound->space)
		bound->is_over = true;
	bound->space -= piece.len < bound->space ? piece.len : bound->space;
	return piece;
}

static struct str
pass_line(struct bulk_bound *bound, struct str *in)
{
	const char *end = memchr(in->ptr, '\n', in->len);

	bound->state = end != NULL ? BULK_AT_TYPE : BULK_IN_LINE;
	return charge(bound,
	    cut_off(in, end != NULL ? (size_t)(end - in->ptr) + 1 : in->len));
}

/*
 * Parses the length in "$N\r\n".  -1: nil, or invalid, which the reader
 * rejects.
 */
static int64_t
length_in_head(const struct bulk_bound *bound)
{
	int64_t len;

	if (bound->head_len < 1 + LINE_END ||
	    !str_to_int(
		(struct str){ bound->head + 1, bound->head_len - 1 - LINE_END },
		0, INT64_MAX - LINE_END, &len))
		return -1;
	return len;
}

static struct str
read_head(struct bulk_bound *bound)
{
	int64_t len = length_in_head(bound);

	bound->left = len + LINE_END;
	if (len > BULK_BYTES_MAX || (len > 0 && (size_t)len > bound->space)) {
		bound->state = BULK_IN_SKIP;
		bound->head_len =
		    (size_t)snprintf(bound->head, sizeof(bound->head),
			"-TOOLONG a value of %" PRId64 " bytes\r\n", len);
		return STR(""); /* the error is returned with the last byte */
	}
	bound->state = len >= 0 ? BULK_IN_BODY : BULK_AT_TYPE;
	return charge(bound, (struct str){ bound->head, bound->head_len });
}

/*
 * Collects the head "$N\r\n".  A head that lies in *in as a whole is returned
 * as a view of *in, like the bytes before and after it, so that resp_feed
 * passes all of them on in one piece.  Empty: the head is not whole yet, or the
 * bulk string is to be skipped.
 */
static struct str
take_head(struct bulk_bound *bound, struct str *in)
{
	const char *begin = in->ptr;

	while (in->len > 0 && bound->head_len < sizeof(bound->head)) {
		char byte = *cut_off(in, 1).ptr;

		bound->head[bound->head_len++] = byte;
		if (byte == '\n') {
			struct str head = read_head(bound);

			if (head.len == (size_t)(in->ptr - begin))
				head.ptr = begin;
			return head;
		}
	}
	if (bound->head_len < sizeof(bound->head))
		return STR("");
	bound->state = BULK_IN_LINE; /* too long for a head */
	return charge(bound, (struct str){ bound->head, bound->head_len });
}

static struct str
take_body(struct bulk_bound *bound, struct str *in)
{
	bool is_skipped = bound->state == BULK_IN_SKIP;
	struct str piece = cut_off(
	    in, bound->left < (int64_t)in->len ? (size_t)bound->left : in->len);

	bound->left -= (int64_t)piece.len;
	if (bound->left == 0)
		bound->state = BULK_AT_TYPE;
	if (!is_skipped)
		return charge(bound, piece);
	return bound->left == 0 ? (struct str){ bound->head, bound->head_len }
				: STR("");
}

struct str
bulk_bound_take(struct bulk_bound *bound, struct str *in)
{
	if (bound->state == BULK_AT_TYPE) {
		bound->state = in->ptr[0] == '$' ? BULK_IN_HEAD : BULK_IN_LINE;
		bound->head_len = 0;
	}
	switch (bound->state) {
	case BULK_IN_HEAD:
		return take_head(bound, in);
	case BULK_IN_BODY:
	case BULK_IN_SKIP:
		return take_body(bound, in);
	default:
		return pass_line(bound, in);
	}
}
