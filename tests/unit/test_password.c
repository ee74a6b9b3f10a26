/* secret/password */
#include "config.h"

#include <pthread.h>
#include <string.h>

#include "check.h"
#include "secret/password.h"

/* 72 letters: all that bcrypt reads. */
#define A8 "aaaaaaaa"
#define A72 A8 A8 A8 A8 A8 A8 A8 A8 A8

/*
 * All but the last row's are of the password `correct horse`.  Origin:
 * php 8.2 password_hash(); htpasswd -B of Apache 2.4; Python's crypt module
 * (libxcrypt); the argon2 program.
 */
#define PHP_2Y "$2y$04$uE/fM4B0W1bInvU6Cn5gv.HhlYQCXGJKhkCWD1yUWSz/M4RcsCO4G"
#define PHP_2Y_10 "$2y$10$S96U8PTYhrfx8UXUX7uIvOB/eL8td22nVN3PBTLyI3vy8EUvNASSO"
#define HTPASSWD_2Y \
	"$2y$04$RCb9BLEK06qlDI0pyuiJiuplVTPUMjZnjVVcZlYcRo70C6sXOZ9Eq"
#define CRYPT_2A "$2a$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"
#define CRYPT_2B "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"
#define ID_SALT "$argon2id$v=19$m=1024,t=2,p=1$"
#define PHP_ID \
	ID_SALT "NDVZT04uZW9BUE1pNjNMZg$" \
		"hpzgQvBrJMV1kzgy4Hp7YTlgki25KNNZp6Er8AyVRME"
#define PHP_I \
	"$argon2i$v=19$m=1024,t=2,p=1$cmpXNjZEVHFiZ01vRzZrag$" \
	"a7XW7nw9m0UtpsTsRRtn95DSEKmuX3M/Qf7nk6Sy8K4"
#define PHP_ID_DEFAULT \
	"$argon2id$v=19$m=65536,t=4,p=1$SnY4VFZ6QlMydkhzcEN4aQ$" \
	"e4KkLWovcZRmq3pbzCX8FOcmyu8FORcsm2IknDkZotY"
#define PHP_ID_P4 \
	"$argon2id$v=19$m=65536,t=4,p=4$R3JxOEY4dE1QcjgyLkQxZQ$" \
	"WI7LxM0tYVSpPwZtz17+4AVmfA/5mE140+CfLMRXVAw"
#define ARGON2_ID \
	ID_SALT "c29tZXNhbHRzb21lc2FsdA$4BnlcpLz5MRq0Izs2E2zIqpIFISeK/" \
		"m9DFKmAc7uq5Y"
#define ARGON2_I_P2 \
	"$argon2i$v=19$m=1024,t=2,p=2$c29tZXNhbHRzb21lc2FsdA$48IytsVcTYJi+" \
	"Yq0DzpDlBkKO+6sl8vJPe8eWkaWfRU"
#define PHP_A72 "$2y$04$YOg8VN7TnBh9jrmW73ooR.CQ7XuZ/YUVTDIZoiLzP7TzGbQkjMzt6"

static void
every_accepted_format_knows_right_from_wrong(void **state)
{
	static const char *const rows[] = { PHP_2Y, PHP_2Y_10, HTPASSWD_2Y,
		CRYPT_2A, CRYPT_2B, PHP_ID, PHP_I, PHP_ID_DEFAULT, PHP_ID_P4,
		ARGON2_ID, ARGON2_I_P2 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str stored = str_from(rows[i]);

		assert_row(password_verify(STR("correct horse"), stored) ==
			       PASSWORD_RIGHT,
		    rows[i]);
		assert_row(password_verify(STR("correct horsf"), stored) ==
			       PASSWORD_WRONG,
		    rows[i]);
	}
	assert_int_equal(password_verify(STR(""), STR(PHP_2Y)), PASSWORD_WRONG);
	assert_int_equal(
	    password_verify(STR_NONE, STR(PHP_2Y)), PASSWORD_WRONG);
	assert_int_equal(password_verify(STR(""), STR(PHP_ID)), PASSWORD_WRONG);
}

