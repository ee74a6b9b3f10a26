/* secret/password: which format a stored hash has */
#include "config.h"

#include <string.h>

#include "check.h"
#include "secret/password.h"

/* 72 letters: all that bcrypt reads. */
#define A8 "aaaaaaaa"
#define A72 A8 A8 A8 A8 A8 A8 A8 A8 A8

#define PHP_2Y "$2y$04$uE/fM4B0W1bInvU6Cn5gv.HhlYQCXGJKhkCWD1yUWSz/M4RcsCO4G"
#define CRYPT_2A "$2a$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"
#define CRYPT_2B "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"
#define ID_SALT "$argon2id$v=19$m=1024,t=2,p=1$"
#define PHP_ID \
	ID_SALT "NDVZT04uZW9BUE1pNjNMZg$" \
		"hpzgQvBrJMV1kzgy4Hp7YTlgki25KNNZp6Er8AyVRME"
#define PHP_I \
	"$argon2i$v=19$m=1024,t=2,p=1$cmpXNjZEVHFiZ01vRzZrag$" \
	"a7XW7nw9m0UtpsTsRRtn95DSEKmuX3M/Qf7nk6Sy8K4"

static void
families_are_told_by_their_marks(void **state)
{
	static const struct family_row {
		enum password_family family;
		const char *form;
	} rows[] = {
		{ PASSWORD_BCRYPT, PHP_2Y },
		{ PASSWORD_BCRYPT, CRYPT_2A },
		{ PASSWORD_BCRYPT, CRYPT_2B },
		{ PASSWORD_ARGON2, PHP_ID },
		{ PASSWORD_ARGON2, PHP_I },
		{ PASSWORD_YESCRYPT,
		    "$y$j9T$abcdefghijklmnopqrstu.$AAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		    "AAAAAAAAAAAAAAA" },
		{ PASSWORD_SCRYPT,
		    "$7$C6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9Y"
		    "DtcDdKvEqHJLV8D" },
		{ PASSWORD_SHA256_CRYPT,
		    "$5$saltsalt$myjXcpMpE2Ofk7fj9hqyNYSn6lmWG4Mqnjx.KIRRr4/" },
		{ PASSWORD_WORDPRESS, "$wp" PHP_2Y },
		{ PASSWORD_WORDPRESS, "$P$984478476IagS59wHZvyQMArzfx58u." },
		{ PASSWORD_PHPBB, "$H$9saltstriSUQTD.yC2WigjF8RU0Q.Z." },
		{ PASSWORD_DRUPAL,
		    "$S$DXZrp425p2VN9LXpDWxiBeqSZSPexyZNNPUo80fTTN2e/W15a97G" },
		{ PASSWORD_DJANGO,
		    "pbkdf2_sha256$1$x$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		    "AAAA=" },
		{ PASSWORD_BCRYPT, "1|" PHP_2Y },
		{ PASSWORD_ARGON2, "3|" PHP_ID },
		{ PASSWORD_WORDPRESS, "wordpress:" PHP_2Y },
		{ PASSWORD_PHPBB, "phpbb:" PHP_2Y },
		{ PASSWORD_DRUPAL,
		    "U$S$DXZrp425p2VN9LXpDWxiBeqSZSPexyZNNPUo80fTTN2e/"
		    "W15a97G" },
		{ PASSWORD_DRUPAL, "U$P$984478476IagS59wHZvyQMArzfx58u." },
		{ PASSWORD_DJANGO, "bcrypt_sha256$" PHP_2Y },
		{ PASSWORD_DJANGO, "argon2" PHP_ID },
		{ PASSWORD_MEDIAWIKI, ":argon2:" PHP_ID },
		{ PASSWORD_MEDIAWIKI_MD5,
		    ":A:2c6c8ab6ba8b9c98a1939450eb4089ed" },
		{ PASSWORD_JOOMLA, "2c6c8ab6ba8b9c98a1939450eb4089ed:salt" },
		{ PASSWORD_MD5, "2c6c8ab6ba8b9c98a1939450eb4089ed" },
		{ PASSWORD_MD5, "2C6C8AB6BA8B9C98A1939450EB4089ED" },
		{ PASSWORD_SHA1, "2f9e53523b62abc141a2b4d6019d23cba835dbd0" },
		{ PASSWORD_FAMILIES, "correct horse" },
		{ PASSWORD_FAMILIES, "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(password_family_of(str_from(rows[i].form)) ==
			       rows[i].family,
		    rows[i].form);
	assert_int_equal(password_family_of(STR_NONE), PASSWORD_FAMILIES);
}

static void
formats_that_are_not_supported_have_names(void **state)
{
	static const struct name_row {
		const char *stored, *name;
	} rows[] = {
		{ "abhfCpXqd4GrI", "des" },
		{ "$1$saltsalt$NuzA7WTAelpl95xgBGWN60", "md5crypt" },
		{ "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19",
		    "mysql_password" },
		{ "!", "locked" },
		{ "{SSHA}xyz", "ldap_scheme" },
		{ "$2y$31$abcdefghijklmnopqrstuu", "bcrypt_beyond_bounds" },
		{ "correct horse", "unknown" },
		{ "", "unknown" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(
		    password_unsupported(str_from(rows[i].stored)),
		    rows[i].name);
}

static void
passwords_beyond_what_bcrypt_reads_are_told(void **state)
{
	(void)state;
	assert_true(password_is_beyond_bcrypt(STR(A72 "a"), STR(PHP_2Y)));
	assert_true(password_is_beyond_bcrypt(STR(A72 "a"), STR("1|" PHP_2Y)));
	assert_false(password_is_beyond_bcrypt(STR(A72), STR(PHP_2Y)));
	assert_false(password_is_beyond_bcrypt(STR(A72 "a"), STR(PHP_ID)));
	assert_false(password_is_beyond_bcrypt(
	    STR(A72 "a"), STR("bcrypt_sha256$" PHP_2Y)));
	assert_false(password_is_beyond_bcrypt(STR(A72 "a"), STR("x")));
}

static void
what_its_product_prepares_is_not_renewed(void **state)
{
	static const struct renew_row {
		const char *password, *stored;
		bool may;
	} rows[] = {
		{ "correct horse", PHP_2Y, true },
		{ "correct horse", "1|" PHP_2Y, true },
		{ "correct horse", "2c6c8ab6ba8b9c98a1939450eb4089ed", true },
		{ "correct horse", "$H$9saltstriSUQTD.yC2WigjF8RU0Q.Z.", true },
		{ "a&b", "$H$9saltstriSUQTD.yC2WigjF8RU0Q.Z.", false },
		{ " a ", "$P$984478476IagS59wHZvyQMArzfx58u.", false },
		{ "a", "$P$984478476IagS59wHZvyQMArzfx58u.", true },
		{ "correct horse", "bcrypt_sha256$" PHP_2Y, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(password_may_renew(str_from(rows[i].password),
			       str_from(rows[i].stored)) == rows[i].may,
		    rows[i].stored);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(families_are_told_by_their_marks),
		cmocka_unit_test(formats_that_are_not_supported_have_names),
		cmocka_unit_test(what_its_product_prepares_is_not_renewed),
		cmocka_unit_test(passwords_beyond_what_bcrypt_reads_are_told),
	};

	return cmocka_run_group_tests_name("formats", tests, NULL, NULL);
}
