/* QR codes (ISO/IEC 18004), by libqrencode. */
#include "config.h"

#include "base/buf.h"
#include "http/qr.h"

#ifdef HAVE_QRENCODE

#include <qrencode.h>
#include <stdio.h>

enum { QUIET = 4 /* width of the quiet zone in modules */, DARK = 1 };

/* Adds a row.  A run of dark modules becomes one rectangle. */
static void
add_module_row(struct buf *path, const QRcode *code, int y)
{
	const unsigned char *modules = code->data + y * code->width;
	char part[64];

	for (int x = 0; x < code->width; x++) {
		int from = x;

		while (x < code->width && modules[x] & DARK)
			x++;
		if (x == from)
			continue;
		snprintf(part, sizeof(part), "M%d %dh%dv1h-%dz", from + QUIET,
		    y + QUIET, x - from, x - from);
		buf_add(path, str_from(part));
	}
}

struct str
qr_path(struct arena *arena, struct str text, int64_t *size)
{
	struct buf path = buf_open(arena, QR_PATH_MAX);
	QRcode *code =
	    QRcode_encodeString8bit(arena_cstr(arena, text), 0, QR_ECLEVEL_M);

	if (code == NULL)
		return STR_NONE;
	for (int y = 0; y < code->width; y++)
		add_module_row(&path, code, y);
	*size = code->width + 2 * QUIET;
	QRcode_free(code);
	return path.is_full ? STR_NONE : buf_str(&path);
}

#else

struct str
qr_path(struct arena *arena, struct str text, int64_t *size)
{
	(void)arena;
	(void)text;
	*size = 0;
	return STR_NONE;
}

#endif