static void
passwords_are_bytes_not_ascii(void **state)
{
	static const char stored[] =
	    "$2b$04$abcdefghijklmnopqrstuuyx2n0Zzopyr9QuYTMCfOJJOj526QVoC";

	(void)state;
	assert_int_equal(
	    password_verify(STR("p\xc3\xa4ssw\xc3\xb6rd"), str_from(stored)),
	    PASSWORD_RIGHT);
	assert_int_equal(
	    password_verify(STR("p\xe4ssw\xf6rd"), str_from(stored)),
	    PASSWORD_WRONG);
}

/* Most stored hashes get here by the column's width, a hand, or another age. */
static void
what_is_not_listed_or_not_whole_is_refused(void **state)
{
	static const char *const rows[] = {
		"",
		"correct horse", /* plain text */
		"abhfCpXqd4GrI", /* DES; crypt(3) would take `abcde` for one */
		"abcde",
		"$1$saltsalt$NuzA7WTAelpl95xgBGWN60",
		"$6$saltsalt$x",
		"$y$j9T$x$y",
		"$3$$8846f7eaee8fb117ad06bdd830b7586c",
		"*0",
		"*1",
		"$",
		"$2y$",
		"$2y$04$",
		"$2$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
		"$2Y$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
		"$2b$4$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
		"$2b$004$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
		"$2b$+4$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
		"$2b$03$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
		"$2b$17$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
		"$2b$31$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
		"$2b$99$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
		"$2b$04$abcdefghijklmnopqrst!ujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
		"$2b$04$abcdefghijklmnopqrst$ujydOTSfIH/d5oUHpsygqV5X9xJLQc6e",
		" " PHP_2Y,
		PHP_2Y " ",
		PHP_2Y "\n",
		PHP_2Y "a",
		PHP_2Y PHP_2Y,
		"{BLF-CRYPT}" PHP_2Y,
		PHP_ID " ",
		PHP_ID "=",
		PHP_ID "$",
		/* no tag; no salt; a stray bit at the end */
		ID_SALT "c29tZXNhbHRzb21lc2FsdA$",
		ID_SALT "c29tZXNhbHRzb21lc2FsdA",
		ID_SALT "$4BnlcpLz5MRq0Izs2E2zIqpIFISeK/m9DFKmAc7uq5Y",
		ID_SALT "c29tZXNhbHRzb21lc2FsdA$4BnlcpLz5MRq0Izs2E2zIqpIFISeK/"
			"m9DFKmAc7uq5Z",
		"$argon2id$v=19$",
		"$argon2id$",
		"$argon2id$$$$$$$$$$",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(password_verify(STR("correct horse"),
			       str_from(rows[i])) == PASSWORD_REFUSED,
		    rows[i]);
	assert_int_equal(password_verify(STR("x"), STR_NONE), PASSWORD_REFUSED);
	assert_int_equal(
	    password_verify(STR("x"), STR(PHP_2Y "\0")), PASSWORD_REFUSED);
}

static void
every_cut_of_a_stored_hash_is_refused(void **state)
{
	static const struct str rows[] = { STR_INIT(PHP_2Y) };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t len = 0; len < rows[i].len; len++)
			assert_int_equal(password_verify(STR("correct horse"),
					     (struct str){ rows[i].ptr, len }),
			    PASSWORD_REFUSED);
}

/* Its length is a part of what is hashed. */
static void
no_cut_of_an_argon2_tag_is_right(void **state)
{
	const struct str stored = STR(PHP_ID);

	(void)state;
	for (size_t len = 0; len < stored.len; len++)
		assert_true(
		    password_verify(STR("correct horse"),
			(struct str){ stored.ptr, len }) != PASSWORD_RIGHT);
}

