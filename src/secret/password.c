/*
 * Password formats, a row each, and what is done with any of them.  Knows
 * nothing of users or pools.
 */
#include "config.h"

#include <pthread.h>
#include <string.h>

#include <argon2.h>

#include "base/clock.h"
#include "secret/argon.h"
#include "secret/dearest.h"
#include "secret/django.h"
#include "secret/format.h"
#include "secret/hexdigest.h"
#include "secret/password.h"
#include "secret/phpass.h"
#include "secret/unixcrypt.h"
#include "secret/wordpress.h"

/*
 * The bounds are about 3 s of processor time: beyond it no login could end
 * well within [server] deadline.  In the unit of the row's read_cost.
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
#define PHPASS_ROUNDS_MIN (1 << 7) /* as phpass itself */
#define PHPASS_ROUNDS_MAX (1 << 22)
#define PHPASS_WORK_MAX (INT64_C(1) << 30)
#define DRUPAL_ROUNDS_MAX (1 << 21)
#define DRUPAL_PASSWORD_MAX 512 /* as Drupal itself */
#define PBKDF2_ROUNDS_MAX 10000000

#define BCRYPT_ROW(text) \
	{ \
		.family = PASSWORD_BCRYPT, .prefix = STR_INIT(text), \
		.read_cost = unixcrypt_cost_bcrypt, \
		.verify = unixcrypt_verify, .cost_min = BCRYPT_COST_MIN, \
		.cost_max = BCRYPT_COST_MAX, .cost_strong = BCRYPT_COST_NEW, \
		.password_max = UNIXCRYPT_BCRYPT_READS, .digest_len = 31 \
	}
#define ARGON2_ROW(text, strong, type) \
	{ \
		.family = PASSWORD_ARGON2, .prefix = STR_INIT(text), \
		.read_cost = argon_cost, .verify = argon_verify, \
		.cost_min = ARGON2_WORK_MIN, .cost_max = ARGON2_WORK_MAX, \
		.cost_strong = strong, .password_max = PASSWORD_MAX, \
		.digest_len = 43, .variant = type \
	}
