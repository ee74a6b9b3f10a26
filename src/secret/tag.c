/* Tags of what we hand out and get back. */
#include "config.h"

#include <limits.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "secret/base64url.h"
#include "secret/secret.h"
#include "secret/tag.h"

_Static_assert(BASE64URL_LEN(TAG_BYTES) == TAG_LEN, "a tag in base64url");

static bool
make_with(
    struct str key, struct str purpose, struct str text, char tag[TAG_LEN + 1])
{
	unsigned char message[TAG_TEXT_MAX + 1], sum[EVP_MAX_MD_SIZE];
	unsigned sum_len = 0;
	size_t len = purpose.len + 1 + text.len;

	if (len > sizeof(message) || key.len > INT_MAX)
		return false;
	memcpy(message, purpose.ptr, purpose.len);
	message[purpose.len] = ':';
	memcpy(message + purpose.len + 1, text.ptr, text.len);
	if (HMAC(EVP_sha256(), key.ptr, (int)key.len, message, len, sum,
		&sum_len) == NULL ||
	    sum_len < TAG_BYTES)
		return false;
	base64url_encode(sum, TAG_BYTES, tag);
	tag[TAG_LEN] = '\0';
	explicit_bzero(message, sizeof(message));
	return true;
}

bool
tag_make(struct tag_keys keys, struct str purpose, struct str text,
    char tag[TAG_LEN + 1])
{
	return keys.count > 0 && make_with(keys.keys[0], purpose, text, tag);
}

bool
tag_fits(
    struct tag_keys keys, struct str purpose, struct str text, struct str tag)
{
	char made[TAG_LEN + 1];
	bool fits = false;

	for (size_t i = 0; i < keys.count && tag.len == TAG_LEN; i++)
		fits |= make_with(keys.keys[i], purpose, text, made) &&
			secret_equal(made, tag.ptr, TAG_LEN);
	return fits;
}

bool
tag_is_wellformed(struct str tag)
{
	return tag.len == TAG_LEN &&
	       str_only(tag,
		   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		   "0123456789-_");
}
