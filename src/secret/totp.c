/* One-time codes: RFC 4226 and RFC 6238 over OpenSSL's HMAC. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/buf.h"
#include "secret/secret.h"
#include "secret/totp.h"

enum { COUNTER_BYTES = 8, SHA1_BYTES = 20, MODULUS = 1000000 };
enum { URL_MAX = 4096, BITS = 5 /* of a base32 character */ };

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/* The value of a base32 character; -1 for any other. */
static int
value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a';
	if (c >= '2' && c <= '7')
		return c - '2' + 26;
	return -1;
}

static bool
is_filler(char c)
{
	return str_is_blank(c) || c == '-' || c == '\r' || c == '\n';
}

/* Removes padding and fillers from the end of text. */
static struct str
without_padding(struct str text)
{
	while (text.len > 0 && (text.ptr[text.len - 1] == '=' ||
				   is_filler(text.ptr[text.len - 1])))
		text.len--;
	return text;
}

bool
totp_secret_read(struct str text, struct totp_secret *secret)
{
	uint32_t bits = 0;
	int count = 0;

	*secret = (struct totp_secret){ .len = 0 };
	text = without_padding(text);
	for (size_t i = 0; i < text.len; i++) {
		int value = value_of(text.ptr[i]);

		if (is_filler(text.ptr[i]))
			continue;
		if (value < 0 || secret->len == TOTP_SECRET_MAX)
			goto unreadable;
		bits = bits << BITS | (uint32_t)value;
		count += BITS;
		if (count < 8)
			continue;
		count -= 8;
		secret->bytes[secret->len++] = (unsigned char)(bits >> count);
	}
	/* 5 bits or more left over: the last character is superfluous */
	if (count < BITS && secret->len >= TOTP_SECRET_MIN)
		return true;
unreadable:
	explicit_bzero(secret, sizeof(*secret));
	return false;
}

bool
totp_secret_new(char text[TOTP_TEXT_LEN + 1])
{
	text[TOTP_TEXT_LEN] = '\0';
	return secret_random_text(alphabet, text, TOTP_TEXT_LEN);
}

uint32_t
totp_code(const struct totp_secret *secret, uint64_t step)
{
	unsigned char counter[COUNTER_BYTES], mac[EVP_MAX_MD_SIZE];
	unsigned mac_len = 0, at;
	uint32_t number;

	for (int i = COUNTER_BYTES - 1; i >= 0; i--, step >>= 8)
		counter[i] = (unsigned char)step;
	if (HMAC(EVP_sha1(), secret->bytes, (int)secret->len, counter,
		sizeof(counter), mac, &mac_len) == NULL ||
	    mac_len != SHA1_BYTES)
		arena_exhausted();
	at = mac[SHA1_BYTES - 1] & 0xf;
	number = (uint32_t)(mac[at] & 0x7f) << 24 |
		 (uint32_t)mac[at + 1] << 16 | (uint32_t)mac[at + 2] << 8 |
		 mac[at + 3];
	explicit_bzero(mac, sizeof(mac));
	return number % MODULUS;
}

/*
 * Copies the digits of a code as it was typed, without fillers.  False: it has
 * other characters, or not six digits.
 */
static bool
read_digits(struct str code, char digits[TOTP_DIGITS + 1])
{
	size_t len = 0;

	for (size_t i = 0; i < code.len; i++) {
		if (is_filler(code.ptr[i]))
			continue;
		if (code.ptr[i] < '0' || code.ptr[i] > '9' ||
		    len == TOTP_DIGITS)
			return false;
		digits[len++] = code.ptr[i];
	}
	digits[len] = '\0';
	return len == TOTP_DIGITS;
}

int64_t
totp_find_step(
    const struct totp_secret *secret, struct str code, int64_t now_ms)
{
	int64_t now = now_ms / TOTP_STEP_MS, found = -1;
	char given[TOTP_DIGITS + 1] = "", expected[16];
	bool is_number = read_digits(code, given);

	for (int64_t step = now - 1; step <= now + 1; step++) {
		snprintf(expected, sizeof(expected), "%06u",
		    (unsigned)totp_code(secret, (uint64_t)step));
		if (secret_equal(expected, given, TOTP_DIGITS))
			found = step;
	}
	explicit_bzero(expected, sizeof(expected));
	return is_number ? found : -1;
}

static void
add_name_part(struct buf *url, struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] == ':') /* a colon would end the issuer */
			buf_add(url, STR("%20"));
		else
			buf_add_percent(url, (struct str){ text.ptr + i, 1 });
}

struct str
totp_url(
    struct arena *arena, struct str issuer, struct str account, struct str text)
{
	struct buf url = buf_open(arena, URL_MAX);

	buf_add(&url, STR("otpauth://totp/"));
	if (issuer.len > 0) {
		add_name_part(&url, issuer);
		buf_add_char(&url, ':');
	}
	add_name_part(&url, account);
	buf_add(&url, STR("?secret="));
	buf_add(&url, text);
	if (issuer.len > 0) {
		buf_add(&url, STR("&issuer="));
		add_name_part(&url, issuer);
	}
	return buf_str(&url);
}
