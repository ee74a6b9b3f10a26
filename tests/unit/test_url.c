/* config/url: what is read, what is refused, and that nothing leaks. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "config/url.h"

static void
assert_text(const char *text, const char *wanted)
{
	if (wanted == NULL)
		assert_null(text);
	else
		assert_non_null(text);
	if (wanted != NULL && text != NULL)
		assert_string_equal(text, wanted);
}

static const struct redis_row {
	const char *text;
	struct redis_url url;
} redis_rows[] = {
	// clang-format off
	{ "redis://localhost", { .host = "localhost", .port = 6379 } },
	{ "redis://localhost:6379", { .host = "localhost", .port = 6379 } },
	{ "REDIS://127.0.0.1:7000/3", { .host = "127.0.0.1", .port = 7000, .database = 3 } },
	{ "redis://localhost/", { .host = "localhost", .port = 6379 } },
	{ "redis://:pass@host", { .host = "host", .port = 6379, .password = "pass" } },
	{ "redis://user:pass@host:1/0", { .host = "host", .port = 1, .user = "user", .password = "pass" } },
	{ "redis://u%40x:p%3a%2F%3f%25@host", { .host = "host", .port = 6379, .user = "u@x", .password = "p:/?%" } },
	{ "redis://:p@ss@host", { .host = "host", .port = 6379, .password = "p@ss" } },
	{ "redis://:a:b@host", { .host = "host", .port = 6379, .password = "a:b" } },
	{ "redis://:@host", { .host = "host", .port = 6379 } },
	{ "redis://[::1]", { .host = "::1", .port = 6379 } },
	{ "redis://:p@[fe80::2]:6380/15", { .host = "fe80::2", .port = 6380, .password = "p", .database = 15 } },
	{ "redis://redis_1.my-net.example", { .host = "redis_1.my-net.example", .port = 6379 } },
	{ "redis+sentinel://h/name", { .way = REDIS_SENTINEL, .host = "h", .port = 26379, .primary = "name" } },
	{ "Redis+Sentinel://u:p@a:1,b,[::1]:3/na%20me/2", { .way = REDIS_SENTINEL, .host = "a", .port = 1, .others = { { "b", 26379 }, { "::1", 3 } }, .other_count = 2, .primary = "na me", .user = "u", .password = "p", .database = 2 } },
	{ "redis+sentinel://[::1],[::2]/n/", { .way = REDIS_SENTINEL, .host = "::1", .port = 26379, .others = { { "::2", 26379 } }, .other_count = 1, .primary = "n" } },
	{ "redis+cluster://h", { .way = REDIS_CLUSTER, .host = "h", .port = 6379 } },
	{ "redis+cluster://:p@a,b:2/", { .way = REDIS_CLUSTER, .host = "a", .port = 6379, .others = { { "b", 2 } }, .other_count = 1, .password = "p" } },
	{ "rediss://host", { .is_tls = true, .host = "host", .port = 6379 } },
	{ "RedisS://u:p@host:1/2", { .is_tls = true, .host = "host", .port = 1, .user = "u", .password = "p", .database = 2 } },
	{ "rediss+sentinel://h/name", { .way = REDIS_SENTINEL, .is_tls = true, .host = "h", .port = 26379, .primary = "name" } },
	{ "rediss+cluster://h", { .way = REDIS_CLUSTER, .is_tls = true, .host = "h", .port = 6379 } },
	{ "unix:///run/redis.sock", { .is_unix = true, .path = "/run/redis.sock" } },
	{ "unix:///run/redis.sock?db=2", { .is_unix = true, .path = "/run/redis.sock", .database = 2 } },
	{ "unix:///run/a%20b%3f.sock", { .is_unix = true, .path = "/run/a b?.sock" } },
	{ "unix://user:pass@/run/redis.sock", { .is_unix = true, .path = "/run/redis.sock", .user = "user", .password = "pass" } },
	{ "unix://:pass@/run/redis.sock?db=7", { .is_unix = true, .path = "/run/redis.sock", .password = "pass", .database = 7 } },
	// clang-format on
};

static void
redis_urls_are_read_in_all_their_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(redis_rows); i++) {
		const struct redis_url *wanted = &redis_rows[i].url;
		struct redis_url url;
		const char *why;

		if (!url_parse_redis(redis_rows[i].text, &url, &why))
			fail_msg("%s: %s", redis_rows[i].text, why);
		assert_null(why);
		assert_int_equal(url.is_unix, wanted->is_unix);
		assert_int_equal(url.is_tls, wanted->is_tls);
		assert_text(url.path, wanted->path);
		assert_text(url.host, wanted->host);
		assert_int_equal(url.port, wanted->port);
		assert_int_equal(url.way, wanted->way);
		assert_text(url.primary, wanted->primary);
		assert_int_equal(url.other_count, wanted->other_count);
		for (size_t j = 0; j < wanted->other_count; j++) {
			assert_text(url.others[j].host, wanted->others[j].host);
			assert_int_equal(
			    url.others[j].port, wanted->others[j].port);
		}
		assert_text(url.user, wanted->user);
		assert_text(url.password, wanted->password);
		assert_int_equal(url.database, wanted->database);
		url_free_redis(&url);
	}
}

/* A URL and a part of what must be said of it. */
struct bad_row {
	const char *text, *words;
};

