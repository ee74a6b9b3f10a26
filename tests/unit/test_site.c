/* config/site: the sections of sites, and what keeps sites apart. */
#include "config.h"

#include <string.h>

#include "check.h"
#include "config/setting.h"
#include "load_conf.h"

/* Two sites of one database; a and b differ in nothing but the prefix. */
#define TWO \
	"[site \"a\"]\nredis.key_prefix = a:\n" \
	"[site \"b\"]\nredis.key_prefix = b:\n"

static void
load_sites(const char *text, const char *const *variables, struct conf_all *all)
{
	char *printed;

	if (!load_all(text, variables, all, &printed))
		fail_msg("%s", printed);
	assert_string_equal(printed, "");
	free(printed);
}

static void
without_sections_all_is_one_site(void **state)
{
	struct conf_all all;

	(void)state;
	load_sites("[session]\nlife = 1d\n", only_db, &all);
	assert_int_equal(conf_count(&all), 1);
	assert_ptr_equal(conf_at(&all, 0), &all.common);
	assert_null(all.common.site);
	assert_int_equal(conf_find_site(&all, STR("")), -1);
	conf_all_free(&all);
}

static void
a_site_takes_from_all_what_it_does_not_set(void **state)
{
	static const char text[] =
	    "[site \"shop\"]\n"
	    "cookie.name = __Host-SHOP\n"
	    "redis.key_prefix = shop:\n"
	    "mysql.user_by_login = SELECT :login\n"
	    "session.life = 2d\n"
	    "cookie.samesite = Strict\n"
	    "[session]\nlife = 12h\nexpired_status = 401\n"
	    "[ops]\naccess = 127.0.0.1, 10.0.0.0/8\n"
	    "[site \"for-um\"]\n"
	    "redis.key_prefix = forum:\n"
	    "server.mount = /gate\n"
	    "[server]\nworkers = 64\n"
	    "[site \"shop\"]\n" /* a section may go on, like any other */
	    "login.formats = bcrypt\n";
	const struct conf *shop, *forum;
	struct conf_all all;

	(void)state;
	load_sites(text, only_db, &all);
	assert_int_equal(conf_count(&all), 2);
	assert_int_equal(conf_find_site(&all, STR("shop")), 0);
	assert_int_equal(conf_find_site(&all, STR("for-um")), 1);
	assert_int_equal(conf_find_site(&all, STR("Shop")), -1);
	assert_int_equal(conf_find_site(&all, STR_NONE), -1);
	shop = conf_at(&all, 0);
	forum = conf_at(&all, 1);
	assert_string_equal(shop->site, "shop");
	assert_string_equal(shop->effective.cookie_name, "__Host-SHOP");
	assert_string_equal(
	    forum->effective.cookie_name, "__Host-SESSION-TOKEN");
	assert_int_equal(shop->session_life_ms, 2 * 86400000);
	assert_int_equal(forum->session_life_ms, 43200000);
	assert_int_equal(shop->cookie_samesite, CONF_SAMESITE_STRICT);
	assert_int_equal(forum->cookie_samesite, CONF_SAMESITE_LAX);
	assert_string_equal(shop->mysql_user_by_login, "SELECT :login");
	assert_string_equal(
	    forum->mysql_user_by_login, all.common.mysql_user_by_login);
	assert_string_equal(shop->redis_key_prefix, "shop:");
	assert_string_equal(shop->server_mount, "/sessgate");
	assert_string_equal(forum->server_mount, "/gate");
	assert_int_equal(shop->login_formats, 1u << CONF_FORMAT_BCRYPT);
	assert_int_equal(forum->login_formats, all.common.login_formats);
	for (int i = 0; i < 2; i++) {
		const struct conf *conf = conf_at(&all, i);

		assert_int_equal(conf->server_workers, 64);
		assert_int_equal(
		    conf->session_expired_status, CONF_EXPIRED_401);
		assert_int_equal(conf->ops_access.count, 2);
		assert_string_equal(conf->databases[0].url.database, "site");
		assert_string_equal(conf->redis.host, "127.0.0.1");
		assert_int_equal(conf->effective.hash_threads, 2);
	}
	conf_all_free(&all);
	conf_all_free(&all);
}

