#ifndef QR_H
#define QR_H

#include "base/arena.h"
#include "base/str.h"

/*
 * The dark modules of a QR code of the text, as the data of an SVG path, in the
 * arena; *size: modules of a side, the quiet zone of 4 included.  STR_NONE: the
 * text is too long, or the program was built without libqrencode.
 */
struct str qr_path(struct arena *arena, struct str text, int64_t *size);

/* Bytes of the longest path that qr_path returns. */
enum { QR_PATH_MAX = 24576 };

#endif
