/* WordPress' ways with bcrypt and phpass. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "secret/phpass.h"
#include "secret/unixcrypt.h"
#include "secret/wordpress.h"

#define MARK_LEN 3 /* of $wp before the bcrypt */
#define MAC_LEN 48
#define MAC_TEXT_LEN 64 /* base64 of it */

static const struct format bcrypt = { .prefix = STR_INIT("$2y$") };
static const struct format phpass = {
	.prefix = STR_INIT("$P$"),
	.digest_len = 22,
	.variant = PHPASS_MD5,
};

bool
wordpress_cost(const struct format *format, struct str stored, int64_t *cost)
{
	if (format->variant == WORDPRESS_BCRYPT)
		return unixcrypt_cost_bcrypt(
		    &bcrypt, str_from_byte(stored, MARK_LEN), cost);
	return phpass_cost(&phpass, stored, cost);
}

/* As PHP's trim(): blanks, tabs, both line ends, NUL and vertical tab. */
static bool
is_trimmed(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\0' ||
	       c == '\v';
}

static struct str
trim(struct str s)
{
	while (s.len > 0 && is_trimmed(s.ptr[s.len - 1]))
		s.len--;
	while (s.len > 0 && is_trimmed(s.ptr[0]))
		s = str_from_byte(s, 1);
	return s;
}

static enum password_verdict
verify_bcrypt(struct str password, struct str stored)
{
	static const char key[] = "wp-sha384";
	unsigned char mac[EVP_MAX_MD_SIZE], text[MAC_TEXT_LEN + 1];
	struct str trimmed = trim(password);
	enum password_verdict verdict = PASSWORD_FAILED;

	if (HMAC(EVP_sha384(), key, sizeof(key) - 1,
		(const unsigned char *)trimmed.ptr, trimmed.len, mac,
		NULL) != NULL) {
		EVP_EncodeBlock(text, mac, MAC_LEN);
		verdict = unixcrypt_verify(&bcrypt,
		    (struct str){ (const char *)text, MAC_TEXT_LEN },
		    str_from_byte(stored, MARK_LEN));
	}
	explicit_bzero(mac, sizeof(mac));
	explicit_bzero(text, sizeof(text));
	return verdict;
}

static enum password_verdict
verify_as_given(
    const struct format *format, struct str password, struct str stored)
{
	if (format->variant == WORDPRESS_BCRYPT)
		return verify_bcrypt(password, stored);
	return phpass_verify(&phpass, password, stored);
}

static bool
is_slashed(char c)
{
	return c == '\'' || c == '"' || c == '\\';
}

static size_t
count_slashes(struct str password)
{
	size_t count = 0;

	for (size_t i = 0; i < password.len; i++)
		count += is_slashed(password.ptr[i]);
	return count;
}

/* As PHP's addslashes() would have changed it. */
static enum password_verdict
verify_slashed(const struct format *format, struct str password,
    struct str stored, size_t slashes)
{
	size_t len = 0, size = password.len + slashes;
	char *copy = malloc(size);
	enum password_verdict verdict;

	if (copy == NULL)
		return PASSWORD_FAILED;
	for (size_t i = 0; i < password.len; i++) {
		if (is_slashed(password.ptr[i]))
			copy[len++] = '\\';
		copy[len++] = password.ptr[i];
	}
	verdict = verify_as_given(format, (struct str){ copy, len }, stored);
	explicit_bzero(copy, size);
	free(copy);
	return verdict;
}

enum password_verdict
wordpress_verify(
    const struct format *format, struct str password, struct str stored)
{
	size_t slashes = count_slashes(password);
	enum password_verdict verdict =
	    verify_as_given(format, password, stored);

	if (verdict != PASSWORD_WRONG || slashes == 0)
		return verdict;
	return verify_slashed(format, password, stored, slashes);
}
