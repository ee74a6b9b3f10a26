/* What any secret needs. */
#include "config.h"

#include <openssl/crypto.h>

#include "secret/secret.h"

bool
secret_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}