static void
argon2_costs_are_bounded(void **state)
{
	static const char *const rows[] = {
		"m=1048577,t=1,p=1", /* above 1 GiB */
		"m=1048576,t=5,p=1", /* too many passes over it */
		"m=4294967295,t=4,p=1",
		"m=8,t=524289,p=1",
		"m=1024,t=2,p=17",
		"m=15,t=2,p=2", /* below 8 KiB a lane */
		"m=7,t=1,p=1",
		"m=0,t=2,p=1",
		"m=1024,t=0,p=1",
		"m=1024,t=2,p=0",
		"m=-1024,t=2,p=1",
		"m=01024,t=2,p=1",
		"m=1024,t=2,p=99999999999999999999",
		"m=1024,t=2",
		"m=1024",
		"",
		"t=2,m=1024,p=1",
		"m=1024,t=2,p=1,",
		"m=1024,t=2,p=1,data=x",
		"m= 1024,t=2,p=1",
		"m=1024,,p=1",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char stored[200] = "$argon2id$v=19$";

		strncat(stored, rows[i], 60);
		strncat(stored,
		    "$c29tZXNhbHRzb21lc2FsdA"
		    "$4BnlcpLz5MRq0Izs2E2zIqpIFISeK/m9DFKmAc7uq5Y",
		    100);
		assert_row(password_verify(STR("correct horse"),
			       str_from(stored)) == PASSWORD_REFUSED,
		    rows[i]);
	}
}

static void
bcrypt_never_accepts_what_it_would_cut(void **state)
{
	(void)state;
	assert_int_equal(
	    password_verify(STR(A72), STR(PHP_A72)), PASSWORD_RIGHT);
	assert_int_equal(
	    password_verify(STR(A72 "a"), STR(PHP_A72)), PASSWORD_WRONG);
	assert_int_equal(
	    password_verify(STR(A72 "x"), STR(PHP_A72)), PASSWORD_WRONG);
	assert_int_equal(password_verify(STR("correct horse\0"), STR(PHP_2Y)),
	    PASSWORD_WRONG);
	assert_int_equal(password_verify(STR("correct horse\0x"), STR(PHP_2Y)),
	    PASSWORD_WRONG);
}

static void
argon2_takes_no_nul_and_no_more_than_the_most(void **state)
{
	static char longest[PASSWORD_MAX + 1];
	/* of PASSWORD_MAX times `a`; php 8.2 password_hash() */
	static const struct str stored =
	    STR_INIT("$argon2id$v=19$m=1024,t=2,p=1$Nm9ma1c2b2hRaUtCcWRBcg$"
		     "Pt19gI4Uhb/4J5hICOd52NRCx+KHqhMg+NWhsnLqZIQ");

	(void)state;
	memset(longest, 'a', sizeof(longest));
	assert_int_equal(
	    password_verify((struct str){ longest, PASSWORD_MAX }, stored),
	    PASSWORD_RIGHT);
	assert_int_equal(
	    password_verify((struct str){ longest, PASSWORD_MAX + 1 }, stored),
	    PASSWORD_WRONG);
	/* `a`, NUL, `b`; likewise */
	assert_int_equal(
	    password_verify(STR("a\0b"),
		STR("$argon2id$v=19$m=1024,t=2,p=1$NHU0U0JiTTBBS0ZmZzJLMg$"
		    "mA5YeeDn+167sTj5prNWsAJEbSn6QBYvM8GNAZoVMRY")),
	    PASSWORD_WRONG);
}

static void
hexadecimal_digits_may_be_capitals(void **state)
{
	(void)state;
	assert_int_equal(password_verify(STR("correct horse"),
			     STR("3CB4E732631F47E6EB961F34554B7CDE")),
	    PASSWORD_RIGHT);
	assert_int_equal(password_verify(STR("correct horsf"),
			     STR("3CB4E732631F47E6EB961F34554B7CDE")),
	    PASSWORD_WRONG);
}

