/* Bare digests, computed by OpenSSL. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "secret/digest.h"
#include "secret/hexdigest.h"
#include "secret/secret.h"

static const char *const digest_names[] = {
	[HEXDIGEST_MD5] = "MD5",
	[HEXDIGEST_SHA1] = "SHA1",
	[HEXDIGEST_SHA256] = "SHA256",
	[HEXDIGEST_SHA512] = "SHA512",
};

bool
hexdigest_is_text(struct str text, size_t len)
{
	return text.len == len && str_only(text, "0123456789abcdefABCDEF");
}

bool
hexdigest_cost(const struct format *format, struct str stored, int64_t *cost)
{
	*cost = 1;
	return hexdigest_is_text(stored, format->digest_len);
}

static bool
sum_hex(EVP_MD_CTX *context, const char *digest, const struct str *parts,
    size_t count, unsigned char sum[EVP_MAX_MD_SIZE], unsigned *len)
{
	const EVP_MD *md = EVP_get_digestbyname(digest);

	if (context == NULL || md == NULL ||
	    EVP_DigestInit_ex(context, md, NULL) != 1)
		return false;
	for (size_t i = 0; i < count; i++)
		if (EVP_DigestUpdate(context, parts[i].ptr, parts[i].len) != 1)
			return false;
	return EVP_DigestFinal_ex(context, sum, len) == 1;
}

bool
hexdigest_write(const char *digest, const struct str *parts, size_t count,
    char text[HEXDIGEST_SIZE])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	bool is_written = sum_hex(context, digest, parts, count, sum, &len);

	if (is_written)
		digest_hex(sum, len, text);
	EVP_MD_CTX_free(context); /* wipes the digest's state */
	explicit_bzero(sum, sizeof(sum));
	return is_written;
}

bool
hexdigest_equal(const char *text, struct str expected)
{
	char small[HEXDIGEST_SIZE];

	if (expected.len >= sizeof(small) || strlen(text) != expected.len)
		return false;
	for (size_t i = 0; i < expected.len; i++)
		small[i] = (char)(expected.ptr[i] |
				  (expected.ptr[i] >= 'A' ? 0x20 : 0));
	return secret_equal(text, small, expected.len);
}

enum password_verdict
hexdigest_verify(
    const struct format *format, struct str password, struct str stored)
{
	char text[HEXDIGEST_SIZE] = "";
	bool is_right;

	if (!hexdigest_write(digest_names[format->variant], &password, 1, text))
		return PASSWORD_FAILED;
	is_right = hexdigest_equal(text, stored);
	explicit_bzero(text, sizeof(text));
	return is_right ? PASSWORD_RIGHT : PASSWORD_WRONG;
}
