/*
 * Making tokens and the names derived from them.  Independent of cookies and
 * stores.
 */
#include "config.h"

#include <limits.h>
#include <string.h>

#include "base/buf.h"
#include "secret/base64url.h"
#include "secret/digest.h"
#include "secret/secret.h"
#include "secret/token.h"

#define TOKEN_BYTES 32
#define HANDLE_BYTES 12

bool
token_new(char token[TOKEN_LEN + 1])
{
	unsigned char bytes[TOKEN_BYTES];

	if (!secret_random(bytes, sizeof(bytes)))
		return false;
	base64url_encode(bytes, sizeof(bytes), token);
	token[TOKEN_LEN] = '\0';
	explicit_bzero(bytes, sizeof(bytes));
	return true;
}

bool
token_new_tagged(struct tag_keys keys, char token[TOKEN_TAGGED_LEN + 1])
{
	if (!token_new(token))
		return false;
	if (keys.count == 0)
		return true;
	token[TOKEN_LEN] = '.';
	return tag_make(keys, STR("token"), (struct str){ token, TOKEN_LEN },
	    token + TOKEN_LEN + 1);
}

enum token_standing
token_judge(struct tag_keys keys, struct str token)
{
	struct str text = token, tag;

	if (token.len <= TAG_LEN + 1)
		return TOKEN_UNTAGGED;
	text.len -= TAG_LEN + 1;
	tag = str_from_byte(token, text.len + 1);
	if (token.ptr[text.len] != '.' || !tag_is_wellformed(tag))
		return TOKEN_UNTAGGED;
	return tag_fits(keys, STR("token"), text, tag) ? TOKEN_GENUINE
						       : TOKEN_FORGED;
}

#define TEN 1, 1, 1, 1, 1, 1, 1, 1, 1, 1

static const bool is_token_byte[UCHAR_MAX + 1] = {
	/* clang-format off */
	['-'] = 1, ['_'] = 1, ['.'] = 1, ['~'] = 1, ['+'] = 1, ['/'] = 1,
	['='] = 1,
	['0'] = TEN,
	['A'] = TEN, TEN, 1, 1, 1, 1, 1, 1,
	['a'] = TEN, TEN, 1, 1, 1, 1, 1, 1,
	/* clang-format on */
};

bool
token_is_wellformed(struct str token)
{
	if (token.len < TOKEN_MIN || token.len > TOKEN_MAX)
		return false;
	for (size_t i = 0; i < token.len; i++)
		if (!is_token_byte[(unsigned char)token.ptr[i]])
			return false;
	return true;
}

struct str
token_hash(struct arena *arena, struct str token)
{
	return digest_text(arena, token, DIGEST_BYTES);
}

/* The label separates the values derived for one use from all others. */
static struct str
handle(struct arena *arena, struct str label, struct str text)
{
	struct buf labelled = buf_open(arena, label.len + text.len);

	buf_add(&labelled, label);
	buf_add(&labelled, text);
	return digest_text(arena, buf_str(&labelled), HANDLE_BYTES);
}

struct str
token_handle(struct arena *arena, struct str name)
{
	return handle(arena, STR("handle"), name);
}

struct str
token_fingerprint(struct arena *arena, struct str hash)
{
	if (str_is_none(hash))
		return STR_NONE;
	return handle(arena, STR("pw"), hash);
}