static void
strong_is_what_a_new_hash_would_not_better(void **state)
{
	static const struct strong_row {
		const char *hash;
		bool is_strong;
	} rows[] = {
		{ PHP_2Y, false },
		{ PHP_2Y_10, false },
		{ "$2y$11$abcdefghijklmnopqrstuujydOTSfIH/"
		  "d5oUHpsygqV5X9xJLQc6e",
		    false },
		{ "$2y$12$abcdefghijklmnopqrstuujydOTSfIH/"
		  "d5oUHpsygqV5X9xJLQc6e",
		    true },
		{ "$2b$13$abcdefghijklmnopqrstuujydOTSfIH/"
		  "d5oUHpsygqV5X9xJLQc6e",
		    true },
		{ "$wp$2y$12$abcdefghijklmnopqrstuujydOTSfIH/"
		  "d5oUHpsygqV5X9xJLQc6e",
		    true },
		{ "$wp" PHP_2Y_10, false },
		{ PHP_ID, false },
		{ PHP_I, false },
		{ PHP_ID_DEFAULT, true },
		{ "$P$984478476IagS59wHZvyQMArzfx58u.", false },
		{ "2c6c8ab6ba8b9c98a1939450eb4089ed", false },
		{ "correct horse", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(password_is_strong(str_from(rows[i].hash)) ==
			       rows[i].is_strong,
		    rows[i].hash);
}

static void
a_new_hash_is_phps_own_and_opens_to_its_password(void **state)
{
	char hash[PASSWORD_NEW_SIZE] = "", other[PASSWORD_NEW_SIZE] = "";

	(void)state;
	assert_true(password_new(STR("correct horse"), hash));
	assert_true(str_starts(str_from(hash), STR("$2y$12$")));
	assert_int_equal(strlen(hash), PASSWORD_NEW_SIZE - 1);
	assert_true(password_is_strong(str_from(hash)));
	assert_int_equal(password_verify(STR("correct horse"), str_from(hash)),
	    PASSWORD_RIGHT);
	assert_true(password_new(STR("correct horse"), other));
	assert_string_not_equal(hash, other); /* salted */
}

static void
no_new_hash_is_made_of_what_bcrypt_would_cut(void **state)
{
	char hash[PASSWORD_NEW_SIZE] = "";

	(void)state;
	assert_true(password_new(STR(A72), hash));
	assert_false(password_new(STR(A72 "a"), hash));
	assert_false(password_new(STR("a\0b"), hash));
}

static void *
verify_often(void *failures)
{
	for (int i = 0; i < 20; i++) {
		if (password_verify(STR("correct horse"), STR(PHP_2Y)) !=
		    PASSWORD_RIGHT)
			++*(int *)failures;
		if (password_verify(STR("wrong"), STR(PHP_ID)) !=
		    PASSWORD_WRONG)
			++*(int *)failures;
	}
	return NULL;
}

static void
threads_do_not_disturb_each_other(void **state)
{
	pthread_t threads[4];
	int failures[COUNT(threads)] = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, verify_often,
				     &failures[i]),
		    0);
	for (size_t i = 0; i < COUNT(threads); i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(failures[i], 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_accepted_format_knows_right_from_wrong),
		cmocka_unit_test(passwords_are_bytes_not_ascii),
		cmocka_unit_test(what_is_not_listed_or_not_whole_is_refused),
		cmocka_unit_test(every_cut_of_a_stored_hash_is_refused),
		cmocka_unit_test(no_cut_of_an_argon2_tag_is_right),
		cmocka_unit_test(argon2_costs_are_bounded),
		cmocka_unit_test(bcrypt_never_accepts_what_it_would_cut),
		cmocka_unit_test(argon2_takes_no_nul_and_no_more_than_the_most),
		cmocka_unit_test(hexadecimal_digits_may_be_capitals),
		cmocka_unit_test(strong_is_what_a_new_hash_would_not_better),
		cmocka_unit_test(
		    a_new_hash_is_phps_own_and_opens_to_its_password),
		cmocka_unit_test(no_new_hash_is_made_of_what_bcrypt_would_cut),
		cmocka_unit_test(threads_do_not_disturb_each_other),
	};

	return cmocka_run_group_tests_name("password", tests, NULL, NULL);
}
