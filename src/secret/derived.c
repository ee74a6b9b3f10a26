/* PBKDF2 and scrypt, computed by OpenSSL. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "secret/derived.h"
#include "secret/digest.h"
#include "secret/format.h"
#include "secret/secret.h"

#define BASE64_LEN(len) (((len) + 2) / 3 * 4)
#define BASE64_BARE_LEN(len) (((len)*8 + 5) / 6)
#define TEXT_SIZE (2 * DERIVED_KEY_MAX + 1) /* for hexadecimal, the longest */
#define SCRYPT_OVERHEAD (1 << 20)	    /* bytes, for OpenSSL's own use */

static size_t
count_pads(struct str text)
{
	size_t pads = 0;

	while (
	    pads < 2 && pads < text.len && text.ptr[text.len - 1 - pads] == '=')
		pads++;
	return pads;
}

static bool
is_padded_base64(struct str text)
{
	struct str letters = { text.ptr, text.len - count_pads(text) };

	return text.len % 4 == 0 &&
	       str_only(letters, STR_LETTERS STR_DIGITS "+/");
}

bool
derived_is_whole(const struct derived *derived)
{
	switch (derived->text) {
	case DERIVED_BASE64:
		return derived->key.len == BASE64_LEN(derived->key_len) &&
		       count_pads(derived->key) ==
			   BASE64_LEN(derived->key_len) / 4 * 3 -
			       derived->key_len &&
		       is_padded_base64(derived->key);
	case DERIVED_BASE64_BARE:
		return derived->key.len == BASE64_BARE_LEN(derived->key_len) &&
		       str_only(derived->key, STR_LETTERS STR_DIGITS "./");
	case DERIVED_HEX:
		return derived->key.len == 2 * derived->key_len &&
		       str_only(derived->key, "0123456789abcdef");
	}
	return false;
}

/*
 * Copies text with '+' in place of '.', and pads it with '=' to a multiple of 4
 * characters.  Returns the length of the copy.
 */
static size_t
pad(struct str text, char padded[BASE64_LEN(DERIVED_SALT_MAX)])
{
	size_t len = 0;

	for (; len < text.len; len++)
		padded[len] = text.ptr[len] == '.' ? '+' : text.ptr[len];
	while (len % 4 != 0)
		padded[len++] = '=';
	return len;
}

bool
derived_read_salt(struct derived *derived, struct str text)
{
	char padded[BASE64_LEN(DERIVED_SALT_MAX)];
	bool is_bare = derived->text == DERIVED_BASE64_BARE;
	size_t len;

	if (text.len > sizeof(padded) || text.len % 4 == 1 ||
	    !(is_bare ? str_only(text, STR_LETTERS STR_DIGITS "./")
		      : is_padded_base64(text)))
		return false;
	len = pad(text, padded);
	if (len / 4 * 3 > DERIVED_SALT_MAX ||
	    EVP_DecodeBlock(derived->salt_bytes, (const unsigned char *)padded,
		(int)len) < 0)
		return false;
	derived->salt = (struct str){ (const char *)derived->salt_bytes,
		len / 4 * 3 - count_pads((struct str){ padded, len }) };
	return true;
}

bool
derived_read_number(struct str text, int64_t *number)
{
	return !str_starts(text, STR("0")) &&
	       str_to_int(text, 1, INT32_MAX, number);
}

int64_t
derived_pbkdf2_cost(const struct derived *derived)
{
	const EVP_MD *digest = EVP_get_digestbyname(derived->digest);
	int64_t block = digest != NULL ? EVP_MD_get_size(digest) : 1;

	return derived->rounds *
	       (((int64_t)derived->key_len + block - 1) / block);
}

bool
derived_scrypt_cost(const struct derived *derived, int64_t *cost)
{
	const int64_t n = derived->rounds;
	int64_t memory;

	return n > 1 && (n & (n - 1)) == 0 &&
	       !__builtin_mul_overflow(n, derived->r, &memory) &&
	       memory <= FORMAT_SCRYPT_MAX &&
	       !__builtin_mul_overflow(memory, derived->p, cost);
}

/* An empty password may have a NULL pointer, so OpenSSL gets "" instead. */
static bool
derive(const struct derived *derived, struct str password,
    unsigned char key[DERIVED_KEY_MAX])
{
	const char *text = password.len > 0 ? password.ptr : "";
	const unsigned char *salt = (const unsigned char *)derived->salt.ptr;

	if (derived->digest != NULL)
		return PKCS5_PBKDF2_HMAC(text, (int)password.len, salt,
			   (int)derived->salt.len, (int)derived->rounds,
			   EVP_get_digestbyname(derived->digest),
			   (int)derived->key_len, key) == 1;
	return EVP_PBE_scrypt(text, password.len, salt, derived->salt.len,
		   (uint64_t)derived->rounds, (uint64_t)derived->r,
		   (uint64_t)derived->p,
		   (uint64_t)(128 * derived->r *
			      (derived->rounds + derived->p + 2)) +
		       SCRYPT_OVERHEAD,
		   key, derived->key_len) == 1;
}

static void
write_text(const struct derived *derived, const unsigned char *key,
    char text[TEXT_SIZE])
{
	if (derived->text == DERIVED_HEX) {
		digest_hex(key, derived->key_len, text);
		return;
	}
	EVP_EncodeBlock((unsigned char *)text, key, (int)derived->key_len);
	if (derived->text == DERIVED_BASE64_BARE)
		for (char *at = text; *at != '\0'; at++)
			if (*at == '+')
				*at = '.';
}

enum password_verdict
derived_verify(const struct derived *derived, struct str password)
{
	unsigned char key[DERIVED_KEY_MAX];
	char text[TEXT_SIZE] = "";
	enum password_verdict verdict = PASSWORD_FAILED;

	if (derived_is_whole(derived) && derive(derived, password, key)) {
		write_text(derived, key, text);
		verdict = secret_equal(text, derived->key.ptr, derived->key.len)
			      ? PASSWORD_RIGHT
			      : PASSWORD_WRONG;
	}
	explicit_bzero(key, sizeof(key));
	explicit_bzero(text, sizeof(text));
	return verdict;
}
