#ifndef CTL_SCREEN_H
#define CTL_SCREEN_H

#include "base/buf.h"

/*
 * Texts of users and of other programs, made safe for a terminal: control
 * bytes, bytes that are not UTF-8, and characters that reverse the direction or
 * are invisible are written as escapes (\x1b, \u202e).  Pure.
 */

/*
 * Appends text.  Of more than max columns the rest is replaced by "...".
 * Returns the number of columns.
 */
size_t screen_add(struct buf *out, struct str text, size_t max);

/* screen_add into a new text in the arena. */
struct str screen_text(struct arena *arena, struct str text, size_t max);

/*
 * Appends text as a JSON string in which such characters are \u escapes.  An
 * absent text becomes null.
 */
void screen_add_json(struct buf *out, struct str text);

/* The columns that text of screen_add takes. */
size_t screen_width(struct str text);

#endif
