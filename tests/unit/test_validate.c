/* config/validate, config/effective: contradictions, and the cookie's names. */
#include "config.h"

#include <string.h>

#include "check.h"
#include "config/conf.h"
#include "load_conf.h"

/* A [cookie] section or another that is refused, and the key in line 2. */
static const struct clash_row {
	const char *text, *words;
} clash_rows[] = {
	// clang-format off
	{ "[cookie]\nsamesite=None\nsecure=off", "samesite: None needs secure" },
	{ "[cookie]\ndomain=example.org\nname=__Host-A", "domain: a cookie whose name begins with __Host-" },
	{ "[cookie]\npath=/a\nname=__host-A", "path: a cookie whose name begins with __Host-" },
	{ "[cookie]\nsecure=off\nname=__Host-A", "secure: a cookie whose name begins with __Host-" },
	{ "[cookie]\nsecure=off\nname=__Secure-A", "secure: a cookie whose name begins with __Secure-" },
	{ "[cookie]\nname=a b", "name: holds a character" },
	{ "[cookie]\nname=a=b", "name: holds a character" },
	{ "[cookie]\nname=a;b", "name: holds a character" },
	{ "[cookie]\nname=\xc3\xa4", "name: holds a character" },
	{ "[cookie]\npath=", "path: begins with /" },
	{ "[cookie]\npath=a", "path: begins with /" },
	{ "[cookie]\npath=/;a", "path: begins with /" },
	{ "[cookie]\npath=/\xc3\xa4", "path: begins with /" },
	{ "[cookie]\ndomain=a;b", "domain: is no host name" },
	{ "[server]\nmount=/", "mount: is empty, or begins" },
	{ "[server]\nmount=a", "mount: is empty, or begins" },
	{ "[server]\nmount=/a/", "mount: is empty, or begins" },
	{ "[server]\nmount=/a//b", "mount: is empty, or begins" },
	{ "[server]\nmount=/a/../b", "mount: is empty, or begins" },
	{ "[server]\nmount=/a # b", "mount: is empty, or begins" },
	{ "[mysql]\nuser_by_login=", "user_by_login: a statement is needed" },
	{ "[mysql]\nuser_by_id=", "user_by_id: a statement is needed" },
	{ "[gate]\nrule=/a role x",
	    "rule: a role needs [mysql] user_state, which says who has it" },
	{ "[log]\ntarget=file:x", "target: is not auto, stderr, syslog or" },
	{ "[log]\naudit=file:x", "audit: is not same, syslog or file:/PATH" },
	{ "[log]\naudit=stderr", "audit: is not same, syslog or file:/PATH" },
	{ "[login]\nrehash=on", "rehash: on needs [mysql] password_update" },
	{ "[login]\nformats=argon2\n[mysql]\npassword_update="
	  "UPDATE u SET h = :hash WHERE id = :id",
	    "formats: bcrypt is what [mysql] password_update writes" },
	{ "[login]\nfloor=3s", "floor: does not fit into [server] deadline" },
	{ "[login]\nformats=", "formats: \"\" is no list of bcrypt, argon2," },
	{ "[login]\nformats=bcrypt,", "formats: \"bcrypt,\" is no list of" },
	{ "[login]\nformats=bcrypt, des", "mybb and opencart" },
	{ "[cache]\nmemory=65535", "is 0, or at least 64K" },
	{ "[gate]\nlogin_url=login", "login_url: is a path that begins with one /" },
	{ "[gate]\nlogin_url=//example.org/", "login_url: is a path" },
	{ "[gate]\nlogin_url=/\\example.org/", "login_url: is a path" },
	{ "[gate]\nlogin_url=ftp://example.org/", "login_url: is a path" },
	{ "[gate]\nlogin_url=javascript:x", "login_url: is a path" },
	{ "[gate]\nlogin_url=/login#a", "login_url: is a path" },
	{ "[gate]\nlogin_url=/log in", "login_url: is a path" },
	{ "[gate]\nlogin_url=/\xc3\xa4", "login_url: is a path" },
	{ "[log]\ntarget=file:log", "target: is not auto" },
	{ "[server]\nworkers=17", "[mysql] connections 8 and [login] hash_threads 2 leave fewer than 8 of [server] workers 17" },
	{ "[mysql]\nconnections=23\n[server]\nworkers=32", "[mysql] connections 23" },
	{ "[login]\nhash_threads=17\n[server]\nworkers=32", "[login] hash_threads 17" },
	// clang-format on
};

