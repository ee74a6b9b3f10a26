/* One pass over a JSON text: validates it and rewrites it for json-c. */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "http/json_mark.h"
#include "http/json_scan.h"

#define BLANKS " \t\n\r"
#define NO_BYTE (-1)

enum { GROWTH = 6 }; /* bytes written for each byte read, at most */

/* The kinds of token that may come next. */
enum expected {
	EXPECTED_VALUE,
	EXPECTED_ELEMENT_OR_END, /* after [ */
	EXPECTED_NAME_OR_END,	 /* after { */
	EXPECTED_NAME,
	EXPECTED_COLON,
	EXPECTED_COMMA_OR_END,
	EXPECTED_NOTHING
};

struct scan {
	struct str rest;
	struct buf out;
	struct json_tally tally;
	enum expected expected;
	/* the closing brackets that are still to come; `depth` many */
	char *closers;
	int depth, max_depth;
	bool is_lenient;
};

static int
peek(const struct scan *scan)
{
	return scan->rest.len > 0 ? (unsigned char)scan->rest.ptr[0] : NO_BYTE;
}

static void
skip(struct scan *scan, size_t len)
{
	scan->rest = str_from_byte(scan->rest, len);
}

/* Takes one byte if it is in set. */
static bool
take_char(struct scan *scan, const char *set)
{
	int c = peek(scan);

	if (c <= 0 || strchr(set, c) == NULL)
		return false;
	skip(scan, 1);
	return true;
}

static bool
take_digits(struct scan *scan)
{
	bool has_digit = false;

	while (take_char(scan, "0123456789"))
		has_digit = true;
	return has_digit;
}

/*
 * True if the text here is written.  Deeper than max_depth it is only
 * validated.
 */
static bool
is_written(const struct scan *scan)
{
	return scan->depth <= scan->max_depth;
}

/*
 * Starts a value or a name.  Inside brackets a comma always precedes it, since
 * each opening bracket is followed by its 0 or 1.
 */
static void
begin_item(struct scan *scan)
{
	if (scan->depth > 0)
		buf_add_char(&scan->out, ',');
}

static void
add_fraction(struct scan *scan)
{
	buf_add(&scan->out, STR("0.5"));
	scan->tally.fractions++;
}

/*
 * True at a blank, a delimiter or the end: one of these must follow a number or
 * a word.
 */
static bool
is_at_border(const struct scan *scan)
{
	int c = peek(scan);

	return c == NO_BYTE || (c > 0 && strchr(BLANKS ",:]}", c) != NULL);
}

/* Takes a number (RFC 8259, 6). */
static bool
take_json_number(struct scan *scan)
{
	take_char(scan, "-");
	if (!take_char(scan, "0") && !take_digits(scan))
		return false;
	if (take_char(scan, ".") && !take_digits(scan))
		return false;
	if (take_char(scan, "eE")) {
		take_char(scan, "+-");
		if (!take_digits(scan))
			return false;
	}
	return is_at_border(scan);
}

/*
 * Writes an integer and counts it modulo 2^64.  False: the number is no
 * integer, or too large.
 */
static bool
add_integer(struct scan *scan, struct str number)
{
	int64_t value;
	uint64_t bits;

	if (str_to_int(number, -INT64_MAX, INT64_MAX, &value)) {
		bits = (uint64_t)value;
		buf_add_int(&scan->out, value);
	} else if (str_to_uint(number, &bits)) {
		buf_add(&scan->out, number);
	} else {
		return false;
	}
	scan->tally.integers++;
	scan->tally.sum += bits;
	return true;
}

static bool
scan_number(struct scan *scan)
{
	struct str number = scan->rest;

	if (!take_json_number(scan))
		return false;
	number.len -= scan->rest.len;
	if (!is_written(scan))
		return true;
	begin_item(scan);
	if (!add_integer(scan, number))
		add_fraction(scan);
	return true;
}

static bool
scan_word(struct scan *scan)
{
	static const struct str words[] = { STR_INIT("null"), STR_INIT("true"),
		STR_INIT("false") };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!str_starts(scan->rest, words[i]))
			continue;
		skip(scan, words[i].len);
		if (!is_at_border(scan))
			return false;
		if (!is_written(scan))
			return true;
		begin_item(scan);
		buf_add(&scan->out, words[i]);
		*(i == 0 ? &scan->tally.nulls : &scan->tally.booleans) += 1;
		return true;
	}
	return false;
}

