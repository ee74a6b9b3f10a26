/* config/conf: precedence, every error with its place, printing, warnings. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "config/conf.h"
#include "load_conf.h"

static void
nothing_but_a_database_is_needed(void **state)
{
	struct conf conf;

	(void)state;
	load_good("", only_db, &conf);
	assert_string_equal(conf.server_mount, "/sessgate");
	assert_int_equal(conf.server_workers, 32);
	assert_int_equal(conf.server_deadline_ms, 3000);
	assert_int_equal(conf.server_idle_ms, 75000);
	assert_int_equal(conf.server_connections, 1024);
	assert_int_equal(conf.server_tcp_role, CONF_TCP_ROLE_GATE);
	assert_string_equal(conf.redis.host, "127.0.0.1");
	assert_int_equal(conf.redis.port, 6379);
	assert_string_equal(conf.redis_key_prefix, "");
	assert_string_equal(conf.databases[0].url.database, "site");
	assert_int_equal(conf.mysql_connections, 8);
	assert_int_equal(conf.mysql_timeout_ms, 1000);
	assert_int_equal(conf.session_key, CONF_KEY_SHA256);
	assert_int_equal(conf.session_life_ms, INT64_C(604800000));
	assert_int_equal(conf.session_expired_status, CONF_EXPIRED_403);
	/* bare digests are for those who name them */
	assert_int_equal(
	    conf.login_formats, (1u << (CONF_FORMAT_MAGENTO + 1)) - 1);
	assert_int_equal(CONF_FORMAT_MD5, CONF_FORMAT_MAGENTO + 1);
	assert_false(conf.login_rehash);
	assert_true(conf.cookie_secure);
	assert_int_equal(conf.cookie_samesite, CONF_SAMESITE_LAX);
	assert_int_equal(conf.login_limit_pair.most, 5);
	assert_int_equal(conf.login_limit_pair.window_ms, 900000);
	assert_int_equal(conf.login_limit_network.most, 20);
	assert_int_equal(conf.login_limit_account.window_ms, 86400000);
	assert_int_equal(conf.server_limit.most, 0);
	assert_int_equal(conf.server_trusted_proxies.count, 0);
	assert_int_equal(conf.user_access, CONF_ACCESS_SELF);
	assert_int_equal(conf.user_id_type, CONF_ID_INTEGER);
	assert_int_equal(conf.ops_access.count, 0);
	assert_int_equal(conf.gate_remote_user, CONF_REMOTE_USER_LOGIN);
	assert_string_equal(conf.gate_login_url, "");
	assert_int_equal(conf.gate_rule.count, 0);
	assert_string_equal(conf.log_target, "auto");
	assert_int_equal(conf.effective.leaders, 2);
	assert_int_equal(conf.effective.hash_threads, 2);
	assert_int_equal(conf.effective.redis_connect_ms, 500);
	assert_int_equal(conf.effective.redis_command_ms, 500);
	conf_free(&conf);
	conf_free(&conf);
}