/* The environment sets what all share, and a site its own. */
static void
a_site_wins_over_the_environment(void **state)
{
	static const char *const variables[ENV_MAX] = { DB,
		"SESSGATE_SESSION_LIFE=3h", "SESSGATE_COOKIE_SECURE=off" };
	struct conf_all all;

	(void)state;
	load_sites(TWO "session.life = 1h\ncookie.secure = on\n"
		       "mysql.url = mysql://u:p@localhost/other\n",
	    variables, &all);
	assert_int_equal(conf_at(&all, 0)->session_life_ms, 3 * 3600000);
	assert_int_equal(conf_at(&all, 1)->session_life_ms, 3600000);
	assert_false(conf_at(&all, 0)->cookie_secure);
	assert_true(conf_at(&all, 1)->cookie_secure);
	assert_string_equal(
	    conf_at(&all, 0)->databases[0].url.database, "site");
	assert_string_equal(
	    conf_at(&all, 1)->databases[0].url.database, "other");
	conf_all_free(&all);
}

/* Rules of a site stand for those of all: they do not add up with them. */
static void
a_site_has_the_rules_of_all_or_its_own(void **state)
{
	const struct conf_rules *a, *b;
	struct conf_all all;

	(void)state;
	load_sites(
	    "[gate]\nrule = / login\nrule = /\"a b\" user \"x y\" z\n" TWO
	    "gate.rule = /p public\ngate.rule = /q login\n"
	    "gate.rule = /r public\n",
	    only_db, &all);
	a = &conf_at(&all, 0)->gate_rule;
	b = &conf_at(&all, 1)->gate_rule;
	assert_int_equal(a->count, 2);
	assert_str(a->rules[1].prefix, "/a b");
	assert_int_equal(a->rules[1].name_count, 2);
	assert_str(a->rules[1].names[0], "x y");
	assert_int_equal(b->count, 3);
	assert_str(b->rules[0].prefix, "/p");
	assert_int_equal(all.common.gate_rule.count, 2);
	conf_all_free(&all);
}

/* The database of site b, wherever that is said. */
static const struct url_row {
	const char *text, *variable, *database;
} url_rows[] = {
	{ "[mysql]\nurl = mysql://h/all\n" TWO, NULL, "all" },
	{ "[mysql]\nurl_file = all\n" TWO, NULL, "all" },
	{ "[mysql]\nurl_file = all\n" TWO "mysql.url = mysql://h/b\n", NULL,
	    "b" },
	{ "[mysql]\nurl = mysql://h/all\n" TWO "mysql.url_file = b\n", NULL,
	    "b" },
	{ TWO "mysql.url_file = b\n", DB, "b" },
	{ TWO "mysql.url = mysql://h/b\n", DB, "b" },
	{ TWO, "SESSGATE_MYSQL_URL_FILE=all", "all" },
};

static void
a_site_may_have_a_database_of_its_own(void **state)
{
	(void)state;
	write_file("all", "mysql://u:HIDDEN@h/all\n", 23);
	write_file("b", "mysql://u:HIDDEN@h/b\n", 21);
	for (size_t i = 0; i < COUNT(url_rows); i++) {
		const char *variables[ENV_MAX] = { url_rows[i].variable };
		struct conf_all all;

		load_sites(url_rows[i].text, variables, &all);
		assert_string_equal(conf_at(&all, 1)->databases[0].url.database,
		    url_rows[i].database);
		conf_all_free(&all);
	}
}

/* Sites that each have a database need none in common. */
static void
the_common_part_needs_no_database(void **state)
{
	static const char *const none[ENV_MAX] = { NULL };
	struct conf_all all;

	(void)state;
	load_sites("[site \"a\"]\nredis.key_prefix = a:\n"
		   "mysql.url = mysql://h/a\n",
	    none, &all);
	assert_string_equal(conf_at(&all, 0)->databases[0].url.database, "a");
	conf_all_free(&all);
}

#define MIXED_(site) \
	"each site needs a key_prefix of its own, and with this one keys " \
	"begin as keys of site \"" site "\" do"
