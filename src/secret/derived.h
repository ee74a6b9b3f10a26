#ifndef DERIVED_H
#define DERIVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "secret/password.h"

/*
 * Derives keys from passwords by PBKDF2 (RFC 8018, 5.2) or scrypt (RFC 7914),
 * and compares them with the text of a stored hash.
 */

#define DERIVED_KEY_MAX 128 /* bytes */
#define DERIVED_SALT_MAX 128

/* The encoding of salt and key in a stored hash. */
enum derived_text {
	DERIVED_BASE64,	     /* RFC 4648, 4, with padding */
	DERIVED_BASE64_BARE, /* passlib's: '.' for '+', no padding */
	DERIVED_HEX	     /* lower case */
};

/* The parts of a stored hash.  Views point into it. */
struct derived {
	const char *digest; /* PBKDF2's, as OpenSSL names it; NULL: scrypt */
	struct str salt;    /* bytes */
	int64_t rounds;	    /* PBKDF2's iterations, scrypt's N */
	int64_t r, p;	    /* scrypt's */
	size_t key_len;	    /* bytes; at most DERIVED_KEY_MAX */
	enum derived_text text;
	struct str key; /* encoded as the member text says */
	unsigned char salt_bytes[DERIVED_SALT_MAX];
};

/* True if key is well-formed and encodes exactly key_len bytes. */
bool derived_is_whole(const struct derived *derived);

/*
 * Decodes text into derived->salt.  False: it is not base64 as derived->text
 * says, or it is longer than DERIVED_SALT_MAX bytes.
 */
bool derived_read_salt(struct derived *derived, struct str text);

/* Parses a number from 1 to INT32_MAX without sign and leading zeros. */
bool derived_read_number(struct str text, int64_t *number);

/* The cost of PBKDF2: iterations times digest blocks of the key. */
int64_t derived_pbkdf2_cost(const struct derived *derived);

/*
 * Sets *cost to the cost of scrypt, N times r times p.  False: N is no power of
 * two, the memory (128 bytes times N times r) exceeds 1 GiB, or the product
 * overflows.
 */
bool derived_scrypt_cost(const struct derived *derived, int64_t *cost);

/*
 * Derives the key from the password and compares the two in constant time.
 * Returns PASSWORD_RIGHT, PASSWORD_WRONG or PASSWORD_FAILED, with the key
 * wiped.
 */
enum password_verdict derived_verify(
    const struct derived *derived, struct str password);

#endif
