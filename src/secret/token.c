/* Making tokens and their names; knows nothing of cookies or stores. */
#include "config.h"

#include <string.h>

#include <openssl/evp.h>

#include "base/buf.h"
#include "secret/secret.h"
#include "secret/token.h"

#define TOKEN_BYTES 32
#define DIGEST_BYTES 32 /* SHA-256 */
#define DIGEST_LEN 43	/* of it in base64url */
#define HANDLE_BYTES 12
#define HANDLE_LEN 16

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"abcdefghijklmnopqrstuvwxyz"
				"0123456789-_";

/* text has room for (len * 8 + 5) / 6 characters; no NUL is written. */
static void
encode(const unsigned char *bytes, size_t len, char *text)
{
	unsigned window = 0;
	int held = 0; /* bits of window not yet written */

	for (size_t i = 0; i < len; i++) {
		window = window << 8 | bytes[i];
		for (held += 8; held >= 6; held -= 6)
			*text++ = base64url[window >> (held - 6) & 63];
	}
	if (held > 0)
		*text = base64url[window << (6 - held) & 63];
}

bool
token_new(char token[TOKEN_LEN + 1])
{
	unsigned char bytes[TOKEN_BYTES];

	if (!secret_random(bytes, sizeof(bytes)))
		return false;
	encode(bytes, sizeof(bytes), token);
	token[TOKEN_LEN] = '\0';
	explicit_bzero(bytes, sizeof(bytes));
	return true;
}

bool
token_is_wellformed(struct str token)
{
	return token.len >= TOKEN_MIN && token.len <= TOKEN_MAX &&
	       str_only(token,
		   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		   "0123456789-_.~+/=");
}

/* The first `bytes` bytes of text's SHA-256 as len characters. */
static struct str
digest(struct arena *arena, struct str text, size_t bytes, size_t len)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned sum_len = 0;
	char *name;

	if (EVP_Digest(text.ptr, text.len, sum, &sum_len, EVP_sha256(), NULL) !=
		1 ||
	    sum_len != DIGEST_BYTES)
		return STR_NONE;
	name = arena_alloc(arena, len + 1);
	encode(sum, bytes, name);
	return (struct str){ name, len };
}

struct str
token_hash(struct arena *arena, struct str token)
{
	return digest(arena, token, DIGEST_BYTES, DIGEST_LEN);
}

/* The label keeps what is derived for one use apart from all others. */
static struct str
handle(struct arena *arena, struct str label, struct str text)
{
	struct buf labelled = buf_open(arena, label.len + text.len);

	buf_add(&labelled, label);
	buf_add(&labelled, text);
	return digest(arena, buf_str(&labelled), HANDLE_BYTES, HANDLE_LEN);
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