#define MIXED(site) MIXED_(site) "\n"
#define NEEDS \
	"each site needs a key_prefix of its own; with [session] key = " \
	"plain or migrate one may be empty"
#define NAMED \
	"a site has a name of up to 32 of a-z, 0-9 and -, between double " \
	"quotes: [site \"shop\"]\n"

static const struct site_row {
	const char *text, *printed;
} error_rows[] = {
	// clang-format off
	{ "[site]", "t.conf:1: " NAMED },
	{ "[site shop]", "t.conf:1: " NAMED },
	{ "[site \"\"]", "t.conf:1: " NAMED },
	{ "[site \"Shop\"]\nx = 1", "t.conf:1: " NAMED },
	{ "[site \"a b\"]", "t.conf:1: " NAMED },
	{ "[site \"a\" \"b\"]", "t.conf:1: " NAMED },
	{ "[site \"abcdefghijklmnopqrstuvwxyz0123456\"]", "t.conf:1: " NAMED },
	{ "[sites \"a\"]", "t.conf:1: unknown section \"sites \"a\"\"; the nearest is [session]\n" },
	{ TWO "cookie.nam = x", "t.conf:5: unknown key \"cookie.nam\" in [site \"b\"]; the nearest is cookie.name\n" },
	{ TWO "nam = x", "t.conf:5: unknown key \"nam\" in [site \"b\"]; the nearest is cookie.name\n" },
	{ TWO "server.worker = 40", "t.conf:5: unknown key \"server.worker\" in [site \"b\"]; the nearest is server.mount\n" },
	{ TWO "cookie.name.x = x", "t.conf:5: unknown key \"cookie.name.x\" in [site \"b\"]; the nearest is cookie.name\n" },
	{ TWO ".name = x", "t.conf:5: unknown key \".name\" in [site \"b\"]; the nearest is cookie.name\n" },
	{ TWO "server.workers = 40", "t.conf:5: [site \"b\"] server.workers: is the whole process's, and stands in [server]\n" },
	{ TWO "redis.url = unix:///s", "t.conf:5: [site \"b\"] redis.url: is the whole process's, and stands in [redis]\n" },
	{ TWO "session.life = 1x", "t.conf:5: [site \"b\"] session.life: \"1x\" is no time such as 500ms, 30s, 15m, 12h or 7d\n" },
	{ TWO "session.life = 1h\nsession.life = 2h", "t.conf:6: [site \"b\"] session.life: is set in line 5 already\n" },
	{ TWO "[site \"a\"]\nredis.key_prefix = a:", "t.conf:6: [site \"a\"] redis.key_prefix: is set in line 2 already\n" },
	{ TWO "mysql.url = mysql://u:SECRET@h", "t.conf:5: [site \"b\"] mysql.url: the URL names no database\n" },
	{ TWO "mysql.url_file = nowhere", "t.conf:5: [site \"b\"] mysql.url_file: nowhere: No such file or directory\n" },
	{ TWO "mysql.url_file = bad", "t.conf:5: [site \"b\"] mysql.url: the URL's scheme is unknown; use mysql:// or mariadb://\n" },
	{ TWO "mysql.url_file = lines", "lines: the value is empty, and others are set (site \"b\")\n" },
	{ TWO "mysql.url = mysql://h/d\nmysql.url_file = bad", "t.conf:6: [site \"b\"] mysql.url_file: contradicts url, which is set too: leave one out\n" },
	/* what keeps them apart */
	{ "[site \"a\"]\n[site \"b\"]\nredis.key_prefix = b:", "t.conf: " NEEDS " (site \"a\")\n" },
	{ TWO "[site \"c\"]\nredis.key_prefix = a:\n", "t.conf:6: [site \"c\"] redis.key_prefix: each site needs a key_prefix of its own, and site \"a\" has this one\n" },
	{ "[redis]\nkey_prefix = a:\n[site \"a\"]\n[site \"b\"]\n", "t.conf:2: [redis] key_prefix: each site needs a key_prefix of its own, and site \"a\" has this one (site \"b\")\n" },
	{ "[site \"a\"]\nredis.key_prefix = a:\n[site \"b\"]\nredis.key_prefix = a:sess:\n", "t.conf:4: [site \"b\"] redis.key_prefix: " MIXED("a") },
	{ "[site \"a\"]\nredis.key_prefix = a:sess:\n[site \"b\"]\nredis.key_prefix = a:\n", "t.conf:4: [site \"b\"] redis.key_prefix: " MIXED("a") },
	{ "[site \"a\"]\nredis.key_prefix = a:\n[site \"b\"]\nredis.key_prefix = a:usess:\n", "t.conf:4: [site \"b\"] redis.key_prefix: " MIXED("a") },
	{ "[site \"a\"]\nredis.key_prefix = a:\n[site \"b\"]\nredis.key_prefix = a:rate:pair:\n", "t.conf:4: [site \"b\"] redis.key_prefix: " MIXED("a") },
	{ "[site \"a\"]\nredis.key_prefix = a\n[site \"b\"]\nredis.key_prefix = auser:x\n", "t.conf:4: [site \"b\"] redis.key_prefix: " MIXED("a") },
	{ "[site \"a\"]\nredis.key_prefix = a:\n[site \"b\"]\nredis.key_prefix = a:reset:\n", "t.conf:4: [site \"b\"] redis.key_prefix: " MIXED("a") },
	{ "[site \"a\"]\nredis.key_prefix = a:\n[site \"b\"]\nredis.key_prefix = a:probe:\n", "t.conf:4: [site \"b\"] redis.key_prefix: " MIXED("a") },
	{ "[site \"a\"]\nredis.key_prefix = a:\n[site \"b\"]\nredis.key_prefix = a:ugen:{\n", "t.conf:4: [site \"b\"] redis.key_prefix: " MIXED("a") },
	{ "[site \"a\"]\nredis.key_prefix = a:\n[site \"b\"]\nredis.key_prefix = a:uauth:\n", "t.conf:4: [site \"b\"] redis.key_prefix: " MIXED("a") },
	{ "[session]\nkey = plain\n[site \"a\"]\n[site \"b\"]\nredis.key_prefix = sess:\n", "t.conf:5: [site \"b\"] redis.key_prefix: " MIXED("a") },
	{ "[session]\nkey = migrate\n[site \"a\"]\nredis.key_prefix = user:1\n[site \"b\"]\n", "t.conf: " MIXED_("a") " (site \"b\")\n" },
	{ "[session]\nkey = plain\n[site \"a\"]\n[site \"b\"]\n", "t.conf: each site needs a key_prefix of its own, and site \"a\" has this one (site \"b\")\n" },
	{ "[session]\nkey = plain\n[site \"a\"]\nsession.key = sha256\n", "t.conf: " NEEDS " (site \"a\")\n" },
	/* contradictions are each site's */
	{ TWO "cookie.domain = example.org\ncookie.name = __Host-B", "t.conf:5: [site \"b\"] cookie.domain: a cookie whose name begins with __Host- has no domain\n" },
	{ "[cookie]\ndomain = example.org\n" TWO "cookie.name = __Host-B", "t.conf:2: [cookie] domain: a cookie whose name begins with __Host- has no domain (site \"b\")\n" },
	{ "[login]\nrehash = on\n" TWO "mysql.password_update = UPDATE t SET h = :hash WHERE id = :id", "t.conf:2: [login] rehash: on needs [mysql] password_update (site \"a\")\n" },
	{ TWO "server.mount = /", "t.conf:5: [site \"b\"] server.mount: is empty, or begins with / and does not end with one; without blanks, ?, #, %, \\, // and segments that begin with a dot\n" },
	/* what is wrong for all is printed once */
	{ "[cookie]\npath = a\n" TWO, "t.conf:2: [cookie] path: begins with / and has printable ASCII but no semicolon\n" },
	{ "[redis]\nurl = valkey://h\n" TWO, "t.conf:2: [redis] url: the URL's scheme is unknown; use redis://, rediss://, unix://, redis+sentinel:// or redis+cluster://\n" },
	{ "[session]\nsecret_file = nowhere\n" TWO, "t.conf:2: [session] secret_file: nowhere: No such file or directory\n" },
	{ TWO "session.secret_file = nowhere\n", "t.conf:5: [site \"b\"] session.secret_file: nowhere: No such file or directory\n" },
	{ "[redis]\nurl_file = nowhere\n" TWO, "t.conf:2: [redis] url_file: nowhere: No such file or directory\n" },
	{ "[server]\nworkers = 17\n" TWO, "t.conf:2: [server] workers: [mysql] connections 8 and [login] hash_threads 2 leave fewer than 8 of [server] workers 17\n" },
	// clang-format on
};

