#ifndef DERIVED_H
#define DERIVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "secret/password.h"

/*
 * Keys that PBKDF2 (RFC 8018, 5.2) or scrypt (RFC 7914) derive from a
 * password, compared with the text of a stored hash.
 */

#define DERIVED_KEY_MAX 128 /* bytes */
#define DERIVED_SALT_MAX 128

/* How a stored hash writes bytes. */
enum derived_text {
	DERIVED_BASE64,	     /* RFC 4648, 4, with padding */
	DERIVED_BASE64_BARE, /* passlib's: '.' for '+', no padding */
	DERIVED_HEX	     /* small digits */
};

/* A stored hash taken apart.  Texts point into it. */
struct derived {
	const char *digest; /* OpenSSL's name, of PBKDF2; NULL: scrypt */
	struct str salt;    /* bytes */
	int64_t rounds;	    /* PBKDF2's iterations, scrypt's N */
	int64_t r, p;	    /* scrypt's */
	size_t key_len;	    /* bytes; at most DERIVED_KEY_MAX */
	enum derived_text text;
	struct str key; /* in that text */
	unsigned char salt_bytes[DERIVED_SALT_MAX];
};

/* Is key the text of exactly key_len bytes? */
bool derived_is_whole(const struct derived *derived);

/* Sets salt to the bytes of text; false: it is no such base64, or too long. */
bool derived_read_salt(struct derived *derived, struct str text);

/* A number without sign or leading zeros, from 1 to INT32_MAX. */
bool derived_read_number(struct str text, int64_t *number);

/* PBKDF2: iterations times blocks of the digest. */
int64_t derived_pbkdf2_cost(const struct derived *derived);

/*
 * scrypt: N times r times p, where N times r, 128 bytes of memory each, is at
 * most 1 GiB; else, or where N is no power of two, false.
 */
bool derived_scrypt_cost(const struct derived *derived, int64_t *cost);

/* RIGHT, WRONG, or FAILED. */
enum password_verdict derived_verify(
    const struct derived *derived, struct str password);

#endif
