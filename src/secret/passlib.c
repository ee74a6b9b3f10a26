/* PBKDF2 in passlib's modular crypt format. */
#include "config.h"

#include "secret/derived.h"
#include "secret/passlib.h"

static const struct digest_row {
	const char *name;
	size_t len;
} digests[] = {
	[PASSLIB_SHA1] = { "SHA1", 20 },
	[PASSLIB_SHA256] = { "SHA256", 32 },
	[PASSLIB_SHA512] = { "SHA512", 64 },
};

static bool
passlib_split(
    const struct format *format, struct str stored, struct derived *derived)
{
	struct str key = str_from_byte(stored, format->prefix.len);
	struct str rounds = str_cut(&key, '$');
	struct str salt = str_cut(&key, '$');

	*derived = (struct derived){
		.digest = digests[format->variant].name,
		.key_len = digests[format->variant].len,
		.text = DERIVED_BASE64_BARE,
		.key = key,
	};
	return derived_read_number(rounds, &derived->rounds) &&
	       derived_read_salt(derived, salt) && derived_is_whole(derived);
}

bool
passlib_cost(const struct format *format, struct str stored, int64_t *cost)
{
	struct derived derived;

	if (!passlib_split(format, stored, &derived))
		return false;
	*cost = derived_pbkdf2_cost(&derived);
	return true;
}

enum password_verdict
passlib_verify(
    const struct format *format, struct str password, struct str stored)
{
	struct derived derived;

	if (!passlib_split(format, stored, &derived))
		return PASSWORD_REFUSED;
	return derived_verify(&derived, password);
}