static void
contradictions_are_refused_at_the_key_that_made_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(clash_rows); i++) {
		const struct clash_row *row = &clash_rows[i];
		struct conf conf;
		char *printed;

		if (load(row->text, only_db, &conf, &printed))
			fail_msg("%s is taken", row->text);
		assert_int_equal(strncmp(printed, "t.conf:2: [", 11), 0);
		if (strstr(printed, row->words) == NULL)
			fail_msg("%s: %s", row->text, printed);
		assert_ptr_equal(
		    strchr(printed, '\n') + 1, strchr(printed, '\0'));
		free(printed);
	}
}

static void
settings_that_only_look_contradictory_are_taken(void **state)
{
	static const char *const texts[] = { "[cookie]\nsamesite=None",
		"[cookie]\nname=__Host-A",
		"[cookie]\nname=__Secure-A\ndomain=.example.org\npath=/a",
		"[cookie]\nname=__Host-A\n[session]\nkey=plain",
		"[server]\nworkers=18", "[server]\nmount=/a/b-c_d.e~f",
		"[log]\ntarget=file:/var/log/sessgate.log",
		"[gate]\nlogin_url=", "[gate]\nlogin_url=/",
		"[gate]\nlogin_url=/login?a=b&c=%20",
		"[gate]\nlogin_url=https://login.example.org/in",
		"[gate]\nlogin_url=HTTP://[::1]:8080/in",
		"[mysql]\nconnections=22", "[cache]\nmemory=0",
		"[cache]\nmemory=64K" };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct conf conf;

		load_good(texts[i], only_db, &conf);
		conf_free(&conf);
	}
}

#define HOST "__Host-SESSION-TOKEN"
#define BARE "SESSION-TOKEN"

static const struct cookie_row {
	const char *text, *name, *other;
} cookie_rows[] = {
	{ "", HOST, NULL },
	{ "[cookie]\ncompat=on", HOST, BARE },
	{ "[cookie]\ncompat=off", HOST, NULL },
	{ "[cookie]\nsecure=off", BARE, NULL },
	{ "[cookie]\nsecure=off\ncompat=on", BARE, HOST },
	{ "[cookie]\ndomain=example.org", BARE, NULL },
	{ "[cookie]\npath=/shop", BARE, NULL },
	{ "[session]\nkey=plain", BARE, HOST },
	{ "[session]\nkey=migrate", BARE, HOST },
	{ "[session]\nkey=plain\n[cookie]\ncompat=off", BARE, NULL },
	{ "[session]\nkey=plain\n[cookie]\nsecure=off", BARE, HOST },
	{ "[cookie]\nname=A", "A", NULL },
	{ "[cookie]\nname=A\ncompat=on", "A", "__Host-A" },
	{ "[cookie]\nname=__Host-A\ncompat=on", "__Host-A", "A" },
	{ "[session]\nkey=plain\n[cookie]\nname=__Host-A", "__Host-A", "A" },
};

static void
the_cookie_has_the_name_that_its_settings_allow(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cookie_rows); i++) {
		const struct cookie_row *row = &cookie_rows[i];
		struct conf conf;

		load_good(row->text, only_db, &conf);
		assert_string_equal(conf.effective.cookie_name, row->name);
		if (row->other == NULL)
			assert_null(conf.effective.cookie_other);
		else
			assert_string_equal(
			    conf.effective.cookie_other, row->other);
		conf_free(&conf);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    contradictions_are_refused_at_the_key_that_made_them),
		cmocka_unit_test(
		    settings_that_only_look_contradictory_are_taken),
		cmocka_unit_test(
		    the_cookie_has_the_name_that_its_settings_allow),
	};

	return cmocka_run_group_tests(tests, enter_folder, remove_folder);
}
