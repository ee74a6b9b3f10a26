#ifndef PREPARE_H
#define PREPARE_H

#include <stddef.h>

#include "base/str.h"

/*
 * Ways to prepare a password before the function of its stored hash sees it,
 * as the products do.  A stored hash has several where its product wrote
 * passwords differently at different times; secret/wrappers.c lists them.
 */
enum prepare_result {
	PREPARE_FAILED, /* no memory, or OpenSSL fails */
	PREPARE_SAME,	/* this way makes no difference for this password */
	PREPARE_DONE
};

/* A prepared password; room is NULL where it is the one that was given. */
struct prepared {
	struct str password;
	char *room;
	size_t size;
};

/* Wipes and frees. */
void prepare_close(struct prepared *prepared);

/* Room for size bytes; false: no memory. */
bool prepare_open(struct prepared *prepared, size_t size);

enum prepare_result prepare_as_given(
    struct str password, struct prepared *prepared);

/* The digest in small hexadecimal digits: Drupal 7 of 6, vBulletin 5. */
enum prepare_result prepare_md5_hex(
    struct str password, struct prepared *prepared);

/* Django's BCryptSHA256PasswordHasher. */
enum prepare_result prepare_sha256_hex(
    struct str password, struct prepared *prepared);

/* The digest in base64: TYPO3's BcryptPasswordHash. */
enum prepare_result prepare_sha384_base64(
    struct str password, struct prepared *prepared);

/*
 * For bcrypt, which reads 72 bytes: a longer password is the SHA-512 of it in
 * base64, of which bcrypt reads 72 characters (Symfony's
 * NativePasswordHasher).
 */
enum prepare_result prepare_for_bcrypt(
    struct str password, struct prepared *prepared);

#endif
