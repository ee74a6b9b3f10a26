#ifndef PREPARE_H
#define PREPARE_H

#include <stddef.h>

#include "base/str.h"

/*
 * Ways in which products prepare a password before they hash it.  A product
 * that changed its way has several; they are tried in turn.  wrappers.c lists
 * them.
 */
enum prepare_result {
	PREPARE_FAILED, /* no memory, or OpenSSL fails */
	PREPARE_SAME,	/* this way leaves this password unchanged */
	PREPARE_DONE
};

/*
 * A prepared password.  bytes: the memory that holds it, of size bytes; NULL if
 * password is a view of the password as given.
 */
struct prepared {
	struct str password;
	char *bytes;
	size_t size;
};

/* Wipes and frees the memory. */
void prepare_close(struct prepared *prepared);

/*
 * Allocates size bytes and a NUL for a prepared password, which is empty at
 * first.  prepare_close frees them.  False: no memory.
 */
bool prepare_open(struct prepared *prepared, size_t size);

/* The password unchanged. */
enum prepare_result prepare_as_given(
    struct str password, struct prepared *prepared);

/*
 * MD5 in lower-case hexadecimal: vBulletin 5, and Drupal 7 for passwords that
 * Drupal 6 had stored as MD5.
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
