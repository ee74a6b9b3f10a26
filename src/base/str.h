#ifndef STR_H
#define STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * A view of bytes: pointer and length, no NUL implied.  A NULL pointer is an
 * absent value (a NULL column, a missing member); an empty string has a
 * pointer and length 0.  A view owns nothing.  What is shorter than a call
 * stands here.
 */
struct str {
	const char *ptr;
	size_t len;
};

/* A string literal as a view; STR_INIT where a constant initialiser is due. */
#define STR(literal) ((struct str){ (literal), sizeof(literal) - 1 })
#define STR_INIT(literal) \
	{ \
		(literal), sizeof(literal) - 1 \
	}
#define STR_NONE ((struct str){ NULL, 0 })

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

static inline bool
str_is_none(struct str s)
{
	return s.ptr == NULL;
}

/* Same bytes.  An absent value equals nothing but another absent one. */
static inline bool
str_eq(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	if (a.len == 0)
		return str_is_none(a) == str_is_none(b);
	return memcmp(a.ptr, b.ptr, a.len) == 0;
}

/* Same bytes but for the case of A-Z (never the locale's idea of it). */
bool str_eq_nocase(struct str a, struct str b);

/* Below, at or above 0 as a comes before, equals or follows b in that sense. */
int str_order_nocase(struct str a, struct str b);

static inline bool
str_starts(struct str s, struct str prefix)
{
	return s.len >= prefix.len &&
	       (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

static inline bool
str_has_char(struct str s, char c)
{
	return s.len > 0 && memchr(s.ptr, c, s.len) != NULL;
}

bool str_has(struct str s, struct str part);

/* The same but for the case of A-Z. */
bool str_has_nocase(struct str s, struct str part);

/* A byte below the space, or DEL, is in it. */
bool str_has_control(struct str s);

/* Every byte of s is one of those in set. */
bool str_only(struct str s, const char *set);

/* The same of 0-9. */
static inline bool
str_only_digits(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
	return true;
}

/* Without spaces and tabs at both ends. */
struct str str_trim(struct str s);

/* From byte `from` (at most the length) to the end. */
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
 * Takes the part before the first c off *rest and returns it; without a c the
 * whole, and *rest becomes absent.
 */
struct str str_cut(struct str *rest, char c);

/*
 * The decimal number s, all of it, no sign but one '-', no leading blanks,
 * within min and max; false leaves *out alone.
 */
bool str_to_int(struct str s, int64_t min, int64_t max, int64_t *out);

/* Decimal digits alone, up to 2^64-1. */
bool str_to_uint(struct str s, uint64_t *out);

/*
 * The byte of a percent escape (RFC 3986, 2.1) at the head of s, or -1 where
 * there is none.
 */
int str_percent_byte(struct str s);

/* Well-formed UTF-8 as RFC 3629 has it: no overlong forms, no surrogates. */
bool str_is_utf8(struct str s);

/*
 * The length of the well-formed UTF-8 character at the head of s; 0 where
 * there is none (or s is empty).
 */
size_t str_utf8_head(struct str s);

/* At most max bytes of s, not cutting a character of UTF-8 in two. */
struct str str_utf8_cut(struct str s, size_t max);

#endif
