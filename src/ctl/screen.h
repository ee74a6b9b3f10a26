#ifndef CTL_SCREEN_H
#define CTL_SCREEN_H

#include "base/buf.h"

/*
 * Texts of users and of other programs, made safe for a terminal: control
 * bytes, bytes that are not UTF-8, and characters that reverse the direction or
 * are invisible are written as escapes (\x1b, \u202e).  Pure.
 */

/*
 * Appends text.  A text of more than max columns is cut and ends with "...".
 * Returns the number of columns.
 */
size_t screen_add(struct buf *out, struct str text, size_t max);

/* screen_add into a new text in the arena. */
struct str screen_text(struct arena *arena, struct str text, size_t max);

/*
 * Appends text as a JSON string, with unsafe characters as \u escapes.  An
 * absent text becomes null.
 */
void screen_add_json(struct buf *out, struct str text);

/* The number of terminal columns that the text takes, escapes included. */
size_t screen_width(struct str text);

#endif
