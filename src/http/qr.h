#ifndef QR_H
#define QR_H

#include "base/arena.h"
#include "base/str.h"

/*
 * Returns the dark modules of a QR code of the text, as the data of an SVG
 * path, in the arena.  *size is the number of modules of a side, with the quiet
 * zone of 4 modules around it.  STR_NONE: the text is too long, or the program
 * was built without libqrencode.
 */
struct str qr_path(struct arena *arena, struct str text, int64_t *size);

/* The longest path that qr_path returns, in bytes. */
enum { QR_PATH_MAX = 24576 };

#endif
