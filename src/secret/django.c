/* Django's PBKDF2, on OpenSSL. */
#include "config.h"

#include <string.h>

#include <openssl/evp.h>

#include "secret/django.h"
#include "secret/secret.h"

#define KEY_LEN 32
#define KEY_TEXT_LEN 44 /* base64 of it, padded */
#define SALT_MAX 128

/* The parts of a stored form. */
struct parts {
	struct str iterations, salt, key;
};

static struct parts
take_apart(const struct format *format, struct str stored)
{
	struct parts parts;

	parts.key = str_from_byte(stored, format->prefix.len);
	parts.iterations = str_cut(&parts.key, '$');
	parts.salt = str_cut(&parts.key, '$');
	return parts;
}

static bool
is_printable(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] > '~')
			return false;
	return true;
}

bool
django_cost(const struct format *format, struct str stored, int64_t *cost)
{
	struct parts parts = take_apart(format, stored);

	return !str_starts(parts.iterations, STR("0")) &&
	       str_to_int(parts.iterations, 1, INT32_MAX, cost) &&
	       parts.salt.len > 0 && parts.salt.len <= SALT_MAX &&
	       is_printable(parts.salt) && parts.key.len == KEY_TEXT_LEN &&
	       parts.key.ptr[KEY_TEXT_LEN - 1] == '=' &&
	       str_only((struct str){ parts.key.ptr, KEY_TEXT_LEN - 1 },
		   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		   "0123456789+/");
}

enum password_verdict
django_verify(
    const struct format *format, struct str password, struct str stored)
{
	struct parts parts = take_apart(format, stored);
	unsigned char key[KEY_LEN], text[KEY_TEXT_LEN + 1];
	enum password_verdict verdict = PASSWORD_FAILED;
	int64_t iterations;

	if (!django_cost(format, stored, &iterations))
		return PASSWORD_REFUSED;
	/* OpenSSL takes a NULL password for one of the length -1 */
	if (PKCS5_PBKDF2_HMAC(password.len > 0 ? password.ptr : "",
		(int)password.len, (const unsigned char *)parts.salt.ptr,
		(int)parts.salt.len, (int)iterations, EVP_sha256(), KEY_LEN,
		key) == 1) {
		EVP_EncodeBlock(text, key, KEY_LEN);
		verdict = secret_equal(text, parts.key.ptr, KEY_TEXT_LEN)
			      ? PASSWORD_RIGHT
			      : PASSWORD_WRONG;
	}
	explicit_bzero(key, sizeof(key));
	explicit_bzero(text, sizeof(text));
	return verdict;
}