static void
values_of_all_types_are_read(void **state)
{
	static const char text[] =
	    "[server]\nmount =\nworkers = 64\nleaders=5\ndeadline = 1500ms\n"
	    "idle = 90\nstop_timeout = 0\ntcp_role = API\n"
	    "[redis]\nurl = unix:///run/r.sock?db=2\nkey_prefix = \"a: \"\n"
	    "[session]\nlife = 12h\nclock_skew = 2m\nexpired_status = 401\n"
	    "[cookie]\nsecure = No\nsamesite = strict\n"
	    "[server]\nconnections = 7\n"
	    "[ops]\naccess = 127.0.0.1, 10.0.0.0/8\n"
	    "[login]\nformats = MD5 ,bcrypt\nfloor = 250ms\n"
	    "limit_pair = 7 / 15m\nlimit_network = 0\nlimit_account=0/900\n"
	    "[gate]\nremote_user = email\nrule = / login\n"
	    "rule = /a user b c\n"
	    "[cache]\nmemory = 96K\n";
	struct conf conf;

	(void)state;
	load_good(text, only_db, &conf);
	assert_int_equal(conf.login_formats,
	    1u << CONF_FORMAT_BCRYPT | 1u << CONF_FORMAT_MD5);
	assert_int_equal(conf.login_floor_ms, 250);
	assert_int_equal(conf.login_limit_pair.most, 7);
	assert_int_equal(conf.login_limit_pair.window_ms, 900000);
	assert_int_equal(conf.login_limit_network.most, 0);
	assert_int_equal(conf.login_limit_account.most, 0);
	assert_string_equal(conf.server_mount, "");
	assert_int_equal(conf.server_workers, 64);
	assert_int_equal(conf.server_connections, 7);
	assert_int_equal(conf.server_deadline_ms, 1500);
	assert_int_equal(conf.server_idle_ms, 90000);
	assert_int_equal(conf.server_stop_timeout_ms, 0);
	assert_int_equal(conf.server_tcp_role, CONF_TCP_ROLE_API);
	assert_int_equal(conf.gate_remote_user, CONF_REMOTE_USER_EMAIL);
	assert_int_equal(conf.gate_rule.count, 2);
	assert_int_equal(conf.gate_rule.rules[1].kind, CONF_RULE_USER);
	assert_true(conf.redis.is_unix);
	assert_int_equal(conf.redis.database, 2);
	assert_string_equal(conf.redis_key_prefix, "a: ");
	assert_int_equal(conf.session_life_ms, 43200000);
	assert_int_equal(conf.session_clock_skew_ms, 120000);
	assert_int_equal(conf.session_expired_status, CONF_EXPIRED_401);
	assert_false(conf.cookie_secure);
	assert_int_equal(conf.cookie_samesite, CONF_SAMESITE_STRICT);
	assert_int_equal(conf.ops_access.count, 2);
	assert_int_equal(conf.ops_access.nets[1].prefix_len, 8);
	assert_int_equal(conf.cache_memory_bytes, 96 * 1024);
	assert_int_equal(conf.effective.leaders, 5);
	assert_int_equal(conf.effective.redis_connect_ms, 50);
	assert_int_equal(conf.effective.redis_command_ms, 100);
	conf_free(&conf);
}

/* The expected host of Redis and number of workers. */
static const struct rank_row {
	const char *text;
	const char *variables[ENV_MAX];
	const char *host;
	int workers;
} rank_rows[] = {
	// clang-format off
	{ "", { DB }, "127.0.0.1", 32 },
	{ "[redis]\nurl=redis://file\n[server]\nworkers=40", { DB }, "file", 40 },
	{ "[redis]\nurl=redis://file", { DB, "REDIS_URL=" }, "file", 32 },
	{ "[redis]\nurl=redis://file", { DB, "REDIS_URL=redis://url" }, "url", 32 },
	{ "[redis]\nurl=redis://file", { DB, "SESSGATE_REDIS_URL=redis://env", "REDIS_URL=redis://url" }, "env", 32 },
	{ "[server]\nworkers=40", { DB, "SESSGATE_SERVER_WORKERS=50" }, "127.0.0.1", 50 },
	{ "", { DB, "SESSGATE_SERVER_WORKERS=50", "SESSGATE_SERVER_WORKERS=60" }, "127.0.0.1", 50 },
	{ "[redis]\nurl_file=secret", { DB }, "secret", 32 },
	{ "[redis]\nurl_file=secret\nurl=", { DB }, "secret", 32 },
	{ "[redis]\nurl_file=nowhere", { DB, "REDIS_URL=redis://url" }, "url", 32 },
	{ "[redis]\nurl=redis://file", { DB, "SESSGATE_REDIS_URL_FILE=secret" }, "secret", 32 },
	{ "", { DB, "REDIS_URL=redis://url", "SESSGATE_REDIS_URL_FILE=secret" }, "secret", 32 },
	{ "[redis]\nurl_file=nowhere", { DB, "SESSGATE_REDIS_URL=redis://env" }, "env", 32 },
	{ "", { DB, "SESSGATE_CONFIG=x", "SESSGATE_ROLE=gate", "SESSGATE_SITE=x" }, "127.0.0.1", 32 },
	{ "", { DB, "SESSGATE_ELSEWHERE_X=1", "SESSGATE_", "NONSENSE" }, "127.0.0.1", 32 },
	// clang-format on
};

