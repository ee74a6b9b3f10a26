/* The table of supported formats of stored hashes. */
#include "config.h"

#include <string.h>

#include <argon2.h>

#include "secret/argon.h"
#include "secret/django.h"
#include "secret/format.h"
#include "secret/hexdigest.h"
#include "secret/magento.h"
#include "secret/mediawiki.h"
#include "secret/passlib.h"
#include "secret/phpass.h"
#include "secret/salted.h"
#include "secret/unixcrypt.h"
#include "secret/werkzeug.h"

/*
 * Bounds of costs, in the units of read_cost.  A hash at an upper bound takes
 * about 3 s of processor time.  A login with a slower hash would not end within
 * [server] deadline.
 */
#define BCRYPT_COST_MIN 4
#define BCRYPT_COST_MAX 16
#define BCRYPT_COST_NEW 12 /* PHP's default since 8.4 */
#define ARGON2_WORK_MIN 8  /* KiB times passes */
#define ARGON2_WORK_MAX (4 * 1024 * 1024)
#define ARGON2_WORK_STRONG (2 * 19 * 1024)
#define SCRYPT_COST_MIN (1 << 5)
#define SCRYPT_COST_MAX (1 << 23)
#define YESCRYPT_COST_MAX (1 << 23) /* 1 GiB */
#define SHA_ROUNDS_MIN 1000
#define SHA_ROUNDS_MAX 5000000
#define SHA_WORK_MAX (INT64_C(3) << 27)
#define PHPASS_ROUNDS_MIN (1 << 7) /* phpass's own minimum */
#define PHPASS_ROUNDS_MAX (1 << 22)
#define PHPASS_WORK_MAX (INT64_C(1) << 30)
#define PHPASS_WAYS 4 /* no row of wrappers.c has more ways */
#define DRUPAL_ROUNDS_MAX (1 << 21)
#define DRUPAL_PASSWORD_MAX 512 /* Drupal's own maximum */
#define PBKDF2_ROUNDS_MAX 10000000
#define PBKDF2_SHA512_ROUNDS_MAX 5000000

#define BCRYPT_ROW(text, strong) \
	{ \
		.family = PASSWORD_BCRYPT, .prefix = STR_INIT(text), \
		.read_cost = unixcrypt_cost_bcrypt, \
		.verify = unixcrypt_verify, .cost_min = BCRYPT_COST_MIN, \
		.cost_max = BCRYPT_COST_MAX, .cost_strong = strong, \
		.password_max = UNIXCRYPT_BCRYPT_READS, .digest_len = 31 \
	}
#define ARGON2_ROW(text, strong, type) \
	{ \
		.family = PASSWORD_ARGON2, .prefix = STR_INIT(text), \
		.read_cost = argon_cost, .verify = argon_verify, \
		.cost_min = ARGON2_WORK_MIN, .cost_max = ARGON2_WORK_MAX, \
		.cost_strong = strong, .password_max = PASSWORD_MAX, \
		.variant = type \
	}
#define SCRYPT_ROW(family_, text, reader, max) \
	{ \
		.family = family_, .prefix = STR_INIT(text), \
		.read_cost = reader, .verify = unixcrypt_verify, \
		.cost_min = SCRYPT_COST_MIN, .cost_max = max, \
		.password_max = UNIXCRYPT_PASSWORD_MAX, .digest_len = 43 \
	}
#define PHPASS_ROW(family_, text, max, len, type) \
	{ \
		.family = family_, .prefix = STR_INIT(text), \
		.read_cost = phpass_cost, .verify = phpass_verify, \
		.cost_min = PHPASS_ROUNDS_MIN, .cost_max = max, \
		.password_max = PASSWORD_MAX, .work_max = PHPASS_WORK_MAX, \
		.digest_len = len, .variant = type \
	}
#define DERIVED_ROW(family_, text, name, max, len, type) \
	{ \
		.family = family_, .prefix = STR_INIT(text), \
		.read_cost = name##_cost, .verify = name##_verify, \
		.cost_min = 1, .cost_max = max, .password_max = PASSWORD_MAX, \
		.digest_len = len, .variant = type \
	}
#define SALTED_ROW(family_, text, len, is_first, type) \
	{ \
		.family = family_, .prefix = STR_INIT(text), \
		.read_cost = salted_cost, .verify = salted_verify, \
		.cost_min = 1, .cost_max = 1, .password_max = PASSWORD_MAX, \
		.digest_len = len, .is_digest_first = is_first, \
		.variant = type \
	}
