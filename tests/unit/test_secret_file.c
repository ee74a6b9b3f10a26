/* config/secret_file: [session] secret_file, and who may read it */
#include "config.h"

#include <sys/stat.h>

#include "check.h"
#include "config/conf.h"
#include "load_conf.h"

#define A "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define B "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
#define FILE_IN "[session]\nsecret_file = keys"

static void
secrets_stand_one_a_line(void **state)
{
	static const char text[] = "# the newest\n" A "\n\n  " B "\t\n#" A;
	struct conf conf;

	(void)state;
	write_file("keys", text, sizeof(text) - 1);
	load_good(FILE_IN, only_db, &conf);
	assert_int_equal(conf.secrets.count, 2);
	assert_str(conf.secrets.secrets[0], A);
	assert_str(conf.secrets.secrets[1], B);
	conf_free(&conf);
	load_good("", only_db, &conf);
	assert_int_equal(conf.secrets.count, 0);
	conf_free(&conf);
}

static void
what_is_no_secret_is_refused_and_not_shown(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
		{ "", "keys: no secret in it\n" },
		{ "\n# " A "\n", "keys: no secret in it\n" },
		{ A "\nSECRET", "keys: a secret has fewer than 32 characters" },
		{ A "\r\n", "keys: a line holds a control character\n" },
		{ A "\n" A "\n" A "\n" A "\n" A "\n" A "\n" A "\n" A "\n" A,
		    "keys: more than 8 secrets\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct conf conf;
		char *printed;

		write_file("keys", rows[i].text, strlen(rows[i].text));
		assert_row(
		    !load(FILE_IN, only_db, &conf, &printed), rows[i].text);
		assert_row(strstr(printed, rows[i].words) != NULL, printed);
		assert_int_equal(
		    strncmp(printed, "t.conf:2: [session] secret_file: ", 33),
		    0);
		assert_null(strstr(printed, "SECRET"));
		free(printed);
	}
}

static void
a_file_that_is_not_there_or_too_long_is_refused(void **state)
{
	static char text[SECRET_FILE_MAX];
	struct conf conf;
	char *printed;

	(void)state;
	assert_false(
	    load("[session]\nsecret_file = nowhere", only_db, &conf, &printed));
	assert_non_null(
	    strstr(printed, "nowhere: No such file or directory\n"));
	free(printed);
	memset(text, 'a', sizeof(text));
	write_file("keys", text, sizeof(text));
	assert_false(load(FILE_IN, only_db, &conf, &printed));
	assert_non_null(strstr(printed, "keys: File too large\n"));
	free(printed);
	write_file("keys", text, sizeof(text) - 1);
	load_good(FILE_IN, only_db, &conf);
	conf_free(&conf);
}

/* One's own group may read it: root's file, 0640, of the program's group. */
static void
who_else_may_read_it_is_warned_of(void **state)
{
	static const struct {
		mode_t mode;
		int warnings;
	} rows[] = { { 0400, 0 }, { 0600, 0 }, { 0640, 0 }, { 0644, 1 },
		{ 0604, 1 } };
	struct conf_source source = { .file = "t.conf" };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct conf_all all = { .site_count = 0 };
		char *printed;
		size_t len;
		FILE *out = open_memstream(&printed, &len);

		remove("keys");
		write_file("keys", A, sizeof(A) - 1);
		assert_int_equal(chmod("keys", rows[i].mode), 0);
		load_good(
		    FILE_IN "\n[cookie]\ncompat=off", only_db, &all.common);
		assert_int_equal(conf_warn(&all, &source, "sessgate", out),
		    rows[i].warnings);
		fclose(out);
		assert_true((strstr(printed, "others may read keys (mode 06") !=
				NULL) == (rows[i].warnings == 1));
		free(printed);
		conf_free(&all.common);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secrets_stand_one_a_line),
		cmocka_unit_test(what_is_no_secret_is_refused_and_not_shown),
		cmocka_unit_test(
		    a_file_that_is_not_there_or_too_long_is_refused),
		cmocka_unit_test(who_else_may_read_it_is_warned_of),
	};

	return cmocka_run_group_tests(tests, enter_folder, remove_folder);
}
