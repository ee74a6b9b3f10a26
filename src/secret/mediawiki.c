/* MediaWiki's PBKDF2 and its notation of bcrypt. */
#include "config.h"

#include <stdio.h>

#include "secret/derived.h"
#include "secret/mediawiki.h"
#include "secret/unixcrypt.h"

#define BCRYPT_SALT_LEN 22
#define BCRYPT_HASH_LEN 31
#define BCRYPT_SIZE 61

static const struct digest_row {
	struct str word;
	const char *name;
} digests[] = {
	{ STR_INIT("sha512"), "SHA512" },
	{ STR_INIT("sha256"), "SHA256" },
	{ STR_INIT("sha1"), "SHA1" },
};

static const char *
find_digest(struct str word)
{
	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++)
		if (str_eq(digests[i].word, word))
			return digests[i].name;
	return NULL;
}

static bool
mediawiki_split(
    const struct format *format, struct str stored, struct derived *derived)
{
	struct str key = str_from_byte(stored, format->prefix.len);
	int64_t key_len;

	*derived = (struct derived){
		.digest = find_digest(str_cut(&key, ':')),
		.text = DERIVED_BASE64,
	};
	if (derived->digest == NULL ||
	    !derived_read_number(str_cut(&key, ':'), &derived->rounds) ||
	    !derived_read_number(str_cut(&key, ':'), &key_len) ||
	    key_len > DERIVED_KEY_MAX ||
	    !derived_read_salt(derived, str_cut(&key, ':')))
		return false;
	derived->key_len = (size_t)key_len;
	derived->key = key;
	return derived->key_len >= 16 && derived_is_whole(derived);
}

bool
mediawiki_pbkdf2_cost(
    const struct format *format, struct str stored, int64_t *cost)
{
	struct derived derived;

	if (!mediawiki_split(format, stored, &derived))
		return false;
	*cost = derived_pbkdf2_cost(&derived);
	return true;
}

enum password_verdict
mediawiki_pbkdf2_verify(
    const struct format *format, struct str password, struct str stored)
{
	struct derived derived;

	if (!mediawiki_split(format, stored, &derived))
		return PASSWORD_REFUSED;
	return derived_verify(&derived, password);
}

static bool
write_bcrypt(
    const struct format *format, struct str stored, char text[BCRYPT_SIZE])
{
	struct str hash = str_from_byte(stored, format->prefix.len);
	struct str log2 = str_cut(&hash, '$');
	struct str salt = str_cut(&hash, '$');
	int64_t cost;

	if (!derived_read_number(log2, &cost) || cost > 99 ||
	    salt.len != BCRYPT_SALT_LEN || hash.len != BCRYPT_HASH_LEN)
		return false;
	snprintf(text, BCRYPT_SIZE, "$2y$%02d$%.*s%.*s", (int)cost,
	    BCRYPT_SALT_LEN, salt.ptr, BCRYPT_HASH_LEN, hash.ptr);
	return true;
}

static const struct format bcrypt = { .prefix = STR_INIT("$2y$") };

bool
mediawiki_bcrypt_cost(
    const struct format *format, struct str stored, int64_t *cost)
{
	char text[BCRYPT_SIZE];

	return write_bcrypt(format, stored, text) &&
	       unixcrypt_cost_bcrypt(&bcrypt, str_from(text), cost);
}

enum password_verdict
mediawiki_bcrypt_verify(
    const struct format *format, struct str password, struct str stored)
{
	char text[BCRYPT_SIZE];

	if (!write_bcrypt(format, stored, text))
		return PASSWORD_REFUSED;
	return unixcrypt_verify(&bcrypt, password, str_from(text));
}
