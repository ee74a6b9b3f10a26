#ifndef SECRET_H
#define SECRET_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Same bytes?  Takes the same time wherever they differ (CRYPTO_memcmp(3)),
 * so that an answer's time tells nothing of a secret.
 */
bool secret_equal(const void *a, const void *b, size_t len);

/*
 * Fills at most 256 bytes from getrandom(2); false where the kernel has no
 * randomness to give.
 */
bool secret_random(void *bytes, size_t len);

#endif