static void
the_environment_wins_over_urls_over_the_file_over_defaults(void **state)
{
	(void)state;
	write_file("secret", "redis://:pw@secret\n", 19);
	for (size_t i = 0; i < COUNT(rank_rows); i++) {
		const struct rank_row *row = &rank_rows[i];
		struct conf conf;

		load_good(row->text, row->variables, &conf);
		assert_string_equal(conf.redis.host, row->host);
		assert_int_equal(conf.server_workers, row->workers);
		conf_free(&conf);
	}
}

/* The resulting rules, in the order of the file. */
static const struct rules_row {
	const char *text;
	const char *variables[ENV_MAX];
	const char *prefixes[4];
} rules_rows[] = {
	// clang-format off
	{ "", { DB }, { NULL } },
	{ "[gate]\nrule =", { DB }, { NULL } },
	{ "[gate]\nrule = /b login\nrule =\nrule = /a login", { DB }, { "/b", "/a" } },
	{ "[gate]\nrule = /b login\n[ops]\n[gate]\nrule = \\\n/a login", { DB }, { "/b", "/a" } },
	{ "", { DB, "SESSGATE_GATE_RULE=/b login\n\n /a public\n" }, { "/b", "/a" } },
	{ "[gate]\nrule = /c login\nrule = /a login", { DB, "SESSGATE_GATE_RULE=/b login\n/a public" }, { "/b", "/a" } },
	{ "[gate]\nrule = /c login", { DB, "SESSGATE_GATE_RULE=/b login", "SESSGATE_GATE_RULE=/a public" }, { "/b" } },
	{ "[gate]\nrule = /c login", { DB, "SESSGATE_GATE_RULE=" }, { NULL } },
	// clang-format on
};

static void
rules_of_one_source_add_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rules_rows); i++) {
		const struct rules_row *row = &rules_rows[i];
		struct conf conf;
		size_t count = 0;

		load_good(row->text, row->variables, &conf);
		for (; row->prefixes[count] != NULL; count++) {
			assert_true(count < conf.gate_rule.count);
			assert_str(conf.gate_rule.rules[count].prefix,
			    row->prefixes[count]);
		}
		assert_int_equal(conf.gate_rule.count, count);
		conf_free(&conf);
	}
}

