/* Constant-time comparison and random bytes. */
#include "config.h"

#include <errno.h>
#include <sys/random.h>

#include <openssl/crypto.h>

#include "secret/secret.h"

bool
secret_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

bool
secret_random(void *bytes, size_t len)
{
	ssize_t got;

	do
		got = getrandom(bytes, len, 0);
	while (got < 0 && errno == EINTR);
	return got == (ssize_t)len; /* up to 256 bytes are never split */
}