#define SHA_ROW(family_, text, len) \
	{ \
		.family = family_, .prefix = STR_INIT(text), \
		.read_cost = unixcrypt_cost_sha, .verify = unixcrypt_verify, \
		.cost_min = SHA_ROUNDS_MIN, .cost_max = SHA_ROUNDS_MAX, \
		.password_max = UNIXCRYPT_PASSWORD_MAX, \
		.work_max = SHA_WORK_MAX, .digest_len = len \
	}
#define HEX_ROW(family_, len, type) \
	{ \
		.family = family_, .prefix = STR_INIT(""), \
		.read_cost = hexdigest_cost, .verify = hexdigest_verify, \
		.cost_min = 1, .cost_max = 1, .password_max = PASSWORD_MAX, \
		.digest_len = len, .variant = type \
	}

/*
 * The first matching row counts.  A stored hash that matches no row is refused.
 * wrappers.c lists the prefixes that products put before some of these formats.
 */
static const struct format formats[] = {
	BCRYPT_ROW("$2y$", BCRYPT_COST_NEW),
	BCRYPT_ROW("$2a$", BCRYPT_COST_NEW),
	BCRYPT_ROW("$2b$", BCRYPT_COST_NEW),
	BCRYPT_ROW("$2x$", 0), /* non-ASCII passwords collide */
	ARGON2_ROW("$argon2id$", ARGON2_WORK_STRONG, Argon2_id),
	ARGON2_ROW("$argon2i$", 0, Argon2_i),
	ARGON2_ROW("$argon2d$", 0, Argon2_d),
	SCRYPT_ROW(PASSWORD_YESCRYPT, "$y$", unixcrypt_cost_yescrypt,
	    YESCRYPT_COST_MAX),
	SCRYPT_ROW(PASSWORD_YESCRYPT, "$gy$", unixcrypt_cost_yescrypt,
	    YESCRYPT_COST_MAX),
	SCRYPT_ROW(
	    PASSWORD_SCRYPT, "$7$", unixcrypt_cost_scrypt, SCRYPT_COST_MAX),
	SHA_ROW(PASSWORD_SHA512_CRYPT, "$6$", 86),
	SHA_ROW(PASSWORD_SHA256_CRYPT, "$5$", 43),
	PHPASS_ROW(PASSWORD_WORDPRESS, "$P$", PHPASS_ROUNDS_MAX / PHPASS_WAYS,
	    22, PHPASS_MD5),
	PHPASS_ROW(PASSWORD_PHPBB, "$H$", PHPASS_ROUNDS_MAX / PHPASS_WAYS, 22,
	    PHPASS_MD5),
	{ .family = PASSWORD_DRUPAL,
	    .prefix = STR_INIT("$S$"),
	    .read_cost = phpass_cost,
	    .verify = phpass_verify,
	    .cost_min = PHPASS_ROUNDS_MIN,
	    .cost_max = DRUPAL_ROUNDS_MAX,
	    .password_max = DRUPAL_PASSWORD_MAX,
	    .work_max = PHPASS_WORK_MAX,
	    .digest_len = 43,
	    .variant = PHPASS_SHA512 },
	DERIVED_ROW(PASSWORD_DJANGO, "pbkdf2_sha256$", django,
	    PBKDF2_ROUNDS_MAX, 44, DJANGO_PBKDF2_SHA256),
	DERIVED_ROW(PASSWORD_DJANGO, "pbkdf2_sha1$", django, PBKDF2_ROUNDS_MAX,
	    28, DJANGO_PBKDF2_SHA1),
	DERIVED_ROW(PASSWORD_DJANGO, "scrypt$", django, SCRYPT_COST_MAX, 88,
	    DJANGO_SCRYPT),
	DERIVED_ROW(PASSWORD_PBKDF2, "$pbkdf2-sha256$", passlib,
	    PBKDF2_ROUNDS_MAX, 43, PASSLIB_SHA256),
	DERIVED_ROW(PASSWORD_PBKDF2, "$pbkdf2-sha512$", passlib,
	    PBKDF2_SHA512_ROUNDS_MAX, 86, PASSLIB_SHA512),
	DERIVED_ROW(PASSWORD_PBKDF2, "$pbkdf2$", passlib, PBKDF2_ROUNDS_MAX, 27,
	    PASSLIB_SHA1),
	DERIVED_ROW(PASSWORD_WERKZEUG, "pbkdf2:sha256:", werkzeug,
	    PBKDF2_ROUNDS_MAX, 64, WERKZEUG_SHA256),
	DERIVED_ROW(PASSWORD_WERKZEUG, "pbkdf2:sha512:", werkzeug,
	    PBKDF2_SHA512_ROUNDS_MAX, 128, WERKZEUG_SHA512),
	DERIVED_ROW(PASSWORD_WERKZEUG, "pbkdf2:sha1:", werkzeug,
	    PBKDF2_ROUNDS_MAX, 40, WERKZEUG_SHA1),
	DERIVED_ROW(PASSWORD_WERKZEUG, "scrypt:", werkzeug, SCRYPT_COST_MAX,
	    128, WERKZEUG_SCRYPT),
	DERIVED_ROW(PASSWORD_MEDIAWIKI, ":pbkdf2:", mediawiki_pbkdf2,
	    PBKDF2_SHA512_ROUNDS_MAX, 0, 0),
	{ .family = PASSWORD_MEDIAWIKI,
	    .prefix = STR_INIT(":bcrypt:"),
	    .read_cost = mediawiki_bcrypt_cost,
	    .verify = mediawiki_bcrypt_verify,
	    .cost_min = BCRYPT_COST_MIN,
	    .cost_max = BCRYPT_COST_MAX,
	    .cost_strong = BCRYPT_COST_NEW,
	    .password_max = UNIXCRYPT_BCRYPT_READS,
	    .digest_len = 31 },
	{ .family = PASSWORD_MAGENTO,
	    .prefix = STR_INIT(""),
	    .read_cost = magento_cost,
	    .verify = magento_verify,
	    .cost_min = ARGON2_WORK_MIN,
	    .cost_max = ARGON2_WORK_MAX,
	    .cost_strong = ARGON2_WORK_STRONG,
	    .password_max = PASSWORD_MAX,
	    .digest_len = 64,
	    .is_digest_first = true },
	HEX_ROW(PASSWORD_MD5, 32, HEXDIGEST_MD5),
	HEX_ROW(PASSWORD_SHA1, 40, HEXDIGEST_SHA1),
	HEX_ROW(PASSWORD_SHA256, 64, HEXDIGEST_SHA256),
	HEX_ROW(PASSWORD_SHA512, 128, HEXDIGEST_SHA512),
	SALTED_ROW(
	    PASSWORD_MAGENTO_SHA256, "", 64, true, SALTED_MAGENTO_MARKED),
	SALTED_ROW(PASSWORD_MAGENTO_SHA256, "", 64, true, SALTED_MAGENTO),
	SALTED_ROW(PASSWORD_JOOMLA, "", 32, true, SALTED_JOOMLA),
	SALTED_ROW(PASSWORD_MEDIAWIKI_MD5, ":B:", 32, false, SALTED_MEDIAWIKI),
	SALTED_ROW(PASSWORD_MYBB, "mybb:", 32, false, SALTED_MYBB),
	SALTED_ROW(PASSWORD_OPENCART, "opencart:", 40, false, SALTED_OPENCART),
};

const struct format format_bcrypt = BCRYPT_ROW("$2y$", BCRYPT_COST_NEW);

int
format_digit(char c)
{
	static const char itoa64[] = FORMAT_ITOA64;
	const char *at = c != '\0' ? strchr(itoa64, c) : NULL;

	return at != NULL ? (int)(at - itoa64) : -1;
}

const struct format *
format_find(struct str stored, int64_t *cost)
{
	if (stored.len > FORMAT_LEN_MAX || str_has_char(stored, '\0'))
		return NULL;
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		const struct format *format = &formats[i];

		if (str_starts(stored, format->prefix) &&
		    format->read_cost(format, stored, cost) &&
		    *cost >= format->cost_min && *cost <= format->cost_max)
			return format;
	}
	return NULL;
}

struct str
format_digest(const struct format *format, struct str stored)
{
	size_t at = stored.len;

	if (format->is_digest_first)
		return (struct str){ stored.ptr, format->digest_len };
	if (format->digest_len > 0)
		return str_from_byte(stored, stored.len - format->digest_len);
	while (at > 0 && stored.ptr[at - 1] != '$' && stored.ptr[at - 1] != ':')
		at--;
	return str_from_byte(stored, at);
}