/* The state of one string. */
struct text {
	size_t bytes;  /* length of the string in UTF-8 */
	uint32_t code; /* of the last \u escape or surrogate pair */
	bool has_nul;
	/* it has a lone surrogate, or bytes that are no UTF-8 */
	bool is_broken;
};

static bool
take_hex4(struct scan *scan, unsigned *code)
{
	static const char digits[] = "0123456789abcdef";

	*code = 0;
	for (int i = 0; i < 4; i++) {
		int c = peek(scan);
		const char *at;

		if (c >= 'A' && c <= 'F')
			c += 'a' - 'A';
		at = c > 0 ? strchr(digits, c) : NULL;
		if (at == NULL)
			return false;
		*code = *code << 4 | (unsigned)(at - digits);
		skip(scan, 1);
	}
	return true;
}

/* Takes the low surrogate that must follow a high one (RFC 8259, 7). */
static bool
take_low_surrogate(struct scan *scan, unsigned *low)
{
	struct scan ahead = *scan;

	if (!take_char(&ahead, "\\") || !take_char(&ahead, "u") ||
	    !take_hex4(&ahead, low) || *low < 0xdc00 || *low > 0xdfff)
		return false;
	scan->rest = ahead.rest;
	return true;
}

/* Scans the four digits after \u, and the second escape of a surrogate pair. */
static bool
scan_unicode(struct scan *scan, struct text *text)
{
	unsigned code, low;

	if (!take_hex4(scan, &code))
		return false;
	text->has_nul |= code == 0;
	if (code < 0xd800 || code > 0xdfff) {
		text->bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
	} else if (code <= 0xdbff && take_low_surrogate(scan, &low)) {
		text->bytes += 4;
		code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
	} else {
		text->is_broken = true;
	}
	text->code = code;
	return true;
}

/*
 * Adds a character as an escape, since json-c 0.17 and 0.18 take bytes above
 * 0x7f for control characters.
 */
static void
add_escaped(struct buf *out, uint32_t code)
{
	char escape[STR_ESCAPE_SIZE];

	if (json_needs_mark(code))
		json_add_marked(out, code);
	else
		buf_add(
		    out, (struct str){ escape, str_json_escape(escape, code) });
}

static bool
scan_escape(struct scan *scan, struct text *text)
{
	const char *begin = scan->rest.ptr;
	size_t len = scan->rest.len;
	bool is_good;

	text->code = 0;
	take_char(scan, "\\");
	if (take_char(scan, "u"))
		is_good = scan_unicode(scan, text);
	else
		is_good = take_char(scan, "\"\\/bfnrt") && ++text->bytes > 0;
	if (json_needs_mark(text->code))
		json_add_marked(&scan->out, text->code);
	else
		buf_add(
		    &scan->out, (struct str){ begin, len - scan->rest.len });
	return is_good;
}

/* Returns the number of bytes at the start of s that need no escape. */
static size_t
plain_len(struct str s)
{
	size_t len = 0;

	while (len < s.len && s.ptr[len] >= ' ' &&
	       (unsigned char)s.ptr[len] < 0x80 && s.ptr[len] != '"' &&
	       s.ptr[len] != '\\')
		len++;
	return len;
}

/* Scans one escape, one character above ASCII, or a run of plain bytes. */
static bool
scan_chars(struct scan *scan, struct text *text)
{
	size_t len = plain_len(scan->rest);

	if (len > 0) {
		buf_add(&scan->out, (struct str){ scan->rest.ptr, len });
	} else if (peek(scan) == '\\') {
		return scan_escape(scan, text);
	} else if (peek(scan) < 0x80) {
		return false; /* the end of the text, or a control character */
	} else {
		len = str_utf8_head(scan->rest);
		if (len > 0)
			add_escaped(
			    &scan->out, str_code_point(scan->rest, len));
		text->is_broken |= len == 0;
		len += len == 0;
	}
	text->bytes += len;
	skip(scan, len);
	return true;
}

static bool
scan_string(struct scan *scan, bool is_name)
{
	struct text text = { .bytes = 0 };
	size_t before = scan->out.len, begin;

	begin_item(scan);
	begin = scan->out.len;
	buf_add_char(&scan->out, '"');
	take_char(scan, "\"");
	while (!take_char(scan, "\""))
		if (!scan_chars(scan, &text))
			return false;
	buf_add_char(&scan->out, '"');
	if (!scan->is_lenient && (text.is_broken || (is_name && text.has_nul)))
		return false;
	if (!is_written(scan)) {
		scan->out.len = before;
		return true;
	}
	if (text.is_broken)
		scan->out.len = begin;
	if (text.is_broken && !is_name) {
		add_fraction(scan);
		return true;
	}
	if (text.is_broken)
		buf_add(&scan->out, STR("\"\""));
	scan->tally.strings++;
	scan->tally.bytes += text.is_broken ? 0 : text.bytes;
	return true;
}

