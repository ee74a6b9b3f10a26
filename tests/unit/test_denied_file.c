/* config/denied_file: [login] password_denied */
#include "config.h"

#include "check.h"
#include "config/conf.h"
#include "load_conf.h"

#define FILE_IN "[login]\npassword_denied = denied"

static void
passwords_stand_one_a_line(void **state)
{
	static const char text[] =
	    "password\nQWERTY123\r\n\n#1 fan\n b\xc3\xa4r \nzz";
	static const struct {
		const char *password;
		bool is_denied;
	} rows[] = {
		{ "password", true },
		{ "PassWord", true },
		{ "qwerty123", true },
		{ "#1 fan", true },
		{ " b\xc3\xa4r ", true },
		{ "zz", true },
		{ "passwor", false },
		{ "password1", false },
		{ "qwerty123\r", false },
		{ "b\xc3\xa4r", false },
		{ "z", false },
		{ "zzz", false },
		{ "", false },
	};
	struct conf conf;

	(void)state;
	write_file("denied", text, sizeof(text) - 1);
	load_good(FILE_IN, only_db, &conf);
	assert_int_equal(conf.denied.count, 5);
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(denied_file_has(&conf.denied,
			       str_from(rows[i].password)) == rows[i].is_denied,
		    rows[i].password);
	conf_free(&conf);
}

static void
without_a_file_none_is_denied(void **state)
{
	struct conf conf;

	(void)state;
	load_good("", only_db, &conf);
	assert_false(denied_file_has(&conf.denied, STR("password")));
	conf_free(&conf);
}

static void
a_file_that_denies_nothing_is_a_mistake(void **state)
{
	static const struct {
		const char *conf, *words;
	} rows[] = {
		{ FILE_IN, "t.conf:2: [login] password_denied: denied: no "
			   "password in it\n" },
		{ "[login]\npassword_denied = nowhere",
		    "nowhere: No such file or directory\n" },
		{ "[login]\npassword_denied = .", ".: " },
	};

	(void)state;
	write_file("denied", "\n\r\n", 3);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct conf conf;
		char *printed;

		assert_row(!load(rows[i].conf, only_db, &conf, &printed),
		    rows[i].conf);
		assert_row(strstr(printed, rows[i].words) != NULL, printed);
		free(printed);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passwords_stand_one_a_line),
		cmocka_unit_test(without_a_file_none_is_denied),
		cmocka_unit_test(a_file_that_denies_nothing_is_a_mistake),
	};

	return cmocka_run_group_tests(tests, enter_folder, remove_folder);
}
