/* Digests of what is no secret. */
#include "config.h"

#include <openssl/evp.h>

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
