#ifndef BUF_H
#define BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * A growing text in an arena, of at most max bytes.  A write that would exceed
 * max is dropped and sets is_full for good, so a caller checks once, after the
 * last write.  The functions that escape are named after the syntax of the
 * result.
 */
struct buf {
	struct arena *arena;
	char *ptr;
	size_t len, cap, max;
	bool is_full;
};

/* Returns an empty text of at most max bytes.  Allocates nothing yet. */
struct buf buf_open(struct arena *arena, size_t max);

/*
 * Allocates space for `more` further bytes at once.  Does nothing if the text
 * would then exceed max.
 */
void buf_reserve(struct buf *buf, size_t more);

/* The slow path of buf_add: grows the buffer first, or sets is_full. */
void buf_add_more(struct buf *buf, struct str s);

/* Adds s, or sets is_full if the text would exceed its maximum. */
static inline void
buf_add(struct buf *buf, struct str s)
{
	if (buf->is_full || s.len > buf->cap - buf->len) {
		buf_add_more(buf, s);
		return;
	}
	if (s.len > 0)
		memcpy(buf->ptr + buf->len, s.ptr, s.len);
	buf->len += s.len;
}

/* Adds one byte; adds value in decimal digits. */
void buf_add_char(struct buf *buf, char c);
void buf_add_int(struct buf *buf, int64_t value);

/*
 * Adds s as a quoted JSON string (RFC 8259, 7).  `/` is not escaped; a byte
 * that is not valid UTF-8 becomes U+FFFD; an absent s becomes null.
 */
void buf_add_json(struct buf *buf, struct str s);

/* Adds a code point as UTF-8 (RFC 3629, 3). */
void buf_add_utf8(struct buf *buf, uint32_t code);

/* Adds s escaped for HTML text or a quoted attribute value. */
void buf_add_html(struct buf *buf, struct str s);

/* Adds s percent-encoded; unreserved characters stay (RFC 3986, 2.3). */
void buf_add_percent(struct buf *buf, struct str s);

/*
 * Returns a view of the text so far, valid until the next reset of the arena.
 * Never absent.
 */
struct str buf_str(const struct buf *buf);

/* Returns the decimal digits of value, in the arena. */
struct str buf_int_str(struct arena *arena, int64_t value);

#endif