/* Begins an array or object.  False: it is nested too deep. */
static bool
open_bracket(struct scan *scan)
{
	bool is_object = peek(scan) == '{';
	bool was_written = is_written(scan);

	if (!scan->is_lenient && scan->depth == scan->max_depth)
		return false;
	skip(scan, 1);
	if (was_written)
		begin_item(scan);
	scan->closers[scan->depth++] = is_object ? '}' : ']';
	scan->expected =
	    is_object ? EXPECTED_NAME_OR_END : EXPECTED_ELEMENT_OR_END;
	if (is_written(scan)) {
		buf_add(&scan->out, is_object ? STR("[1") : STR("[0"));
		scan->tally.arrays++;
		scan->tally.integers++;
		scan->tally.sum += is_object;
	} else if (was_written) {
		add_fraction(scan);
	}
	return true;
}

static void
expect_more(struct scan *scan)
{
	scan->expected =
	    scan->depth > 0 ? EXPECTED_COMMA_OR_END : EXPECTED_NOTHING;
}

static bool
close_bracket(struct scan *scan)
{
	if (peek(scan) != scan->closers[scan->depth - 1])
		return false;
	skip(scan, 1);
	if (is_written(scan))
		buf_add_char(&scan->out, ']');
	scan->depth--;
	expect_more(scan);
	return true;
}

static bool
scan_value(struct scan *scan)
{
	int c = peek(scan);
	bool is_good;

	if (c == '{' || c == '[')
		return open_bracket(scan);
	if (c == '"')
		is_good = scan_string(scan, false);
	else if (c == '-' || (c >= '0' && c <= '9'))
		is_good = scan_number(scan);
	else
		is_good = scan_word(scan);
	expect_more(scan);
	return is_good;
}

static bool
scan_name(struct scan *scan)
{
	scan->expected = EXPECTED_COLON;
	return peek(scan) == '"' && scan_string(scan, true);
}

static bool
scan_colon(struct scan *scan)
{
	scan->expected = EXPECTED_VALUE;
	return take_char(scan, ":");
}

static bool
scan_comma(struct scan *scan)
{
	scan->expected = scan->closers[scan->depth - 1] == '}' ? EXPECTED_NAME
							       : EXPECTED_VALUE;
	return take_char(scan, ",");
}

static bool
is_closing(const struct scan *scan)
{
	return peek(scan) == ']' || peek(scan) == '}';
}

static bool
scan_token(struct scan *scan)
{
	switch (scan->expected) {
	case EXPECTED_VALUE:
		return scan_value(scan);
	case EXPECTED_ELEMENT_OR_END:
		return is_closing(scan) ? close_bracket(scan)
					: scan_value(scan);
	case EXPECTED_NAME_OR_END:
		return is_closing(scan) ? close_bracket(scan) : scan_name(scan);
	case EXPECTED_NAME:
		return scan_name(scan);
	case EXPECTED_COLON:
		return scan_colon(scan);
	case EXPECTED_COMMA_OR_END:
		return is_closing(scan) ? close_bracket(scan)
					: scan_comma(scan);
	case EXPECTED_NOTHING:
		break;
	}
	return false;
}

bool
json_scan(struct arena *arena, struct str text, int max_depth, bool is_lenient,
    struct json_scanned *scanned)
{
	struct scan scan = { .rest = text,
		.out = buf_open(arena, (text.len + 1) * GROWTH),
		.closers = arena_alloc(
		    arena, is_lenient ? text.len + 1 : (size_t)max_depth + 1),
		.max_depth = max_depth,
		.is_lenient = is_lenient };

	buf_reserve(&scan.out, text.len + text.len / 4 + 1);
	while (take_char(&scan, BLANKS))
		;
	while (scan.rest.len > 0) {
		if (!scan_token(&scan))
			return false;
		while (take_char(&scan, BLANKS))
			;
	}
	buf_add_char(&scan.out, '\0');
	*scanned = (struct json_scanned){ buf_str(&scan.out), scan.tally };
	return scan.expected == EXPECTED_NOTHING && !scan.out.is_full;
}