#define SCRYPT_ROW(family_, text, reader, max) \
	{ \
		.family = family_, .prefix = STR_INIT(text), \
		.read_cost = reader, .verify = unixcrypt_verify, \
		.cost_min = SCRYPT_COST_MIN, .cost_max = max, \
		.password_max = UNIXCRYPT_PASSWORD_MAX, .digest_len = 43 \
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

/* Anything that has no row is refused. */
static const struct format formats[] = {
	BCRYPT_ROW("$2y$"),
	BCRYPT_ROW("$2a$"),
	BCRYPT_ROW("$2b$"),
	ARGON2_ROW("$argon2id$", ARGON2_WORK_STRONG, Argon2_id),
	ARGON2_ROW("$argon2i$", 0, Argon2_i),
	SCRYPT_ROW(PASSWORD_YESCRYPT, "$y$", unixcrypt_cost_yescrypt,
	    YESCRYPT_COST_MAX),
	SCRYPT_ROW(
	    PASSWORD_SCRYPT, "$7$", unixcrypt_cost_scrypt, SCRYPT_COST_MAX),
	SHA_ROW(PASSWORD_SHA512_CRYPT, "$6$", 86),
	SHA_ROW(PASSWORD_SHA256_CRYPT, "$5$", 43),
	{ .family = PASSWORD_WORDPRESS,
	    .prefix = STR_INIT("$wp$2y$"),
	    .read_cost = wordpress_cost,
	    .verify = wordpress_verify,
	    .cost_min = BCRYPT_COST_MIN,
	    .cost_max = BCRYPT_COST_MAX - 1, /* it may run twice */
	    .cost_strong = BCRYPT_COST_NEW,
	    .password_max = PASSWORD_MAX,
	    .digest_len = 31,
	    .variant = WORDPRESS_BCRYPT },
	{ .family = PASSWORD_WORDPRESS,
	    .prefix = STR_INIT("$P$"),
	    .read_cost = wordpress_cost,
	    .verify = wordpress_verify,
	    .cost_min = PHPASS_ROUNDS_MIN,
	    .cost_max = PHPASS_ROUNDS_MAX / 2,
	    .password_max = PASSWORD_MAX,
	    .work_max = PHPASS_WORK_MAX / 2,
	    .digest_len = 22,
	    .variant = WORDPRESS_PHPASS },
	{ .family = PASSWORD_PHPBB,
	    .prefix = STR_INIT("$H$"),
	    .read_cost = phpass_cost,
	    .verify = phpass_verify,
	    .cost_min = PHPASS_ROUNDS_MIN,
	    .cost_max = PHPASS_ROUNDS_MAX,
	    .password_max = PASSWORD_MAX,
	    .work_max = PHPASS_WORK_MAX,
	    .digest_len = 22,
	    .variant = PHPASS_MD5 },
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
	{ .family = PASSWORD_DJANGO,
	    .prefix = STR_INIT("pbkdf2_sha256$"),
	    .read_cost = django_cost,
	    .verify = django_verify,
	    .cost_min = 1,
	    .cost_max = PBKDF2_ROUNDS_MAX,
	    .password_max = PASSWORD_MAX,
	    .digest_len = 44 },
	HEX_ROW(PASSWORD_MD5, 32, HEXDIGEST_MD5),
	HEX_ROW(PASSWORD_SHA1, 40, HEXDIGEST_SHA1),
	HEX_ROW(PASSWORD_SHA256, 64, HEXDIGEST_SHA256),
	HEX_ROW(PASSWORD_SHA512, 128, HEXDIGEST_SHA512),
};

/*
 * Of bcrypt at cost 10: the low two bits of its last character, which bcrypt
 * leaves 0, are not, so that no password matches.
 */
#define DUMMY "$2y$10$sessgatedummysaltsess.NobodyKnowsWhatThisIsTheHashOf/"

int
format_digit(char c)
{
	static const char itoa64[] = FORMAT_ITOA64;
	const char *at = c != '\0' ? strchr(itoa64, c) : NULL;

	return at != NULL ? (int)(at - itoa64) : -1;
}

static const struct format *
find_format(struct str stored, int64_t *cost)
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

static size_t
longest_password(const struct format *format, int64_t cost)
{
	int64_t longest = (int64_t)format->password_max;

	if (format->work_max > 0 && format->work_max / cost < longest)
		longest = format->work_max / cost;
	return (size_t)longest;
}

/* What cannot be right is computed all the same, as far as it would be. */
static enum password_verdict
judge(const struct format *format, int64_t cost, struct str password,
    struct str stored)
{
	size_t longest = longest_password(format, cost);
	bool is_possible =
	    password.len <= longest && !str_has_char(password, '\0');
	enum password_verdict verdict;

	if (password.len > longest)
		password.len = longest;
	verdict = format->verify(format, password, stored);
	if (verdict == PASSWORD_RIGHT && !is_possible)
		verdict = PASSWORD_WRONG;
	return verdict;
}

enum password_family
password_family_of(struct str stored)
{
	int64_t cost;
	const struct format *format = find_format(stored, &cost);

	return format != NULL ? format->family : PASSWORD_FAMILIES;
}

enum password_verdict
password_verify(struct str password, struct str stored)
{
	int64_t cost, started_us = clock_us();
	const struct format *format = find_format(stored, &cost);
	enum password_verdict verdict;

	if (format == NULL)
		return PASSWORD_REFUSED;
	verdict = judge(format, cost, password, stored);
	if (verdict == PASSWORD_WRONG || verdict == PASSWORD_RIGHT)
		dearest_note(format, cost, stored, clock_us() - started_us);
	return verdict;
}

static int64_t dummy_us;

static void
measure_dummy(void)
{
	int64_t started_us = clock_us();

	(void)judge(&formats[0], 10, STR("x"), STR(DUMMY));
	dummy_us = clock_us() - started_us;
}

int64_t
password_dearest_us(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct dearest dearest;

	pthread_once(&once, measure_dummy);
	if (dearest_find(&dearest) && dearest.us > dummy_us)
		return dearest.us;
	return dummy_us;
}

void
password_spend(struct str password)
{
	struct dearest dearest;

	if (dearest_find(&dearest))
		(void)judge(dearest.format, dearest.cost, password,
		    (struct str){ dearest.form, dearest.len });
	else
		(void)judge(&formats[0], 10, password, STR(DUMMY));
}

bool
password_is_strong(struct str stored)
{
	int64_t cost;
	const struct format *format = find_format(stored, &cost);

	return format != NULL && format->cost_strong > 0 &&
	       cost >= format->cost_strong;
}

bool
password_new(struct str password, char form[PASSWORD_NEW_SIZE])
{
	return unixcrypt_new_bcrypt(password, BCRYPT_COST_NEW, form);
}
