/* Bare digests, on OpenSSL. */
#include "config.h"

#include <string.h>

#include <openssl/evp.h>

#include "secret/hexdigest.h"
#include "secret/secret.h"

static const char *const digest_names[] = {
	[HEXDIGEST_MD5] = "MD5",
	[HEXDIGEST_SHA1] = "SHA1",
	[HEXDIGEST_SHA256] = "SHA256",
	[HEXDIGEST_SHA512] = "SHA512",
};

bool
hexdigest_cost(const struct format *format, struct str stored, int64_t *cost)
{
	*cost = 1;
	return stored.len == format->digest_len &&
	       str_only(stored, "0123456789abcdefABCDEF");
}

static unsigned char
nibble(char digit)
{
	if (digit <= '9')
		return (unsigned char)(digit - '0');
	return (unsigned char)((digit | 0x20) - 'a' + 10);
}

/* Both letter cases are the same digest, so that bytes are compared. */
enum password_verdict
hexdigest_verify(
    const struct format *format, struct str password, struct str stored)
{
	unsigned char digest[EVP_MAX_MD_SIZE], expected[EVP_MAX_MD_SIZE];
	size_t len = 0;
	bool is_right;

	for (size_t i = 0; i + 1 < stored.len; i += 2)
		expected[i / 2] = (unsigned char)(nibble(stored.ptr[i]) << 4 |
						  nibble(stored.ptr[i + 1]));
	if (EVP_Q_digest(NULL, digest_names[format->variant], NULL,
		password.ptr, password.len, digest, &len) != 1 ||
	    len * 2 != stored.len)
		return PASSWORD_FAILED;
	is_right = secret_equal(digest, expected, len);
	explicit_bzero(digest, sizeof(digest));
	return is_right ? PASSWORD_RIGHT : PASSWORD_WRONG;
}
