/* The tokens of a JSON text, where json-c is too lenient. */
#include "config.h"

#include <string.h>

#include "http/json_scan.h"

#define BLANKS " \t\n\r"
#define NO_BYTE (-1)

struct scan {
	struct str rest;
	int depth, max_depth;
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

/* Takes one byte if it is of set. */
static bool
take(struct scan *scan, const char *set)
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

	while (take(scan, "0123456789"))
		has_digit = true;
	return has_digit;
}

/* Numbers and words end where something else begins, not in the next one. */
static bool
is_at_border(const struct scan *scan)
{
	int c = peek(scan);

	return c == NO_BYTE || (c > 0 && strchr(BLANKS ",:]}", c) != NULL);
}

/* RFC 8259, 6 */
static bool
scan_number(struct scan *scan)
{
	take(scan, "-");
	if (!take(scan, "0") && !take_digits(scan))
		return false;
	if (take(scan, ".") && !take_digits(scan))
		return false;
	if (take(scan, "eE")) {
		take(scan, "+-");
		if (!take_digits(scan))
			return false;
	}
	return is_at_border(scan);
}

static bool
scan_word(struct scan *scan)
{
	static const struct str words[] = { STR_INIT("true"), STR_INIT("false"),
		STR_INIT("null") };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (str_starts(scan->rest, words[i])) {
			skip(scan, words[i].len);
			return is_at_border(scan);
		}
	}
	return false;
}

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

/* What follows \u; a high surrogate wants a low one (RFC 8259, 7). */
static bool
scan_unicode(struct scan *scan, bool *has_nul)
{
	unsigned code, low;

	if (!take_hex4(scan, &code))
		return false;
	if (code == 0)
		*has_nul = true;
	if (code < 0xd800 || code > 0xdfff)
		return true;
	return code <= 0xdbff && take(scan, "\\") && take(scan, "u") &&
	       take_hex4(scan, &low) && low >= 0xdc00 && low <= 0xdfff;
}

/* One character of a string, escaped or not. */
static bool
scan_char(struct scan *scan, bool *has_nul)
{
	size_t len = str_utf8_head(scan->rest);

	if (take(scan, "\\")) {
		if (take(scan, "u"))
			return scan_unicode(scan, has_nul);
		return take(scan, "\"\\/bfnrt");
	}
	if (len == 0 || peek(scan) < 0x20)
		return false;
	skip(scan, len);
	return true;
}

static bool
scan_string(struct scan *scan)
{
	bool has_nul = false;

	take(scan, "\"");
	while (!take(scan, "\""))
		if (!scan_char(scan, &has_nul))
			return false;
	while (take(scan, BLANKS))
		;
	return !(has_nul && peek(scan) == ':');
}

static bool
scan_token(struct scan *scan)
{
	if (take(scan, BLANKS ",:"))
		return true;
	if (take(scan, "{["))
		return ++scan->depth <= scan->max_depth;
	if (take(scan, "]}"))
		return --scan->depth >= 0;
	if (peek(scan) == '"')
		return scan_string(scan);
	if (peek(scan) == '-' || (peek(scan) >= '0' && peek(scan) <= '9'))
		return scan_number(scan);
	return scan_word(scan);
}

bool
json_scan_accepts(struct str text, int max_depth)
{
	struct scan scan = { .rest = text, .max_depth = max_depth };

	while (scan.rest.len > 0)
		if (!scan_token(&scan))
			return false;
	return true;
}
