#ifndef FOLD_H
#define FOLD_H

#include "base/arena.h"
#include "base/str.h"

/*
 * Returns a normal form for texts that SQL collations treat as equal: Latin
 * letters without accents and in lower case (`ss` for a sharp s, two letters
 * for a ligature), Greek and Cyrillic letters in lower case, full-width forms
 * as ASCII.  Combining marks, characters without a width and trailing spaces
 * are removed.  Every other character stays unchanged.  Some collations equate
 * more than this, others less (Unicode Technical Standard #10).  So the result
 * is a key for counting, and never an identity.
 *
 * text may hold any bytes.  The result is in the arena, at most as long as
 * text.
 */
struct str fold_text(struct arena *arena, struct str text);

#endif