static const struct bad_row bad_redis_rows[] = {
	{ "", "SCHEME://" },
	{ "localhost:6379", "SCHEME://" },
	{ "redis:/host", "SCHEME://" },
	{ "redisss://:SECRET@host", "scheme is unknown" },
	{ "redis+tls://:SECRET@host", "scheme is unknown" },
	{ "rediss://:SECRET@host?tls=off", "unknown parameter" },
	{ "rediss:///run/redis.sock", "no host" },
	{ "http://:SECRET@host", "scheme is unknown" },
	{ "mysql://:SECRET@host/x", "scheme is unknown" },
	{ "redis://", "no host" },
	{ "redis://:6379", "no host" },
	{ "redis:///0", "no host" },
	{ "redis://:SECRET@", "no host" },
	{ "redis://:SECRET@ho%20st", "neither a name nor an address" },
	{ "redis://:SECRET@[::g]", "neither a name nor an address" },
	{ "redis://[::1", "[ without a ]" },
	{ "redis://[::1]x", "between ] and the port" },
	{ "redis://::1:6379", "port" },
	{ "redis://host:", "port" },
	{ "redis://host:0", "port" },
	{ "redis://host:65536", "port" },
	{ "redis://host:6379x", "port" },
	{ "redis://:SEC/RET@host", "%2F" },
	{ "redis://:SEC?RET@host", "unknown parameter" },
	{ "redis://:SEC#RET@host", "%23" },
	{ "redis://user@host", "without a password" },
	{ "redis://:SECRET%@host", "%" },
	{ "redis://:SECRET%4@host", "%" },
	{ "redis://:SECRET%zz@host", "%" },
	{ "redis://:SECRET%00@host", "%00" },
	{ "redis://host/x", "database" },
	{ "redis://host/-1", "database" },
	{ "redis://host/0/", "database" },
	{ "redis://host/65536", "database" },
	{ "redis://host?db=1", "unknown parameter" },
	{ "redis://host?=1", "unknown parameter" },
	{ "redis://:SECRET@host/0?ssl=true", "unknown parameter" },
	{ "redis://a:1,b:2", "several hosts" },
	{ "redis://:SECRET@a,b/0", "several hosts" },
	{ "unix://a,b/run/redis.sock", "several hosts" },
	{ "redis+sentinel://:SECRET@h", "lacks the name" },
	{ "redis+sentinel://h/", "lacks the name" },
	{ "redis+sentinel://h/n/x", "database" },
	{ "redis+sentinel://h,/n", "no host" },
	{ "redis+sentinel://h,,i/n", "no host" },
	{ "redis+sentinel://h,i:0/n", "port" },
	{ "redis+sentinel://h,[::1/n", "[ without a ]" },
	{ "redis+sentinel://h/n?db=1", "unknown parameter" },
	{ "redis+sentinel://a,b,c,d,e,f,g,h,i,j/n", "more than 9" },
	{ "redis+cluster://h/1", "only one" },
	{ "redis+cluster://h/0", "only one" },
	{ "unix://", "no absolute path" },
	{ "unix://run/redis.sock", "before the /" },
	{ "unix://:SECRET@run/redis.sock", "before the /" },
	{ "unix:///run/redis.sock?db=x", "database" },
	{ "unix:///run/redis.sock?db", "unknown parameter" },
	{ "unix:///run/redis.sock?db=1&db=2", "twice" },
	{ "unix:///run/redis.sock?db=1&x=2", "unknown parameter" },
	{ "unix:///12345678901234567890123456789012345678901234567890"
	  "123456789012345678901234567890123456789012345678901234567",
	    "107 bytes" },
};

