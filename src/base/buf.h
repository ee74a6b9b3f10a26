#ifndef BUF_H
#define BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * A growing text in an arena.  It knows its maximum: what goes beyond is
 * dropped and is_full stays set, so a writer checks once, at the end.
 * Writers are named by what they escape for.
 */
struct buf {
	struct arena *arena;
	char *ptr;
	size_t len, cap, max;
	bool is_full;
};

/* An empty text of at most max bytes; takes no memory yet. */
struct buf buf_open(struct arena *arena, size_t max);

/* Takes room for so many more bytes at once, where the maximum allows. */
void buf_reserve(struct buf *buf, size_t more);

/* buf_add where there is no room yet. */
void buf_add_more(struct buf *buf, struct str s);

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

void buf_add_char(struct buf *buf, char c);
void buf_add_int(struct buf *buf, int64_t value);

/*
 * s as a JSON string with its quotes (RFC 8259, 7); `/` is not escaped; a
 * byte that is no UTF-8 becomes U+FFFD; an absent s is null.
 */
void buf_add_json(struct buf *buf, struct str s);

/* s for an HTML text or a double-quoted attribute value. */
void buf_add_html(struct buf *buf, struct str s);

/* s percent-encoded but for the unreserved characters of RFC 3986, 2.3. */
void buf_add_percent(struct buf *buf, struct str s);

/* What was written, as a view that lives as long as the arena's contents. */
struct str buf_str(const struct buf *buf);

/* A number alone, as text in the arena. */
struct str buf_int_str(struct arena *arena, int64_t value);

#endif
