/* Werkzeug's PBKDF2 and scrypt. */
#include "config.h"

#include "secret/derived.h"
#include "secret/werkzeug.h"

static const struct key_row {
	const char *digest; /* NULL: scrypt */
	size_t len;
} keys[] = {
	[WERKZEUG_SHA1] = { "SHA1", 20 },
	[WERKZEUG_SHA256] = { "SHA256", 32 },
	[WERKZEUG_SHA512] = { "SHA512", 64 },
	[WERKZEUG_SCRYPT] = { NULL, 64 },
};

/* The salt is letters and digits, and is not decoded. */
static bool
werkzeug_split(
    const struct format *format, struct str stored, struct derived *derived)
{
	struct str key = str_from_byte(stored, format->prefix.len);
	struct str method = str_cut(&key, '$');
	struct str salt = str_cut(&key, '$');
	struct str rounds = str_cut(&method, ':');

	*derived = (struct derived){
		.digest = keys[format->variant].digest,
		.salt = salt,
		.key_len = keys[format->variant].len,
		.text = DERIVED_HEX,
		.key = key,
	};
	if (format->variant == WERKZEUG_SCRYPT &&
	    (!derived_read_number(str_cut(&method, ':'), &derived->r) ||
		!derived_read_number(str_cut(&method, ':'), &derived->p)))
		return false;
	return method.len == 0 &&
	       derived_read_number(rounds, &derived->rounds) && salt.len > 0 &&
	       salt.len <= DERIVED_SALT_MAX &&
	       str_only(salt, STR_LETTERS STR_DIGITS) &&
	       derived_is_whole(derived);
}

bool
werkzeug_cost(const struct format *format, struct str stored, int64_t *cost)
{
	struct derived derived;

	if (!werkzeug_split(format, stored, &derived))
		return false;
	if (format->variant == WERKZEUG_SCRYPT)
		return derived_scrypt_cost(&derived, cost);
	*cost = derived_pbkdf2_cost(&derived);
	return true;
}

enum password_verdict
werkzeug_verify(
    const struct format *format, struct str password, struct str stored)
{
	struct derived derived;

	if (!werkzeug_split(format, stored, &derived))
		return PASSWORD_REFUSED;
	return derived_verify(&derived, password);
}
