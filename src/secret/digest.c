/* Digests of what is no secret. */
#include "config.h"

#include <stdio.h>

#include <openssl/evp.h>

#include "secret/base64url.h"
#include "secret/digest.h"

struct str
digest_base64(struct arena *arena, struct str bytes)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned sum_len = 0;
	unsigned char *text;
	int len;

	if (EVP_Digest(
		bytes.ptr, bytes.len, sum, &sum_len, EVP_sha256(), NULL) != 1)
		return STR_NONE;
	text = arena_alloc(arena, (sum_len + 2) / 3 * 4 + 1);
	len = EVP_EncodeBlock(text, sum, (int)sum_len);
	return (struct str){ (const char *)text, (size_t)len };
}

bool
digest_sha1_hex(struct str bytes, char hex[DIGEST_SHA1_HEX_LEN + 1])
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned sum_len = 0;

	if (EVP_Digest(bytes.ptr, bytes.len, sum, &sum_len, EVP_sha1(), NULL) !=
		1 ||
	    sum_len * 2 != DIGEST_SHA1_HEX_LEN)
		return false;
	for (unsigned i = 0; i < sum_len; i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
	return true;
}

struct str
digest_text(struct arena *arena, struct str text, size_t bytes)
{
	const size_t len = BASE64URL_LEN(bytes);
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned sum_len = 0;
	char *name;

	if (EVP_Digest(text.ptr, text.len, sum, &sum_len, EVP_sha256(), NULL) !=
		1 ||
	    sum_len != DIGEST_BYTES)
		return STR_NONE;
	name = arena_alloc(arena, len + 1);
	base64url_encode(sum, bytes, name);
	return (struct str){ name, len };
}
