/* The normal form of texts that SQL collations treat as equal. */
#include "config.h"

#include <stdint.h>

#include "base/buf.h"
#include "base/fold.h"

/*
 * The letter that replaces each character of a Unicode block.  A full stop: the
 * character stays.  A capital: two letters, see `pairs`.  The source is the
 * compatibility decompositions of Unicode 15.
 */
static const char latin[] = /* U+00C0 to U+024F */
    "aaaaaaAceeeeiiiidnooooo.ouuuuy.SaaaaaaAceeeeiiiidnooooo.ouuuuy.y"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiIIjjkk.llllll."
    ".llnnnnnnnnnooooooOOrrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"
    "................................oo.............uu..............."
    "....DDDLLLNNNaaiioouuuuuuuuuu.aaaaAA..ggkkoooo..jDDDgg..nnaaAAoo"
    "aaaaeeeeiiiioooorrrruuuusstt..hh......aaeeooooooooyy............"
    "................";
static const char latin_more[] = /* U+1E00 to U+1EFF */
    "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm"
    "mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv"
    "wwwwwwwwwwxxxxyyzzzzzzhtwyas..S.aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee"
    "eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy......";

/*
 * The two letters for a capital in the tables: its own lower case, then
 * `second`.
 */
static const struct {
	char first, second;
} pairs[] = { { 'S', 's' }, { 'A', 'e' }, { 'O', 'e' }, { 'I', 'j' },
	{ 'D', 'z' }, { 'L', 'j' }, { 'N', 'j' } };

/*
 * Ranges of characters that are removed (is_dropped) or replaced by the lower
 * case, `further` code points later.
 */
static const struct range {
	uint32_t first, last, further;
	bool is_dropped;
} ranges[] = {
	{ 0x00ad, 0x00ad, 0, true },	 /* soft hyphen */
	{ 0x0300, 0x036f, 0, true },	 /* combining marks */
	{ 0x0391, 0x03a9, 0x20, false }, /* Greek */
	{ 0x0400, 0x040f, 0x50, false }, /* Cyrillic */
	{ 0x0410, 0x042f, 0x20, false },
	{ 0x200b, 0x200f, 0, true }, /* characters without a width */
	{ 0x2060, 0x2064, 0, true },
	{ 0xfe00, 0xfe0f, 0, true },
	{ 0xfeff, 0xfeff, 0, true },
};

static void
add_ascii(struct buf *buf, char c)
{
	buf_add_char(buf, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
}

/*
 * Adds the letters for a Latin character.  False: c is none, or stays
 * unchanged.
 */
static bool
add_latin(struct buf *buf, uint32_t c)
{
	char letter = '.';

	if (c >= 0xc0 && c < 0x250)
		letter = latin[c - 0xc0];
	else if (c >= 0x1e00 && c < 0x1f00)
		letter = latin_more[c - 0x1e00];
	else if (c > 0xff00 && c < 0xff5f)
		letter = (char)(c - 0xff00 + ' ');
	else
		return false;
	if (letter == '.' && c != 0xff0e)
		return false;
	add_ascii(buf, letter);
	for (size_t i = 0; c < 0xff00 && i < sizeof(pairs) / sizeof(pairs[0]);
	     i++)
		if (pairs[i].first == letter)
			buf_add_char(buf, pairs[i].second);
	return true;
}

static void
add_other(struct buf *buf, struct str sequence, uint32_t c)
{
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		const struct range *range = &ranges[i];

		if (c < range->first || c > range->last)
			continue;
		if (!range->is_dropped)
			buf_add_utf8(buf, c + range->further);
		return;
	}
	buf_add(buf, sequence);
}

struct str
fold_text(struct arena *arena, struct str text)
{
	struct buf buf = buf_open(arena, text.len);
	struct str folded;

	while (text.len > 0) {
		size_t len = str_utf8_head(text);
		struct str sequence = { text.ptr, len > 0 ? len : 1 };
		uint32_t c =
		    len > 0 ? str_code_point(sequence, sequence.len) : 0;

		if (sequence.len == 1)
			add_ascii(&buf, text.ptr[0]);
		else if (!add_latin(&buf, c))
			add_other(&buf, sequence, c);
		text = str_from_byte(text, sequence.len);
	}
	folded = buf_str(&buf);
	while (folded.len > 0 && folded.ptr[folded.len - 1] == ' ')
		folded.len--;
	return folded;
}
