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

bool
secret_random_text(const char *alphabet, char *text, size_t len)
{
	if (!secret_random(text, len))
		return false;
	for (size_t i = 0; i < len; i++)
		text[i] = alphabet[text[i] & 31];
	return true;
}
