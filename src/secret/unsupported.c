/* The table of formats that are recognised but not supported. */
#include "config.h"

#include "secret/format.h"

static const struct unsupported_row {
	struct str prefix;
	size_t len; /* length of the stored hash; 0: any */
	const char *name;
} rows[] = {
	{ STR_INIT("*2"), 41, "mysql_password" },
	{ STR_INIT("*"), 0, "locked" },
	{ STR_INIT("!"), 0, "locked" },
	{ STR_INIT("$1$"), 0, "md5crypt" },
	{ STR_INIT("$apr1$"), 0, "apr1" },
	{ STR_INIT("$sha1$"), 0, "sha1crypt" },
	{ STR_INIT("$md5"), 0, "sunmd5" },
	{ STR_INIT("$3$"), 0, "nt" },
	{ STR_INIT("_"), 20, "bsdicrypt" },
	{ STR_INIT("{"), 0, "ldap_scheme" },
	{ STR_INIT("$CP$"), 0, "phpbb_combined" },
	{ STR_INIT(":pbkdf2-legacy"), 0, "mediawiki_layered" },
	{ STR_INIT("sha1$"), 0, "django_sha1" },
	{ STR_INIT("md5$"), 0, "django_md5" },
	{ STR_INIT("$wp$"), 0, "wordpress_beyond_bounds" },
	{ STR_INIT("$2"), 0, "bcrypt_beyond_bounds" },
	{ STR_INIT("$argon2"), 0, "argon2_beyond_bounds" },
	{ STR_INIT("$y$"), 0, "yescrypt_beyond_bounds" },
	{ STR_INIT("$gy$"), 0, "yescrypt_beyond_bounds" },
	{ STR_INIT("$7$"), 0, "scrypt_beyond_bounds" },
	{ STR_INIT("$6$"), 0, "sha512crypt_beyond_bounds" },
	{ STR_INIT("$5$"), 0, "sha256crypt_beyond_bounds" },
	{ STR_INIT("$P$"), 0, "phpass_beyond_bounds" },
	{ STR_INIT("$H$"), 0, "phpass_beyond_bounds" },
	{ STR_INIT("$S$"), 0, "drupal_beyond_bounds" },
	{ STR_INIT("U$"), 0, "drupal_beyond_bounds" },
	{ STR_INIT("pbkdf2_"), 0, "django_beyond_bounds" },
	{ STR_INIT("bcrypt"), 0, "django_beyond_bounds" },
	{ STR_INIT("argon2$"), 0, "django_beyond_bounds" },
	{ STR_INIT("scrypt$"), 0, "django_beyond_bounds" },
	{ STR_INIT("pbkdf2:"), 0, "werkzeug_beyond_bounds" },
	{ STR_INIT("scrypt:"), 0, "werkzeug_beyond_bounds" },
	{ STR_INIT("$pbkdf2"), 0, "pbkdf2_beyond_bounds" },
	{ STR_INIT(":"), 0, "mediawiki_beyond_bounds" },
};

#define DES_LEN 13

const char *
password_unsupported(struct str stored)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_starts(stored, rows[i].prefix) &&
		    (rows[i].len == 0 || rows[i].len == stored.len))
			return rows[i].name;
	if (stored.len == DES_LEN && str_only(stored, FORMAT_ITOA64))
		return "des";
	return "unknown";
}
