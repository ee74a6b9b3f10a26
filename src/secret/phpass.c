/* phpass, on digests computed by OpenSSL. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "secret/phpass.h"
#include "secret/secret.h"

#define SALT_AT 4 /* after the prefix and the log2 of the rounds */
#define SALT_LEN 8
#define ENCODED_MAX 88 /* for 64 bytes, 4 characters per 3 bytes */

static const char *const digest_names[] = {
	[PHPASS_MD5] = "MD5",
	[PHPASS_SHA512] = "SHA512",
};

bool
phpass_cost(const struct format *format, struct str stored, int64_t *cost)
{
	struct str rest = str_from_byte(stored, format->prefix.len);
	int log2_rounds;

	if (rest.len != 1 + SALT_LEN + format->digest_len ||
	    !str_only(rest, FORMAT_ITOA64))
		return false;
	log2_rounds = format_digit(rest.ptr[0]);
	*cost = INT64_C(1) << (log2_rounds > FORMAT_LOG2_MAX ? FORMAT_LOG2_MAX
							     : log2_rounds);
	return log2_rounds <= FORMAT_LOG2_MAX;
}

/* The state of one computation. */
struct run {
	EVP_MD *md;
	EVP_MD_CTX *context;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len; /* of the digest */
};

static bool
digest_both(
    struct run *run, const void *head, size_t head_len, struct str password)
{
	return EVP_DigestInit_ex(run->context, run->md, NULL) == 1 &&
	       EVP_DigestUpdate(run->context, head, head_len) == 1 &&
	       EVP_DigestUpdate(run->context, password.ptr, password.len) ==
		   1 &&
	       EVP_DigestFinal_ex(run->context, run->digest, &run->len) == 1;
}

static bool
digest_often(
    struct run *run, const char *salt, int64_t rounds, struct str password)
{
	if (run->md == NULL || run->context == NULL ||
	    !digest_both(run, salt, SALT_LEN, password))
		return false;
	while (rounds-- > 0)
		if (!digest_both(run, run->digest, run->len, password))
			return false;
	return true;
}

/* crypt(3)'s base64: the lowest six bits of three bytes come first. */
static void
phpass_encode(const unsigned char *bytes, size_t len, char encoded[ENCODED_MAX])
{
	static const char itoa64[] = FORMAT_ITOA64;
	char *out = encoded;

	for (size_t i = 0; i < len; i += 3) {
		unsigned value = bytes[i];

		if (i + 1 < len)
			value |= (unsigned)bytes[i + 1] << 8;
		if (i + 2 < len)
			value |= (unsigned)bytes[i + 2] << 16;
		for (int j = 0; j < 4; j++, value >>= 6)
			*out++ = itoa64[value & 0x3f];
	}
}

enum password_verdict
phpass_verify(
    const struct format *format, struct str password, struct str stored)
{
	struct run run = {
		.md = EVP_MD_fetch(NULL, digest_names[format->variant], NULL),
		.context = EVP_MD_CTX_new(),
	};
	struct str expected =
	    str_from_byte(stored, stored.len - format->digest_len);
	char encoded[ENCODED_MAX];
	enum password_verdict verdict = PASSWORD_FAILED;
	int64_t rounds;

	if (phpass_cost(format, stored, &rounds) &&
	    digest_often(&run, stored.ptr + SALT_AT, rounds, password)) {
		phpass_encode(run.digest, run.len, encoded);
		verdict = secret_equal(encoded, expected.ptr, expected.len)
			      ? PASSWORD_RIGHT
			      : PASSWORD_WRONG;
		explicit_bzero(encoded, sizeof(encoded));
	}
	EVP_MD_CTX_free(run.context); /* wipes the digest's state */
	EVP_MD_free(run.md);
	explicit_bzero(&run, sizeof(run));
	return verdict;
}
