/* [mysql] url, which may be set more than once. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "config/conf.h"
#include "load_conf.h"

#define URL(host) "url = mysql://u@" host "/d\n"
#define TEN_URLS \
	"[mysql]\n" URL("a") URL("b") URL("c") URL("d") URL("e") URL("f") \
	    URL("g") URL("h") URL("i") URL("j")

/* The TLS of each is what its own host wants. */
static void
several_databases_are_read_in_their_order(void **state)
{
	static const char text[] =
	    "[mysql]\nurl =\nurl = mysql://u:HIDDEN@localhost/d\n"
	    "url = mysql://u:other@db2:3307/d\n"
	    "url = mysql://u@db3/d?ssl-mode=REQUIRED\n";
	struct conf conf;
	char *printed;

	(void)state;
	load_good(text, (const char *const[ENV_MAX]){ NULL }, &conf);
	assert_int_equal(conf.database_count, 3);
	assert_string_equal(conf.databases[0].url.host, "localhost");
	assert_int_equal(conf.databases[0].tls, CONF_MYSQL_TLS_OFF);
	assert_string_equal(conf.databases[1].url.password, "other");
	assert_int_equal(conf.databases[1].url.port, 3307);
	assert_int_equal(conf.databases[1].tls, CONF_MYSQL_TLS_VERIFY);
	assert_int_equal(conf.databases[2].tls, CONF_MYSQL_TLS_REQUIRED);
	printed = print(&conf);
	assert_null(strstr(printed, "HIDDEN"));
	assert_non_null(
	    strstr(printed, "#url = (set, not shown)\n#url = (set, not shown)\n"
			    "#url = (set, not shown)\nurl_file"));
	assert_non_null(
	    strstr(printed, "tls = auto\n# in force: off, verify, required\n"));
	free(printed);
	conf_free(&conf);
}

/* Those of a variable replace all of the file. */
static void
databases_of_one_source_add_up_and_of_two_do_not(void **state)
{
	struct conf conf;

	(void)state;
	write_file("urls", "mysql://u@a/d\nmysql://u@b/d\n", 28);
	load_good("[mysql]\nurl_file = urls",
	    (const char *const[ENV_MAX]){ NULL }, &conf);
	assert_int_equal(conf.database_count, 2);
	conf_free(&conf);
	load_good("[mysql]\nurl_file = urls",
	    (const char *const[ENV_MAX]){
		"DATABASE_URL=mysql://u@c/d\nmysql://u@e/d\nmysql://u@f/d" },
	    &conf);
	assert_int_equal(conf.database_count, 3);
	assert_string_equal(conf.databases[0].url.host, "c");
	conf_free(&conf);
}

static const struct error_row error_rows[] = {
	// clang-format off
	{ "[mysql]\nurl_file = two", { NULL }, "t.conf:2: [mysql] url: url 2: names another database than the first url\n" },
	{ "[mysql]\nurl = mysql://u@h/d\nurl = mysql://u@i/e", { NULL }, "t.conf:3: [mysql] url: url 2: names another database than the first url\n" },
	{ "[mysql]\nurl = mysql://u@h/d\nurl = mysql://v@i/d", { NULL }, "t.conf:3: [mysql] url: url 2: names another user than the first url\n" },
	{ "[mysql]\nurl = mysql://u@h/d\nurl = mysql://u:p@h:3306/d", { NULL }, "t.conf:3: [mysql] url: url 2: names a server that an url before names\n" },
	{ "[mysql]\nurl = ftp://u@h/d\nurl = mysql://u@h/d", { NULL }, "t.conf:2: [mysql] url: url 1: the URL's scheme is unknown; use mysql:// or mariadb://\n" },
	{ "[mysql]\nurl = mysql://u@h/d\nurl =\n", { NULL }, "t.conf:3: [mysql] url: the value is empty, and others are set\n" },
	{ TEN_URLS, { NULL }, "t.conf:10: [mysql] url: url 10: only 9 are allowed\n" },
	{ "", { "DATABASE_URL=mysql://u@h/d\nmysql://u@i" }, "DATABASE_URL: url 2: the URL names no database\n" },
	{ "[mysql]\nurl = mysql://u@h/d\nurl = mysql://u@/d?socket=/s\ntls_ca=/dev/null\ntls=off", { NULL }, "t.conf:4: [mysql] tls_ca: is for tls = verify and verify-ca (auto is off for a socket and this machine)\n" },
	// clang-format on
};

static void
every_error_is_told_with_its_place(void **state)
{
	(void)state;
	write_file("two", "mysql://u:SECRET@h/d\nmysql://u:SECRET@i/e\n", 42);
	assert_errors(error_rows, COUNT(error_rows));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(several_databases_are_read_in_their_order),
		cmocka_unit_test(
		    databases_of_one_source_add_up_and_of_two_do_not),
		cmocka_unit_test(every_error_is_told_with_its_place),
	};

	return cmocka_run_group_tests(tests, enter_folder, remove_folder);
}