static const struct error_row error_rows[] = {
	// clang-format off
	{ "", { NULL }, "t.conf: no database: set [mysql] url or DATABASE_URL\n" },
	{ "[mysql]\nurl =\n", { NULL }, "t.conf:2: [mysql] url: no database: set [mysql] url or DATABASE_URL\n" },
	{ "workers = 1", { DB }, "t.conf:1: a key stands before the first [section]\n" },
	{ "\n[server]\nworkers", { DB }, "t.conf:3: the line is no comment, no [section] and no key = value\n" },
	{ "[sever]\nx = 1\ny = 2", { DB }, "t.conf:1: unknown section \"sever\"; the nearest is [server]\n" },
	{ "[server]\nmont = /x", { DB }, "t.conf:2: unknown key \"mont\" in [server]; the nearest is mount in [server]\n" },
	{ "[server]\n\nurl = x", { DB }, "t.conf:3: unknown key \"url\" in [server]; the nearest is url in [redis]\n" },
	{ "[server]\nMount = /x", { DB }, "t.conf:2: unknown key \"Mount\" in [server]; the nearest is mount in [server]\n" },
	{ "[server]\n\x1b[2J\xc2\x9b = /x", { DB }, "t.conf:2: unknown key \"?[2J?\" in [server]; the nearest is mount in [server]\n" },
	{ "[server]\nworkers = 40\nworkers = 40", { DB }, "t.conf:3: [server] workers: is set in line 2 already\n" },
	{ "[server]\nworkers = 40x", { DB }, "t.conf:2: [server] workers: \"40x\" is no whole number\n" },
	{ "[server]\nworkers = +40", { DB }, "t.conf:2: [server] workers: \"+40\" is no whole number\n" },
	{ "[server]\nworkers =", { DB }, "t.conf:2: [server] workers: \"\" is no whole number\n" },
	{ "[server]\nworkers = 9", { DB }, "t.conf:2: [server] workers: \"9\" is not from 10 to 1024\n" },
	{ "[server]\nworkers = 99999999999999999999", { DB }, "t.conf:2: [server] workers: \"99999999999999999999\" is no whole number\n" },
	{ "[server]\ndeadline = 3 s", { DB }, "t.conf:2: [server] deadline: \"3 s\" is no time such as 500ms, 30s, 15m, 12h or 7d\n" },
	{ "[server]\ndeadline = 3sec", { DB }, "t.conf:2: [server] deadline: \"3sec\" is no time such as 500ms, 30s, 15m, 12h or 7d\n" },
	{ "[server]\ndeadline = -3s", { DB }, "t.conf:2: [server] deadline: \"-3s\" is no time such as 500ms, 30s, 15m, 12h or 7d\n" },
	{ "[server]\ndeadline = s", { DB }, "t.conf:2: [server] deadline: \"s\" is no time such as 500ms, 30s, 15m, 12h or 7d\n" },
	{ "[server]\ndeadline = 0", { DB }, "t.conf:2: [server] deadline: \"0\" is not from 1ms to 1h\n" },
	{ "[server]\ndeadline = 2h", { DB }, "t.conf:2: [server] deadline: \"2h\" is not from 1ms to 1h\n" },
	{ "[server]\ndeadline = 9223372036854775807d", { DB }, "t.conf:2: [server] deadline: \"9223372036854775807d\" is not from 1ms to 1h\n" },
	{ "[login]\nlimit_pair = ", { DB }, "t.conf:2: [login] limit_pair: \"\" is no number/time such as 5/900 or 5/15m, at most 30 days; 0 for no limit\n" },
	{ "[login]\nlimit_pair = 5", { DB }, "t.conf:2: [login] limit_pair: \"5\" is no number/time such as 5/900 or 5/15m, at most 30 days; 0 for no limit\n" },
	{ "[login]\nlimit_pair = 5/", { DB }, "t.conf:2: [login] limit_pair: \"5/\" is no number/time such as 5/900 or 5/15m, at most 30 days; 0 for no limit\n" },
	{ "[login]\nlimit_pair = /900", { DB }, "t.conf:2: [login] limit_pair: \"/900\" is no number/time such as 5/900 or 5/15m, at most 30 days; 0 for no limit\n" },
	{ "[login]\nlimit_pair = -5/900", { DB }, "t.conf:2: [login] limit_pair: \"-5/900\" is no number/time such as 5/900 or 5/15m, at most 30 days; 0 for no limit\n" },
	{ "[login]\nlimit_pair = 5/0", { DB }, "t.conf:2: [login] limit_pair: \"5/0\" is no number/time such as 5/900 or 5/15m, at most 30 days; 0 for no limit\n" },
	{ "[login]\nlimit_pair = 5/31d", { DB }, "t.conf:2: [login] limit_pair: \"5/31d\" is no number/time such as 5/900 or 5/15m, at most 30 days; 0 for no limit\n" },
	{ "[login]\nlimit_pair = 5/900x", { DB }, "t.conf:2: [login] limit_pair: \"5/900x\" is no number/time such as 5/900 or 5/15m, at most 30 days; 0 for no limit\n" },
	{ "[login]\nlimit_pair = 1000001/900", { DB }, "t.conf:2: [login] limit_pair: \"1000001/900\" is no number/time such as 5/900 or 5/15m, at most 30 days; 0 for no limit\n" },
	{ "[login]\nlimit_pair = x", { DB }, "t.conf:2: [login] limit_pair: \"x\" is no number/time such as 5/900 or 5/15m, at most 30 days; 0 for no limit\n" },
	{ "[login]\nlimit_pair = 5/900/1", { DB }, "t.conf:2: [login] limit_pair: \"5/900/1\" is no number/time such as 5/900 or 5/15m, at most 30 days; 0 for no limit\n" },
	{ "[cache]\nmemory = 32MB", { DB }, "t.conf:2: [cache] memory: \"32MB\" is no size such as 4096, 64K, 32M or 1G\n" },
	{ "[cache]\nmemory = M", { DB }, "t.conf:2: [cache] memory: \"M\" is no size such as 4096, 64K, 32M or 1G\n" },
	{ "[cache]\nmemory = 65G", { DB }, "t.conf:2: [cache] memory: \"65G\" is not from 0 to 64G\n" },
	{ "[session]\nkey = md5", { DB }, "t.conf:2: [session] key: \"md5\" is not sha256, plain or migrate\n" },
	{ "[cookie]\nsecure = maybe", { DB }, "t.conf:2: [cookie] secure: \"maybe\" is neither on nor off\n" },
	{ "[ops]\naccess = localhost", { DB }, "t.conf:2: [ops] access: \"localhost\" is no list of addresses and networks\n" },
	{ "[gate]\nrule = admin login", { DB }, "t.conf:2: [gate] rule: \"admin login\" does not begin with a path, as /admin\n" },
	{ "[gate]\nrule = /a login\nrule = /b x\nrule = /a public", { DB },
	    "t.conf:3: [gate] rule: \"/b x\" says neither public, login, user nor role behind its path\n"
	    "t.conf:4: [gate] rule: \"/a public\" is the second rule for its path\n" },
	{ "", { DB, "SESSGATE_GATE_RULE=/a login\n/b" }, "SESSGATE_GATE_RULE: \"/b\" says nothing behind its path: public, login, user or role\n" },
	{ "[redis]\nkey_prefix = a\tb", { DB }, "t.conf:2: [redis] key_prefix: holds a control character\n" },
	{ "[redis]\nkey_prefix = a\x01" "b", { DB }, "t.conf:2: [redis] key_prefix: \"a?b\" holds a control character\n" },
	{ "[redis]\nurl = redis+cluster://h", { DB }, "t.conf: a Cluster needs a key_prefix with a tag, as {sg}:\n" },
	{ "[redis]\nurl = redis+cluster://h\nkey_prefix = {}sg:", { DB }, "t.conf:3: [redis] key_prefix: a Cluster needs a key_prefix with a tag, as {sg}:\n" },
	{ "[redis]\nurl = redis+cluster://h\n[site \"a\"]\nredis.key_prefix = {a}:\n[site \"b\"]\nredis.key_prefix = {b}:", { DB }, "t.conf:6: [site \"b\"] redis.key_prefix: all sites of a Cluster need the same tag, and that of site \"a\" is another one\n" },
	{ "[redis]\nsentinel_password = SECRET", { DB }, "t.conf:2: [redis] sentinel_password: is for the Sentinels of a redis+sentinel:// url\n" },
	{ "[redis]\nurl = redis+sentinel://h/n\nsentinel_user = u", { DB }, "t.conf:3: [redis] sentinel_user: needs a sentinel_password\n" },
	{ "", { DB, "REDIS_URL=http://:SECRET@h" }, "REDIS_URL: the URL's scheme is unknown; use redis://, rediss://, unix://, redis+sentinel:// or redis+cluster://\n" },
	{ "[redis]\nurl = valkey://:SECRET@h", { DB }, "t.conf:2: [redis] url: the URL's scheme is unknown; use redis://, rediss://, unix://, redis+sentinel:// or redis+cluster://\n" },
	{ "", { DB, "SESSGATE_REDIS_URL=redis://:SEC\nRET@h" }, "SESSGATE_REDIS_URL: the value holds a control character\n" },
	{ "", { "DATABASE_URL=mysql://u:SECRET@h" }, "DATABASE_URL: the URL names no database\n" },
	{ "[redis]\nurl_file = nowhere", { DB }, "t.conf:2: [redis] url_file: nowhere: No such file or directory\n" },
	{ "[mysql]\nurl_file = empty", { NULL }, "t.conf:2: [mysql] url_file: empty: the file is empty\n" },
	{ "[mysql]\nurl_file = nul", { NULL }, "t.conf:2: [mysql] url_file: nul: the file holds a NUL\n" },
	{ "[mysql]\nurl_file = bad", { NULL }, "t.conf:2: [mysql] url: the URL's scheme is unknown; use mysql:// or mariadb://\n" },
	{ "[mysql]\nurl_file = lines", { NULL }, "lines: the value is empty, and others are set\n" },
	{ "[mysql]\nurl = mysql://u:\007p@h/d\nurl_file = nowhere", { NULL }, "t.conf:2: [mysql] url: the value holds a control character\nt.conf:3: [mysql] url_file: nowhere: No such file or directory\n" },
	{ "[mysql]\nurl = mysql://h/d\nurl_file = bad", { NULL }, "t.conf:3: [mysql] url_file: contradicts url, which is set too: leave one out\n" },
	{ "", { DB, "SESSGATE_REDIS_URL=redis://h", "SESSGATE_REDIS_URL_FILE=bad" }, "SESSGATE_REDIS_URL_FILE: contradicts url, which is set too: leave one out\n" },
	{ "", { DB, "SESSGATE_SERVER_WORKER=9" }, "SESSGATE_SERVER_WORKER: unknown option; the nearest is SESSGATE_SERVER_WORKERS\n" },
	{ "", { DB, "SESSGATE_SERVER_WORKERS=9" }, "SESSGATE_SERVER_WORKERS: \"9\" is not from 10 to 1024\n" },
	{ "", { DB, "SESSGATE_SERVER_MOUNT=/\xff" }, "SESSGATE_SERVER_MOUNT: \"/?\" is not UTF-8\n" },
	{ "[server]\nworkers=9\nmount=x/\n[cookie]\ndomain=a b\n", { DB, "SESSGATE_LOG_TARGET=x" },
	    "t.conf:2: [server] workers: \"9\" is not from 10 to 1024\n"
	    "t.conf:3: [server] mount: is empty, or begins with / and does not end with one; without blanks, ?, #, %, \\, // and segments that begin with a dot\n"
	    "t.conf:5: [cookie] domain: is no host name\n"
	    "SESSGATE_LOG_TARGET: is not auto, stderr, syslog or file:/PATH\n" },
	// clang-format on
};