static void
errors_name_the_site_and_its_line(void **state)
{
	(void)state;
	write_file("bad", "ftp://u:SECRET@h/d", 18);
	write_file("lines", "mysql://u:SECRET@h/d\n\n", 22);
	for (size_t i = 0; i < COUNT(error_rows); i++) {
		const struct site_row *row = &error_rows[i];
		struct conf_all all, none = { .site_count = 0 };
		char *printed;

		if (load_all(row->text, only_db, &all, &printed))
			fail_msg("no error instead of %s", row->printed);
		assert_string_equal(printed, row->printed);
		assert_null(strstr(printed, "SECRET"));
		assert_memory_equal(&all, &none, sizeof(all));
		free(printed);
	}
}

static void
a_site_without_a_database_is_told_of(void **state)
{
	static const char *const none[ENV_MAX] = { NULL };
	struct conf_all all;
	char *printed;

	(void)state;
	assert_false(
	    load_all(TWO "mysql.url = mysql://h/b\n", none, &all, &printed));
	assert_string_equal(printed,
	    "t.conf: no database: set [mysql] url or DATABASE_URL "
	    "(site \"a\")\n");
	free(printed);
}

static void
one_prefix_may_be_empty_beside_another_program(void **state)
{
	struct conf_all all;

	(void)state;
	load_sites("[site \"a\"]\nsession.key = plain\n"
		   "[site \"b\"]\nredis.key_prefix = b:\n",
	    only_db, &all);
	assert_string_equal(conf_at(&all, 0)->redis_key_prefix, "");
	conf_all_free(&all);
	load_sites("[session]\nkey = migrate\n"
		   "[site \"a\"]\n[site \"b\"]\nredis.key_prefix = b:\n",
	    only_db, &all);
	conf_all_free(&all);
}

