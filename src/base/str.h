#ifndef STR_H
#define STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * A view of bytes: pointer and length, not necessarily NUL-terminated.  A NULL
 * pointer is an absent value (a NULL column, a missing member); an empty string
 * has a pointer and length 0.  A view owns no memory.  Functions that are
 * cheaper than a call are inline.
 */
struct str {
	const char *ptr;
	size_t len;
};

/* A string literal as a view; STR_INIT for a constant initialiser. */
#define STR(literal) ((struct str){ (literal), sizeof(literal) - 1 })
#define STR_INIT(literal) \
	{ \
		(literal), sizeof(literal) - 1 \
	}
#define STR_NONE ((struct str){ NULL, 0 })

/* The letters and digits of ASCII, for sets of bytes (str_only). */
#define STR_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define STR_DIGITS "0123456789"

/* For printf: printf("%.*s", STR_ARG(s)). */
#define STR_ARG(s) (int)(s).len, (s).ptr

/* A NUL-terminated string as a view; NULL is STR_NONE. */
static inline struct str
str_from(const char *cstr)
{
	if (cstr == NULL)
		return STR_NONE;
	return (struct str){ cstr, strlen(cstr) };
}

/* True if s is an absent value. */
static inline bool
str_is_none(struct str s)
{
	return s.ptr == NULL;
}

/* True if the bytes are equal.  An absent value equals only an absent value. */
static inline bool
str_eq(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	if (a.len == 0)
		return str_is_none(a) == str_is_none(b);
	return memcmp(a.ptr, b.ptr, a.len) == 0;
}

/* str_eq, ignoring the case of A-Z in every locale. */
bool str_eq_nocase(struct str a, struct str b);

/*
 * Returns a number below, equal to or above 0 if a sorts before, equal to or
 * after b, ignoring the case of A-Z.
 */
int str_order_nocase(struct str a, struct str b);

/* True if s begins with prefix, which may be empty. */
static inline bool
str_starts(struct str s, struct str prefix)
{
	return s.len >= prefix.len &&
	       (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

/* True for a blank or a tab. */
static inline bool
str_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* True if s holds the byte c. */
static inline bool
str_has_char(struct str s, char c)
{
	return s.len > 0 && memchr(s.ptr, c, s.len) != NULL;
}

/* True if s holds part.  False for an empty part. */
bool str_has(struct str s, struct str part);

/* str_has, ignoring the case of A-Z. */
bool str_has_nocase(struct str s, struct str part);

/* True if s holds a byte below 0x20 or DEL. */
bool str_has_control(struct str s);

/* True if every byte of s is in set; true for an empty s. */
bool str_only(struct str s, const char *set);

/* True if every byte of s is in 0-9; true for an empty s. */
static inline bool
str_only_digits(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
	return true;
}

/* Returns s without spaces and tabs at both ends. */
struct str str_trim(struct str s);

/* Returns s from byte `from` on; empty if `from` exceeds the length. */
static inline struct str
str_from_byte(struct str s, size_t from)
{
	if (from > s.len)
		from = s.len;
	if (from == 0)
		return s; /* NULL + 0 is undefined in C */
	return (struct str){ s.ptr + from, s.len - from };
}

/*
 * Returns the part of *rest before the first c, and sets *rest to the part
 * after it.  If *rest has no c, returns all of it, and *rest becomes absent.
 */
struct str str_cut(struct str *rest, char c);

/*
 * Parses all of s as a decimal number from min to max: digits, after an
 * optional '-'.  False: s is not such a number, *out is unchanged.
 */
bool str_to_int(struct str s, int64_t min, int64_t max, int64_t *out);

/*
 * Parses all of s as decimal digits, up to 2^64-1.  False: *out is unchanged.
 */
bool str_to_uint(struct str s, uint64_t *out);

/*
 * Returns the byte of the percent escape (RFC 3986, 2.1) at the start of s; -1:
 * there is none.
 */
int str_percent_byte(struct str s);

/*
 * True if s is well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates.
 */
bool str_is_utf8(struct str s);

/* True if s is well-formed UTF-8 without a byte below 0x20 and without DEL. */
bool str_is_printable(struct str s);

/*
 * Returns the length of the well-formed UTF-8 character at the start of s; 0 if
 * there is none or s is empty.
 */
size_t str_utf8_head(struct str s);

/*
 * Returns the code point of the UTF-8 character of len bytes, at most 4, at the
 * start of s (RFC 3629, 3).  str_utf8_head has returned len.
 */
uint32_t str_code_point(struct str s, size_t len);

/*
 * Writes the code point as part of a JSON string in ASCII: itself or an escape.
 * Above U+FFFF the escape is two surrogates (RFC 8259, 7).  Returns the length.
 */
enum { STR_ESCAPE_SIZE = 16 };
size_t str_json_escape(char text[STR_ESCAPE_SIZE], uint32_t code);

/*
 * Returns the first max bytes of s, or fewer, so that no UTF-8 character is cut
 * in two.
 */
struct str str_utf8_cut(struct str s, size_t max);

#endif