static void
every_error_is_told_with_its_place(void **state)
{
	(void)state;
	write_file("empty", "\n", 1);
	write_file("nul", "mysql://h/d\0", 12);
	write_file("bad", "ftp://u:SECRET@h/d", 18);
	write_file("lines", "mysql://u:SECRET@h/d\n\n", 22);
	assert_errors(error_rows, COUNT(error_rows));
}

static bool
load_path(const char *path, bool is_named, char **printed)
{
	char db[] = DB, *env[] = { db, NULL };
	struct conf_source source = { path, is_named, env, 0 };
	struct conf_all all;
	size_t len;
	FILE *errors = open_memstream(printed, &len);
	bool is_loaded = conf_load(&source, &all, errors);

	fclose(errors);
	conf_all_free(&all);
	return is_loaded;
}

static void
only_the_default_file_may_be_absent(void **state)
{
	char *printed;

	(void)state;
	assert_true(load_path("nowhere.conf", false, &printed));
	free(printed);
	assert_false(load_path("nowhere.conf", true, &printed));
	assert_string_equal(
	    printed, "nowhere.conf: No such file or directory\n");
	free(printed);
	assert_false(load_path(".", false, &printed));
	assert_string_equal(printed, ".: Is a directory\n");
	free(printed);
}

static void
a_file_of_another_kind_does_not_flood(void **state)
{
	static char text[20000];
	size_t lines = 0;
	char *printed;

	(void)state;
	memset(text, '\n', sizeof(text));
	for (size_t i = 0; i < sizeof(text); i += 2)
		text[i] = '\0';
	write_file("binary", text, sizeof(text));
	assert_false(load_path("binary", true, &printed));
	for (const char *p = printed; *p != '\0'; p++)
		lines += *p == '\n';
	assert_true(lines >= 10 && lines <= 100);
	free(printed);
}

