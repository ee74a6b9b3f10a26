#ifndef SECRET_H
#define SECRET_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Compares in constant time (CRYPTO_memcmp(3)), so that the duration reveals
 * nothing about a secret.
 */
bool secret_equal(const void *a, const void *b, size_t len);

/*
 * Fills len bytes, at most 256, from getrandom(2).  False: the kernel has no
 * randomness.
 */
bool secret_random(void *bytes, size_t len);

/*
 * Fills text with len random characters, at most 256, without a NUL.  The
 * alphabet has 32 characters, so each one has 5 random bits.  False: the kernel
 * has no randomness.
 */
bool secret_random_text(const char *alphabet, char *text, size_t len);

#endif