static void
assert_says(const struct bad_row *row, const char *why)
{
	assert_non_null(why);
	if (strstr(why, row->words) == NULL)
		fail_msg("%s: %s", row->text, why);
	assert_null(strstr(why, "SEC"));
	assert_null(strstr(why, "RET"));
}

static void
bad_redis_urls_are_refused_without_a_word_of_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad_redis_rows); i++) {
		struct redis_url url, none = { 0 };
		const char *why;

		if (url_parse_redis(bad_redis_rows[i].text, &url, &why))
			fail_msg("%s is taken", bad_redis_rows[i].text);
		assert_says(&bad_redis_rows[i], why);
		assert_memory_equal(&url, &none, sizeof(url));
	}
}

static const struct mysql_row {
	const char *text;
	struct mysql_url url;
} mysql_rows[] = {
	// clang-format off
	{ "mysql://u:p@localhost/site", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site" } },
	{ "mariadb://u:p@db.example:3307/site", { .host = "db.example", .port = 3307, .user = "u", .password = "p", .database = "site" } },
	{ "mysql://localhost/site", { .host = "localhost", .port = 3306, .database = "site" } },
	{ "mysql://u@localhost/site", { .host = "localhost", .port = 3306, .user = "u", .database = "site" } },
	{ "mysql://u:@localhost/site", { .host = "localhost", .port = 3306, .user = "u", .database = "site" } },
	{ "mysql://u:p%40%2f@[::1]:1/si%2Fte", { .host = "::1", .port = 1, .user = "u", .password = "p@/", .database = "si/te" } },
	{ "mysql://demo:demo@localhost/demo?socket=/tmp/db/m.sock", { .host = "localhost", .port = 3306, .user = "demo", .password = "demo", .database = "demo", .socket = "/tmp/db/m.sock" } },
	{ "mysql://u:p@/site?socket=%2Frun%2Fmy%20sql.sock", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site", .socket = "/run/my sql.sock" } },
	{ "MySQL://u:p@localhost/site", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site" } },
	{ "mysql2://u:p@localhost/site", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site" } },
	{ "mysqli://u:p@localhost/site", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site" } },
	{ "pdo-mysql://u:p@localhost/site", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site" } },
	{ "pdo_mysql://u:p@localhost/site", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site" } },
	{ "mariadb://u:p@localhost/site", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site" } },
	{ "mysql://u:p@localhost/site?charset=utf8mb4", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site" } },
	{ "mysql://u:p@localhost/site?charset=utf8mb4&serverVersion=8.0.32", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site" } },
	{ "mysql://u:p@localhost/site?serverVersion=mariadb-10.11.2&charset=utf8mb4", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site" } },
	{ "mysql://u:p@localhost/site?serverVersion=10.5.8-MariaDB", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site" } },
	{ "mysql://u:p@localhost/site?server_version=5.7", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site" } },
	{ "mysql://u:p@localhost/site?reconnect=true", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site" } },
	{ "mysql://u:p@localhost/site?pool=5", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site" } },
	{ "mysql://u:p@localhost/site?pool_size=5&pool_timeout=20", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site" } },
	{ "mysql://u:p@localhost/site?connection_limit=10&connect_timeout=5&socket_timeout=3", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site" } },
	{ "mysql://u:p@localhost/site?encoding=utf8mb4&collation=utf8mb4_unicode_ci", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site" } },
	{ "mysql://u:p@localhost/site?charset", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site" } },
	{ "mysql://u:p@localhost/site?charset=", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site" } },
	{ "mysql://u:p@localhost/site?charset=utf8&charset=utf8mb4", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site" } },
	{ "mysql://u:p@localhost/site?", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site" } },
	{ "mysql://u:p@localhost/site?&", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site" } },
	{ "mysql://u:p@localhost/site?&&charset=x&", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site" } },
	{ "mysql://u:p@localhost/site?ssl-mode=REQUIRED", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site", .tls = "required" } },
	{ "mysql://u:p@localhost/site?sslmode=require", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site", .tls = "required" } },
	{ "mysql://u:p@localhost/site?ssl_mode=verify_ca&ssl-ca=/etc/my%20ca.pem", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site", .tls = "verify-ca", .tls_ca = "/etc/my ca.pem" } },
	{ "mysql://u:p@localhost/site?sslMode=VERIFY_IDENTITY", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site", .tls = "verify" } },
	{ "mysql://u:p@localhost/site?useSSL=true", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site", .tls = "verify" } },
	{ "mysql://u:p@localhost/site?charset=utf8mb4&ssl=1&ssl-cert=/c&ssl-key=/k", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site", .tls = "verify", .tls_cert = "/c", .tls_key = "/k" } },
	{ "mysql://u:p@localhost/site?ssl-mode=DISABLED", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site", .tls = "off" } },
	{ "mysql://u:p@localhost/site?sslmode=disable", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site", .tls = "off" } },
	{ "mysql://u:p@localhost/site?ssl=false", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site", .tls = "off" } },
	{ "mysql://u:p@localhost/site?ssl=0", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site", .tls = "off" } },
	{ "mysql://u:p@localhost/site?useSSL=false&requireSSL=false", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site", .tls = "off" } },
	{ "mysql://u:p@localhost/site?tls=off", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site", .tls = "off" } },
	{ "mysql://u:p@localhost/site?CHARSET=utf8mb4", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site" } },
	{ "mysql://u:p@localhost/site?socket=/a.sock&charset=utf8mb4", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site", .socket = "/a.sock" } },
	{ "mysql://u:p@localhost/site?unix_socket=/a.sock", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site", .socket = "/a.sock" } },
	{ "mysql://u:p@localhost/site?charset=utf8mb4&unixSocket=%2Fa.sock", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site", .socket = "/a.sock" } },
	{ "mysql://u:p@localhost/site?socketPath=/a.sock", { .host = "localhost", .port = 3306, .user = "u", .password = "p", .database = "site", .socket = "/a.sock" } },
	// clang-format on
};

static void
mysql_urls_are_read_in_all_their_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(mysql_rows); i++) {
		const struct mysql_url *wanted = &mysql_rows[i].url;
		struct mysql_url url;
		const char *why;

		if (!url_parse_mysql(str_from(mysql_rows[i].text), &url, &why))
			fail_msg("%s: %s", mysql_rows[i].text, why);
		assert_null(why);
		assert_text(url.host, wanted->host);
		assert_int_equal(url.port, wanted->port);
		assert_text(url.user, wanted->user);
		assert_text(url.password, wanted->password);
		assert_text(url.database, wanted->database);
		assert_text(url.socket, wanted->socket);
		assert_text(url.tls, wanted->tls);
		assert_text(url.tls_ca, wanted->tls_ca);
		assert_text(url.tls_cert, wanted->tls_cert);
		assert_text(url.tls_key, wanted->tls_key);
		url_free_mysql(&url);
	}
}

static const struct bad_row bad_mysql_rows[] = {
	{ "", "SCHEME://" },
	{ "redis://u:SECRET@localhost/site", "scheme is unknown" },
	{ "mysqls://u:SECRET@localhost/site", "scheme is unknown" },
	{ "mysqlx://u:SECRET@localhost/site", "scheme is unknown" },
	{ "mysql+ssl://u:SECRET@localhost/site", "scheme is unknown" },
	{ "mysql-pdo://u:SECRET@localhost/site", "scheme is unknown" },
	{ "jdbc:mysql://u:SECRET@localhost/site", "SCHEME://" },
	{ "postgres://u:SECRET@localhost/site", "scheme is unknown" },
	{ "mysql://u:SECRET@localhost", "no database" },
	{ "mysql://u:SECRET@localhost/", "no database" },
	{ "mysql://u:SECRET@localhost/a/b", "%2F" },
	{ "mysql://u:SECRET@/site", "no host" },
	{ "mysql://u:SECRET@h,i/site", "several hosts" },
	{ "mysql://u:SECRET@localhost:99999/site", "port" },
	{ "mysql://u:SECRET@localhost/site?ssl-mode=PREFERRED",
	    "PREFERRED protects nothing" },
	{ "mysql://u:SECRET@localhost/site?ssl-mode=", "about TLS" },
	{ "mysql://u:SECRET@localhost/site?ssl-mode", "about TLS" },
	{ "mysql://u:SECRET@localhost/site?ssl-mode=verify", "about TLS" },
	{ "mysql://u:SECRET@localhost/site?ssl={}", "about TLS" },
	{ "mysql://u:SECRET@localhost/site?tls=skip-verify", "about TLS" },
	{ "mysql://u:SECRET@localhost/site?ssl=REQUIRED", "about TLS" },
	{ "mysql://u:SECRET@localhost/site?requireSSL=true", "about TLS" },
	{ "mysql://u:SECRET@localhost/site?verifyServerCertificate=true",
	    "about TLS" },
	{ "mysql://u:SECRET@localhost/site?ssl-capath=/x", "about TLS" },
	{ "mysql://u:SECRET@localhost/site?ssl-cipher=x", "about TLS" },
	{ "mysql://u:SECRET@localhost/site?sslaccept=strict", "about TLS" },
	{ "mysql://u:SECRET@localhost/site?ssl-mode=REQUIRED&ssl=true",
	    "twice" },
	{ "mysql://u:SECRET@localhost/site?ssl-ca=/x&sslca=/x", "twice" },
	{ "mysql://u:SECRET@localhost/site?ssl-cert=%zz", "%" },
	{ "mysql://u:SECRET@localhost/site?chars=utf8", "unknown" },
	{ "mysql://u:SECRET@localhost/site?charset2=utf8", "unknown" },
	{ "mysql://u:SECRET@localhost/site?=x", "unknown" },
	{ "mysql://u:SECRET@localhost/site?charset=utf8mb4&SECRET", "unknown" },
	{ "mysql://u:SECRET@localhost/site?autocommit=false", "unknown" },
	{ "mysql://u:SECRET@localhost/site?init_command=SET%20x", "unknown" },
	{ "mysql://u:SECRET@localhost/site?socket", "absolute" },
	{ "mysql://u:SECRET@localhost/site?socket=/a&unix_socket=/a", "twice" },
	{ "mysql://u:SECRET@localhost/site?socket=a.sock", "absolute" },
	{ "mysql://u:SECRET@localhost/site?socket=", "absolute" },
	{ "mysql://u:SECRET@localhost/site?socket=/a&socket=/b", "twice" },
	{ "mysql://u:SEC%RET@localhost/site", "%" },
};

static void
bad_mysql_urls_are_refused_without_a_word_of_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad_mysql_rows); i++) {
		struct mysql_url url, none = { 0 };
		const char *why;

		if (url_parse_mysql(
			str_from(bad_mysql_rows[i].text), &url, &why))
			fail_msg("%s is taken", bad_mysql_rows[i].text);
		assert_says(&bad_mysql_rows[i], why);
		assert_memory_equal(&url, &none, sizeof(url));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(redis_urls_are_read_in_all_their_forms),
		cmocka_unit_test(
		    bad_redis_urls_are_refused_without_a_word_of_them),
		cmocka_unit_test(mysql_urls_are_read_in_all_their_forms),
		cmocka_unit_test(
		    bad_mysql_urls_are_refused_without_a_word_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