static void
there_are_at_most_so_many_sites(void **state)
{
	static char text[CONF_SITES_MAX * 64 + 64];
	size_t len = 0;
	struct conf_all all;
	char *printed;

	(void)state;
	for (int i = 0; i < CONF_SITES_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "[site \"s%d\"]\nredis.key_prefix = %d\n", i, i);
	load_sites(text, only_db, &all);
	assert_int_equal(conf_count(&all), CONF_SITES_MAX);
	conf_all_free(&all);
	snprintf(text + len, sizeof(text) - len, "[site \"more\"]\nx = 1\n");
	assert_false(load_all(text, only_db, &all, &printed));
	assert_string_equal(printed, "t.conf:129: there are too many sites\n");
	free(printed);
}

/* Sections in which no option is the process's; others are listed. */
static void
a_site_may_set_what_is_about_its_users(void **state)
{
	static const char *const sections[] = { "session", "cookie", "user",
		"gate" };
	static const char *const others[] = { "server.mount", "server.origins",
		"server.allowed_origins", "redis.key_prefix", "mysql.url",
		"mysql.url_file", "mysql.user_by_login", "mysql.user_by_id",
		"mysql.user_update", "mysql.user_state",
		"mysql.password_update", "login.formats", "login.page",
		"login.limit_pair", "login.limit_network",
		"login.limit_account", "server.limit", "login.rehash",
		"login.floor" };
	static const char *const common[] = { "server.workers",
		"server.tcp_role", "server.connections", "redis.url",
		"redis.url_file", "mysql.connections", "login.hash_threads",
		"ops.access", "log.target", "session.spool" };

	(void)state;
	for (int i = 0; i < CONF_OPTIONS; i++)
		for (size_t j = 0; j < COUNT(sections); j++)
			if (strcmp(setting_table[i].section, sections[j]) ==
				0 &&
			    strcmp(setting_table[i].key, "spool") != 0)
				assert_row(
				    setting_is_per_site(&setting_table[i]),
				    setting_table[i].key);
	for (size_t i = 0; i < COUNT(others); i++)
		assert_true(setting_is_per_site(
		    setting_find_dotted(str_from(others[i]))));
	for (size_t i = 0; i < COUNT(common); i++)
		assert_false(setting_is_per_site(
		    setting_find_dotted(str_from(common[i]))));
}

