/* Tags of values that clients carry and send back. */
#include "config.h"

#include <limits.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/arena.h"
#include "secret/base64url.h"
#include "secret/secret.h"
#include "secret/tag.h"

_Static_assert(BASE64URL_LEN(TAG_BYTES) == TAG_LEN, "a tag in base64url");

/* The text that is signed. */
struct message {
	unsigned char bytes[TAG_TEXT_MAX + 1];
	size_t len;
};

/* False: s does not fit. */
static bool
message_add(struct message *message, struct str s)
{
	if (s.len > sizeof(message->bytes) - message->len)
		return false;
	if (s.len > 0)
		memcpy(message->bytes + message->len, s.ptr, s.len);
	message->len += s.len;
	return true;
}

static bool
message_write(struct message *message, struct str site, struct str purpose,
    struct str text)
{
	message->len = 0;
	if (!str_is_none(site) &&
	    !(message_add(message, site) && message_add(message, STR("/"))))
		return false;
	return message_add(message, purpose) &&
	       message_add(message, STR(":")) && message_add(message, text);
}

static bool
make_with(struct str key, struct str site, struct str purpose, struct str text,
    char tag[TAG_LEN + 1])
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	struct message message;
	unsigned sum_len = 0;

	if (!message_write(&message, site, purpose, text) || key.len > INT_MAX)
		return false;
	if (HMAC(EVP_sha256(), key.ptr, (int)key.len, message.bytes,
		message.len, sum, &sum_len) == NULL ||
	    sum_len < TAG_BYTES)
		arena_exhausted();
	base64url_encode(sum, TAG_BYTES, tag);
	tag[TAG_LEN] = '\0';
	explicit_bzero(&message, sizeof(message));
	return true;
}

bool
tag_make(struct tag_keys keys, struct str purpose, struct str text,
    char tag[TAG_LEN + 1])
{
	return keys.count > 0 &&
	       make_with(keys.keys[0], keys.site, purpose, text, tag);
}

bool
tag_fits(
    struct tag_keys keys, struct str purpose, struct str text, struct str tag)
{
	char made[TAG_LEN + 1];
	bool fits = false;

	for (size_t i = 0; i < keys.count && tag.len == TAG_LEN; i++)
		fits |=
		    make_with(keys.keys[i], keys.site, purpose, text, made) &&
		    secret_equal(made, tag.ptr, TAG_LEN);
	return fits;
}

bool
tag_is_wellformed(struct str tag)
{
	return tag.len == TAG_LEN && str_only(tag, STR_LETTERS STR_DIGITS "-_");
}
