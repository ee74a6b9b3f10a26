#ifndef JSON_MARK_H
#define JSON_MARK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

/*
 * Characters that json-c cannot read.  It (0.16 to 0.18) takes a character
 * whose lower 16 bits are those of a surrogate for one, as U+2D800, and bytes
 * above 0x7f for control characters.  So such a character becomes three that it
 * can read: JSON_MARK, then JSON_MARK_BITS plus the upper and plus the lower 12
 * bits. So does JSON_MARK itself, which is no character of Unicode but may
 * stand in a text.
 */
enum { JSON_MARK = 0xffff, JSON_MARK_BITS = 0x4000 };

/* True for a character that json-c cannot read, and for JSON_MARK. */
bool json_needs_mark(uint32_t code);

/* Adds such a character to a JSON string, as three escapes. */
void json_add_marked(struct buf *out, uint32_t code);

/*
 * Returns a copy, in the arena, of a string that json-c has read, with each
 * marked character in place of its three.
 */
struct str json_unmark(struct arena *arena, struct str s);

#endif