static void
what_is_printed_can_be_read_again_and_holds_no_secret(void **state)
{
	static const char text[] =
	    "[server]\nmount=\ndeadline=1500ms\nidle=2h\ntcp_role=api\n"
	    "[redis]\nurl_file=secret\nkey_prefix=\"  \"\n"
	    "[mysql]\nuser_by_id=\"\"quoted\" \\\"\n"
	    "[cookie]\nsecure=off\ncompat=on\n"
	    "[ops]\naccess=::1,10.0.0.0/8\n"
	    "[login]\nlimit_pair=9/15m\nlimit_network=9/1500ms\n"
	    "[gate]\nrule = /\"a b\" PUBLIC\nrule = /x user \"a b\" \"c\\\"\n";
	struct conf conf, again;
	char *first, *second;

	(void)state;
	write_file("secret", "redis://:HIDDEN@secret\n", 23);
	load_good(text,
	    (const char *const[ENV_MAX]){
		"DATABASE_URL=mysql://u:HIDDEN@localhost/site" },
	    &conf);
	first = print(&conf);
	assert_null(strstr(first, "HIDDEN"));
	assert_non_null(strstr(first, "#url = (set, not shown)\n"));
	assert_non_null(strstr(first, "url_file = secret\n"));
	assert_non_null(strstr(first, "deadline = 1500ms\n"));
	assert_non_null(strstr(first, "idle = 2h\n"));
	assert_non_null(strstr(first, "leaders = 0\n# in force: 2\n"));
	assert_non_null(strstr(first, "access = ::1, 10.0.0.0/8\n"));
	assert_non_null(strstr(
	    first, "rule = /\"a b\" public\nrule = /x user \"a b\" \"c\\\"\n"));
	assert_non_null(strstr(first, "limit_pair = 9/900\n"));
	assert_non_null(strstr(first, "limit_network = 9/1500ms\n"));
	assert_non_null(strstr(first, "limit_account = 100/86400\n# in force: "
				      "0, without [session] secret_file\n"));
	load_good(first, only_db, &again);
	assert_int_equal(again.gate_rule.count, 2);
	assert_str(again.gate_rule.rules[1].names[1], "c\\");
	assert_string_equal(again.redis.password, "HIDDEN");
	assert_string_equal(again.redis_key_prefix, "  ");
	assert_string_equal(again.mysql_user_by_id, "\"quoted\" \\");
	second = print(&again);
	assert_string_equal(first, second);
	free(first);
	free(second);
	conf_free(&conf);
	conf_free(&again);
}

