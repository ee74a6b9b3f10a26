/* SHA-256 and SHA-1 of texts. */
#include "config.h"

#include <pthread.h>
#include <stdio.h>

#include <openssl/evp.h>

#include "secret/base64url.h"
#include "secret/digest.h"

/*
 * Fetching the digest and making a context cost more than hashing a token.  So
 * both are kept, one context per thread; OpenSSL wipes the hashed data when the
 * digest is final.
 */
static EVP_MD *sha256;
static pthread_key_t context_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
free_context(void *context)
{
	EVP_MD_CTX_free(context);
}

static void
prepare_digest(void)
{
	if (pthread_key_create(&context_key, free_context) == 0)
		sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

/* This thread's context; NULL if OpenSSL fails. */
static EVP_MD_CTX *
kept_context(void)
{
	EVP_MD_CTX *context;

	pthread_once(&once, prepare_digest);
	if (sha256 == NULL)
		return NULL;
	context = pthread_getspecific(context_key);
	if (context != NULL)
		return context;
	context = EVP_MD_CTX_new();
	if (pthread_setspecific(context_key, context) == 0)
		return context;
	EVP_MD_CTX_free(context);
	return NULL;
}

static bool
sum_digest(struct str bytes, unsigned char sum[DIGEST_BYTES])
{
	EVP_MD_CTX *context = kept_context();

	return context != NULL &&
	       EVP_DigestInit_ex(context, sha256, NULL) == 1 &&
	       EVP_DigestUpdate(context, bytes.ptr, bytes.len) == 1 &&
	       EVP_DigestFinal_ex(context, sum, NULL) == 1;
}

struct str
digest_base64(struct arena *arena, struct str bytes)
{
	unsigned char sum[DIGEST_BYTES];
	unsigned char *text;
	int len;

	if (!sum_digest(bytes, sum))
		return STR_NONE;
	text = arena_alloc(arena, (sizeof(sum) + 2) / 3 * 4 + 1);
	len = EVP_EncodeBlock(text, sum, sizeof(sum));
	return (struct str){ (const char *)text, (size_t)len };
}

void
digest_hex(const unsigned char *bytes, size_t len, char *hex)
{
	for (size_t i = 0; i < len; i++)
		snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
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
	digest_hex(sum, sum_len, hex);
	return true;
}

struct str
digest_text(struct arena *arena, struct str text, size_t bytes)
{
	const size_t len = BASE64URL_LEN(bytes);
	unsigned char sum[DIGEST_BYTES];
	char *name;

	if (!sum_digest(text, sum))
		arena_exhausted();
	name = arena_alloc(arena, len + 1);
	base64url_encode(sum, bytes, name);
	return (struct str){ name, len };
}
