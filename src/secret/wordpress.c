/* WordPress's ways to prepare a password. */
#include "config.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "secret/wordpress.h"

#define MAC_LEN 48
#define MAC_TEXT_LEN 64 /* base64 of MAC_LEN bytes */

/* The characters of PHP's trim_password(): space, tab, LF, CR, NUL, vertical
 * tab. */
static bool
is_trimmed(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\0' ||
	       c == '\v';
}

static struct str
trim_password(struct str s)
{
	while (s.len > 0 && is_trimmed(s.ptr[s.len - 1]))
		s.len--;
	while (s.len > 0 && is_trimmed(s.ptr[0]))
		s = str_from_byte(s, 1);
	return s;
}

enum prepare_result
wordpress_trimmed(struct str password, struct prepared *prepared)
{
	return prepare_as_given(trim_password(password), prepared);
}

enum prepare_result
wordpress_untrimmed(struct str password, struct prepared *prepared)
{
	if (trim_password(password).len == password.len)
		return PREPARE_SAME;
	return prepare_as_given(password, prepared);
}

static bool
is_slashed(char c)
{
	return c == '\'' || c == '"' || c == '\\';
}

enum prepare_result
wordpress_slashed(struct str password, struct prepared *prepared)
{
	struct str trimmed = trim_password(password);
	size_t len = 0;

	if (!prepare_open(prepared, 2 * trimmed.len))
		return PREPARE_FAILED;
	for (size_t i = 0; i < trimmed.len; i++) {
		if (is_slashed(trimmed.ptr[i]))
			prepared->bytes[len++] = '\\';
		prepared->bytes[len++] = trimmed.ptr[i];
	}
	prepared->password.len = len;
	return len > trimmed.len ? PREPARE_DONE : PREPARE_SAME;
}

enum prepare_result
wordpress_mac(struct str password, struct prepared *prepared)
{
	static const char key[] = "wp-sha384";
	unsigned char mac[EVP_MAX_MD_SIZE];
	struct str trimmed = trim_password(password);

	if (!prepare_open(prepared, MAC_TEXT_LEN) ||
	    HMAC(EVP_sha384(), key, sizeof(key) - 1,
		(const unsigned char *)trimmed.ptr, trimmed.len, mac,
		NULL) == NULL)
		return PREPARE_FAILED;
	EVP_EncodeBlock((unsigned char *)prepared->bytes, mac, MAC_LEN);
	prepared->password.len = MAC_TEXT_LEN;
	explicit_bzero(mac, sizeof(mac));
	return PREPARE_DONE;
}

enum prepare_result
wordpress_mac_slashed(struct str password, struct prepared *prepared)
{
	struct prepared slashed = { .bytes = NULL };
	enum prepare_result result = wordpress_slashed(password, &slashed);

	if (result == PREPARE_DONE)
		result = wordpress_mac(slashed.password, prepared);
	prepare_close(&slashed);
	return result;
}
