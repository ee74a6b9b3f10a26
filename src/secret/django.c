/* Django's PBKDF2 and scrypt. */
#include "config.h"

#include "secret/derived.h"
#include "secret/django.h"

#define SCRYPT_KEY_LEN 64

static bool
is_printable(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] > '~')
			return false;
	return true;
}

static bool
django_split(
    const struct format *format, struct str stored, struct derived *derived)
{
	struct str rest = str_from_byte(stored, format->prefix.len);
	struct str rounds = str_cut(&rest, '$');
	bool is_scrypt = format->variant == DJANGO_SCRYPT;

	*derived = (struct derived){ .text = DERIVED_BASE64 };
	derived->salt = str_cut(&rest, '$');
	if (is_scrypt) {
		if (!derived_read_number(str_cut(&rest, '$'), &derived->r) ||
		    !derived_read_number(str_cut(&rest, '$'), &derived->p))
			return false;
		derived->key_len = SCRYPT_KEY_LEN;
	} else if (format->variant == DJANGO_PBKDF2_SHA1) {
		derived->digest = "SHA1";
		derived->key_len = 20;
	} else {
		derived->digest = "SHA256";
		derived->key_len = 32;
	}
	derived->key = rest;
	return derived_read_number(rounds, &derived->rounds) &&
	       derived->salt.len > 0 && derived->salt.len <= DERIVED_SALT_MAX &&
	       is_printable(derived->salt) && derived_is_whole(derived);
}

bool
django_cost(const struct format *format, struct str stored, int64_t *cost)
{
	struct derived derived;

	if (!django_split(format, stored, &derived))
		return false;
	if (format->variant == DJANGO_SCRYPT)
		return derived_scrypt_cost(&derived, cost);
	*cost = derived_pbkdf2_cost(&derived);
	return true;
}

enum password_verdict
django_verify(
    const struct format *format, struct str password, struct str stored)
{
	struct derived derived;

	if (!django_split(format, stored, &derived))
		return PASSWORD_REFUSED;
	return derived_verify(&derived, password);
}
