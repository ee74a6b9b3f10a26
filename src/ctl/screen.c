/* Makes texts safe for a terminal. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>

#include "ctl/screen.h"

/*
 * PER_BYTE: the most bytes that one byte of text becomes: four on a terminal
 * (\x1b), six in JSON (\u001b).
 */
enum { PER_BYTE = 6, ESCAPE_SIZE = 16 };

struct range {
	uint32_t first, last;
};

/*
 * Characters that change the direction, are invisible, or end a line: general
 * categories Cc, Cf, Zl, Zp and private use (Unicode 15).
 */
static const struct range unsafe[] = { { 0x00, 0x1f }, { 0x7f, 0x9f },
	{ 0xad, 0xad }, { 0x600, 0x605 }, { 0x61c, 0x61c }, { 0x6dd, 0x6dd },
	{ 0x70f, 0x70f }, { 0x115f, 0x1160 }, { 0x180b, 0x180f },
	{ 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f },
	{ 0x3164, 0x3164 }, { 0xe000, 0xf8ff }, { 0xfe00, 0xfe0f },
	{ 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb },
	{ 0xe0000, 0x10ffff } };

/* East Asian Wide and Fullwidth, and pictures (Unicode 15, UAX #11). */
static const struct range wide[] = { { 0x1100, 0x115e }, { 0x2e80, 0x303e },
	{ 0x3041, 0xa4cf }, { 0xa960, 0xa97c }, { 0xac00, 0xd7a3 },
	{ 0xf900, 0xfaff }, { 0xfe30, 0xfe6f }, { 0xff00, 0xff60 },
	{ 0xffe0, 0xffe6 }, { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff },
	{ 0x1f900, 0x1faff }, { 0x20000, 0x3fffd } };

/* Ranges of combining marks (Unicode 15): they take no column. */
static const struct range combining[] = { { 0x300, 0x36f }, { 0x483, 0x489 },
	{ 0x591, 0x5bd }, { 0x610, 0x61a }, { 0x64b, 0x65f },
	{ 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x20d0, 0x20ff },
	{ 0xfe20, 0xfe2f } };

#define IS_IN(code, ranges) \
	is_in(code, ranges, sizeof(ranges) / sizeof((ranges)[0]))

static bool
is_in(uint32_t code, const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

/* One character or bad byte of a text, as it is shown. */
struct glyph {
	size_t len; /* bytes of the text; 0: at its end */
	uint32_t code;
	bool is_plain; /* shown as it is; else escape */
	char escape[ESCAPE_SIZE];
	size_t columns;
};

static struct glyph
next_glyph(struct str text)
{
	struct glyph glyph = { .len = str_utf8_head(text) };

	if (text.len == 0)
		return glyph;
	if (glyph.len == 0) {
		glyph.len = 1;
		glyph.columns = (size_t)snprintf(glyph.escape, ESCAPE_SIZE,
		    "\\x%02x", (unsigned char)text.ptr[0]);
		return glyph;
	}
	glyph.code = str_code_point(text, glyph.len);
	glyph.is_plain = !IS_IN(glyph.code, unsafe);
	if (glyph.is_plain)
		glyph.columns = IS_IN(glyph.code, combining) ? 0
				: IS_IN(glyph.code, wide)    ? 2
							     : 1;
	else
		glyph.columns = (size_t)snprintf(glyph.escape, ESCAPE_SIZE,
		    glyph.code < 0x80 ? "\\x%02" PRIx32 : "\\u%04" PRIx32,
		    glyph.code);
	return glyph;
}

static void
add_glyph(struct buf *out, struct str text, const struct glyph *glyph)
{
	buf_add(out, glyph->is_plain ? (struct str){ text.ptr, glyph->len }
				     : str_from(glyph->escape));
}

/* True if all of text fits into max columns. */
static bool
fits_within(struct str text, size_t max)
{
	struct glyph glyph;
	size_t columns = 0;

	while (columns <= max && (glyph = next_glyph(text)).len > 0) {
		columns += glyph.columns;
		text = str_from_byte(text, glyph.len);
	}
	return columns <= max;
}

size_t
screen_add(struct buf *out, struct str text, size_t max)
{
	struct str more = fits_within(text, max) ? STR("") : STR("...");
	size_t columns = 0;
	struct glyph glyph;

	while ((glyph = next_glyph(text)).len > 0 &&
	       columns + glyph.columns + more.len <= max) {
		add_glyph(out, text, &glyph);
		columns += glyph.columns;
		text = str_from_byte(text, glyph.len);
	}
	buf_add(out, more);
	return columns + more.len;
}

struct str
screen_text(struct arena *arena, struct str text, size_t max)
{
	struct buf out = buf_open(arena, PER_BYTE * text.len + ESCAPE_SIZE);

	screen_add(&out, text, max);
	return buf_str(&out);
}

size_t
screen_width(struct str text)
{
	struct glyph glyph;
	size_t columns = 0;

	for (; (glyph = next_glyph(text)).len > 0;
	     text = str_from_byte(text, glyph.len))
		columns += glyph.columns;
	return columns;
}

static void
add_json_escape(struct buf *out, uint32_t code)
{
	char escape[STR_ESCAPE_SIZE];
	size_t len = str_json_escape(escape, code);

	buf_add(out, (struct str){ escape, len });
}

void
screen_add_json(struct buf *out, struct str text)
{
	struct buf json = buf_open(out->arena, PER_BYTE * text.len + 8);
	struct glyph glyph;
	struct str rest;

	buf_add_json(&json, text);
	rest = buf_str(&json);
	for (; (glyph = next_glyph(rest)).len > 0;
	     rest = str_from_byte(rest, glyph.len))
		if (glyph.is_plain)
			add_glyph(out, rest, &glyph);
		else
			add_json_escape(out, glyph.code);
}
