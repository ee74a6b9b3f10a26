#ifndef PREPARE_H
#define PREPARE_H

#include <stddef.h>

#include "base/str.h"

/*
 * Ways in which products prepare a password before they hash it.  A stored hash
 * has several ways if its product did so differently at different times;
 * wrappers.c lists them.
 */
enum prepare_result {
	PREPARE_FAILED, /* no memory, or OpenSSL fails */
	PREPARE_SAME,	/* this way leaves this password unchanged */
	PREPARE_DONE
};

/*
 * A prepared password.  bytes: its memory, of size bytes; NULL if password
 * points into the given one.
 */
struct prepared {
	struct str password;
	char *bytes;
	size_t size;
};

/* Wipes and frees the memory. */
void prepare_close(struct prepared *prepared);

/* Allocates size bytes and a NUL.  False: no memory. */
bool prepare_open(struct prepared *prepared, size_t size);

/* The password unchanged. */
enum prepare_result prepare_as_given(
    struct str password, struct prepared *prepared);

/*
 * MD5 in lower-case hexadecimal: Drupal 7's hashes of Drupal 6's, vBulletin 5.
 */
enum prepare_result prepare_md5_hex(
    struct str password, struct prepared *prepared);

/* SHA-256 in lower-case hexadecimal: Django's BCryptSHA256PasswordHasher. */
enum prepare_result prepare_sha256_hex(
    struct str password, struct prepared *prepared);

/* SHA-384 in base64: TYPO3's BcryptPasswordHash. */
enum prepare_result prepare_sha384_base64(
    struct str password, struct prepared *prepared);

/*
 * For bcrypt, which reads 72 bytes: a longer password becomes the first 72
 * characters of its SHA-512 in base64 (Symfony's NativePasswordHasher).
 */
enum prepare_result prepare_for_bcrypt(
    struct str password, struct prepared *prepared);

#endif
