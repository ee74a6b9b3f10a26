#ifndef FOLD_H
#define FOLD_H

#include "base/arena.h"
#include "base/str.h"

/*
 * One spelling for what collations take for one text: Latin letters without
 * accents and in lower case (`ss` for a sharp s, two letters for a ligature),
 * Greek and Cyrillic ones in lower case, full-width forms as ASCII, neither
 * combining marks nor characters without a width, no blanks at the end.  Every
 * other character stays as it is.  It is coarser than some collations and finer
 * than others (Unicode Technical Standard #10 knows more equalities): fit to
 * count by, not to tell who somebody is.
 *
 * The result is the arena's, and at most as long as text, which may be any
 * bytes.
 */
struct str fold_text(struct arena *arena, struct str text);

#endif
