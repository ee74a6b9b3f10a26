/* Magento's argon2id, computed by libargon2. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include <argon2.h>

#include "secret/derived.h"
#include "secret/digest.h"
#include "secret/hexdigest.h"
#include "secret/magento.h"

#define KEY_LEN 32
#define SALT_LEN 16
#define PASSES_USUAL 2
#define BYTES_USUAL (64 * 1024 * 1024)
#define BYTES_MIN 8192
#define BYTES_MAX (1 << 30)

struct parts {
	struct str key, salt;
	int64_t passes, bytes;
};

/* Parses "2" or "3_32_PASSES_BYTES". */
static bool
read_version(struct str text, struct parts *parts)
{
	struct str kind = str_cut(&text, '_');

	if (str_eq(kind, STR("2")) && text.len == 0) {
		parts->passes = PASSES_USUAL;
		parts->bytes = BYTES_USUAL;
		return true;
	}
	return str_eq(kind, STR("3")) &&
	       str_eq(str_cut(&text, '_'), STR("32")) &&
	       derived_read_number(str_cut(&text, '_'), &parts->passes) &&
	       derived_read_number(text, &parts->bytes) &&
	       parts->bytes >= BYTES_MIN && parts->bytes <= BYTES_MAX;
}

static bool
magento_split(struct str stored, struct parts *parts)
{
	struct str rest = stored;

	parts->key = str_cut(&rest, ':');
	parts->salt = str_cut(&rest, ':');
	return hexdigest_is_text(parts->key, 2 * KEY_LEN) &&
	       parts->salt.len >= SALT_LEN &&
	       str_only(parts->salt, STR_LETTERS STR_DIGITS) &&
	       read_version(rest, parts);
}

bool
magento_cost(const struct format *format, struct str stored, int64_t *cost)
{
	struct parts parts;

	(void)format;
	if (!magento_split(stored, &parts))
		return false;
	*cost = parts.bytes / 1024 * parts.passes;
	return true;
}

enum password_verdict
magento_verify(
    const struct format *format, struct str password, struct str stored)
{
	unsigned char key[KEY_LEN];
	char text[2 * KEY_LEN + 1];
	enum password_verdict verdict = PASSWORD_FAILED;
	struct parts parts;

	(void)format;
	if (!magento_split(stored, &parts))
		return PASSWORD_REFUSED;
	if (argon2id_hash_raw((uint32_t)parts.passes,
		(uint32_t)(parts.bytes / 1024), 1, password.ptr, password.len,
		parts.salt.ptr, SALT_LEN, key, sizeof(key)) == ARGON2_OK) {
		digest_hex(key, sizeof(key), text);
		verdict = hexdigest_equal(text, parts.key) ? PASSWORD_RIGHT
							   : PASSWORD_WRONG;
	}
	explicit_bzero(key, sizeof(key));
	explicit_bzero(text, sizeof(text));
	return verdict;
}