static void
what_is_printed_of_sites_can_be_read_again(void **state)
{
	static const char text[] =
	    "[mysql]\nurl_file = all\n"
	    "[site \"a\"]\nredis.key_prefix = a:\nmysql.url_file = b\n"
	    "cookie.name = __Host-A\n"
	    "gate.rule = / login\ngate.rule = /\"a b\" public\n"
	    "[site \"b\"]\nredis.key_prefix = \" b\"\nsession.key = plain\n"
	    "mysql.url = mysql://u:HIDDEN@h/c\n";
	static const char *const none[ENV_MAX] = { NULL };
	struct conf_all all, again;
	char *first, *second;

	(void)state;
	write_file("all", "mysql://u:HIDDEN@h/all\n", 23);
	write_file("b", "mysql://u:HIDDEN@h/b\n", 21);
	load_sites(text, none, &all);
	first = print_all(&all);
	assert_null(strstr(first, "HIDDEN"));
	assert_non_null(strstr(first,
	    "\n[site \"a\"]\nredis.key_prefix = a:\nmysql.url_file = b\n"
	    "cookie.name = __Host-A\n"
	    "gate.rule = / login\ngate.rule = /\"a b\" public\n# cookie in "
	    "force: __Host-A\n"
	    "\n[site \"b\"]\nredis.key_prefix = \" b\"\n"
	    "#mysql.url = (set, not shown)\nmysql.url_file = \n"
	    "session.key = plain\n# cookie in force: SESSION-TOKEN\n"));
	load_sites(first, none, &again);
	second = print_all(&again);
	assert_string_equal(conf_at(&again, 0)->databases[0].url.database, "b");
	assert_string_equal(conf_at(&again, 1)->redis_key_prefix, " b");
	/* all but the secret */
	assert_non_null(strstr(second,
	    "\n[site \"a\"]\nredis.key_prefix = a:\nmysql.url_file = b\n"
	    "cookie.name = __Host-A\n"
	    "gate.rule = / login\ngate.rule = /\"a b\" public\n# cookie in "
	    "force: __Host-A\n"
	    "\n[site \"b\"]\nredis.key_prefix = \" b\"\n"
	    "mysql.url_file = \nsession.key = plain\n"));
	free(first);
	free(second);
	conf_all_free(&all);
	conf_all_free(&again);
}

static void
warnings_name_the_site(void **state)
{
	const struct conf_source source = { .file = "t.conf" };
	struct conf_all all;
	char *printed;
	size_t len;
	FILE *out = open_memstream(&printed, &len);

	(void)state;
	load_sites(TWO "login.limit_account = 9/60\n", only_db, &all);
	assert_int_equal(conf_warn(&all, &source, "root", out), 1);
	fclose(out);
	assert_int_equal(
	    strncmp(printed, "warning: site \"b\": [login] limit_account", 40),
	    0);
	free(printed);
	conf_all_free(&all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_sections_all_is_one_site),
		cmocka_unit_test(a_site_takes_from_all_what_it_does_not_set),
		cmocka_unit_test(a_site_wins_over_the_environment),
		cmocka_unit_test(a_site_has_the_rules_of_all_or_its_own),
		cmocka_unit_test(a_site_may_have_a_database_of_its_own),
		cmocka_unit_test(the_common_part_needs_no_database),
		cmocka_unit_test(errors_name_the_site_and_its_line),
		cmocka_unit_test(a_site_without_a_database_is_told_of),
		cmocka_unit_test(
		    one_prefix_may_be_empty_beside_another_program),
		cmocka_unit_test(there_are_at_most_so_many_sites),
		cmocka_unit_test(a_site_may_set_what_is_about_its_users),
		cmocka_unit_test(what_is_printed_of_sites_can_be_read_again),
		cmocka_unit_test(warnings_name_the_site),
	};

	return cmocka_run_group_tests(tests, enter_folder, remove_folder);
}