static const struct warn_row {
	const char *text, *user, *variable;
	const char *words[3];
} warn_rows[] = {
	{ "[cookie]\ncompat=off", "sessgate", "X=1", { NULL } },
	{ "[cookie]\ncompat=auto", NULL, "SESSGATE_ROLE=x", { NULL } },
	{ "[session]\nkey=migrate", "root", "SESSGATE_CONFIG=x", { NULL } },
	{ "[cookie]\ncompat=off\n[login]\nlimit_account=9/9\n[server]\n"
	  "trusted_proxies=10.0.0.0/8, ::/0",
	    "root", "X=1",
	    { "limit_account has no effect without [session] secret_file\n",
		"trusted_proxies names everybody" } },
	{ "", "www-data", "SESSGATE_REDSI_URL=x",
	    { "running as www-data",
		"SESSGATE_REDSI_URL is no option; the nearest is "
		"SESSGATE_REDIS_URL\n" } },
};

static void
what_is_hardly_meant_is_warned_of(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(warn_rows); i++) {
		const struct warn_row *row = &warn_rows[i];
		char *env[] = { (char *)row->variable, NULL }, *printed;
		struct conf_source source = { .environ = env };
		size_t len;
		FILE *out = open_memstream(&printed, &len);
		struct conf_all all = { .site_count = 0 };
		int wanted = 0, count;

		load_good(row->text, only_db, &all.common);
		count = conf_warn(&all, &source, row->user, out);
		fclose(out);
		for (; wanted < 3 && row->words[wanted] != NULL; wanted++)
			assert_non_null(strstr(printed, row->words[wanted]));
		assert_int_equal(count, wanted);
		free(printed);
		conf_all_free(&all);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_but_a_database_is_needed),
		cmocka_unit_test(values_of_all_types_are_read),
		cmocka_unit_test(
		    the_environment_wins_over_urls_over_the_file_over_defaults),
		cmocka_unit_test(rules_of_one_source_add_up),
		cmocka_unit_test(every_error_is_told_with_its_place),
		cmocka_unit_test(only_the_default_file_may_be_absent),
		cmocka_unit_test(a_file_of_another_kind_does_not_flood),
		cmocka_unit_test(
		    what_is_printed_can_be_read_again_and_holds_no_secret),
		cmocka_unit_test(what_is_hardly_meant_is_warned_of),
	};

	return cmocka_run_group_tests(tests, enter_folder, remove_folder);
}
