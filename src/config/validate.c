/* Checks of the configuration, one row of a table each. */
#include "config.h"

#include <string.h>

#include "config/effective.h"
#include "config/setting.h"
#include "config/validate.h"

#define CACHE_BYTES_MIN (64 * 1024)
#define TITLE_MAX 200

/* RFC 9110, 5.6.2; cookie names are tokens by RFC 6265, 4.1.1. */
#define TOKEN_CHARS "!#$%&'*+-.^_`|~" STR_DIGITS STR_LETTERS
#define DOMAIN_CHARS "-." STR_DIGITS STR_LETTERS

#define NEEDS_REDISS "is for TLS: [redis] url must begin with rediss://"

#define BAD_URL \
	"is a path that begins with one /, or a URL of http or https; " \
	"without blanks, a fragment and what a URL has to encode"

/* RFC 3986, 2, without the # before a fragment. */
#define URL_CHARS "-._~:/?[]@!$&'()*+,;=%" STR_DIGITS STR_LETTERS

static bool
has_prefix(const char *text, struct str prefix)
{
	struct str s = str_from(text);

	if (s.len < prefix.len)
		return false;
	s.len = prefix.len;
	return str_eq_nocase(s, prefix); /* as browsers compare it */
}

static bool
is_host_name(const struct conf *conf)
{
	return has_prefix(conf->cookie_name, STR("__Host-"));
}

/* RFC 6265, 4.1.1, av-octets: printable ASCII except the semicolon. */
static bool
is_attribute(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~' || *text == ';')
			return false;
	return true;
}

static bool
bad_mount(const struct conf *conf)
{
	struct str mount = str_from(conf->server_mount);

	if (mount.len == 0)
		return false;
	return mount.ptr[0] != '/' || mount.ptr[mount.len - 1] == '/' ||
	       strpbrk(mount.ptr, " \t?#%\\") != NULL ||
	       strstr(mount.ptr, "//") != NULL ||
	       strstr(mount.ptr, "/.") != NULL;
}

/* value.c has refused all other control characters. */
static bool
bad_key_prefix(const struct conf *conf)
{
	return strchr(conf->redis_key_prefix, '\t') != NULL;
}

/* A url that is malformed has neither host nor path, and was reported. */
static bool
is_redis_without_tls(const struct conf *conf)
{
	return !conf->redis.is_tls &&
	       (conf->redis.host != NULL || conf->redis.path != NULL);
}

static bool
ca_without_tls(const struct conf *conf)
{
	return conf->redis_tls_ca[0] != '\0' && is_redis_without_tls(conf);
}

static bool
ca_without_verify(const struct conf *conf)
{
	return conf->redis_tls_ca[0] != '\0' &&
	       conf->redis_tls_verify == CONF_TLS_VERIFY_OFF;
}

static bool
cert_without_tls(const struct conf *conf)
{
	return conf->redis_tls_cert[0] != '\0' && is_redis_without_tls(conf);
}

static bool
cert_without_key(const struct conf *conf)
{
	return conf->redis_tls_cert[0] != '\0' &&
	       conf->redis_tls_key[0] == '\0';
}

static bool
key_without_cert(const struct conf *conf)
{
	return conf->redis_tls_key[0] != '\0' &&
	       conf->redis_tls_cert[0] == '\0';
}

static bool
name_without_tls(const struct conf *conf)
{
	return conf->redis_tls_name[0] != '\0' && is_redis_without_tls(conf);
}

static bool
bad_tls_name(const struct conf *conf)
{
	return conf->redis_tls_name[0] != '\0' &&
	       !url_is_host(conf->redis_tls_name);
}

static bool
verify_without_tls(const struct conf *conf)
{
	return conf->redis_tls_verify != CONF_TLS_VERIFY_FULL &&
	       is_redis_without_tls(conf);
}

static const char *
word_of_mysql_tls(enum conf_mysql_tls mode)
{
	return setting_table[CONF_OPTION_mysql_tls].words[mode];
}

static bool
tls_against_url(const struct conf *conf)
{
	return conf->mysql.tls != NULL &&
	       conf->mysql_tls != CONF_MYSQL_TLS_AUTO &&
	       strcmp(conf->mysql.tls, word_of_mysql_tls(conf->mysql_tls)) != 0;
}

static bool
is_twice(const char *option, const char *of_url)
{
	return option[0] != '\0' && of_url != NULL &&
	       strcmp(option, of_url) != 0;
}

static bool
tls_files_against_url(const struct conf *conf)
{
	return is_twice(conf->mysql_tls_ca, conf->mysql.tls_ca) ||
	       is_twice(conf->mysql_tls_cert, conf->mysql.tls_cert) ||
	       is_twice(conf->mysql_tls_key, conf->mysql.tls_key);
}

static bool
mysql_ca_without_verify(const struct conf *conf)
{
	return conf->effective.mysql_tls_ca[0] != '\0' &&
	       conf->effective.mysql_tls < CONF_MYSQL_TLS_VERIFY_CA;
}

static bool
verify_ca_without_ca(const struct conf *conf)
{
	return conf->effective.mysql_tls_ca[0] == '\0' &&
	       conf->effective.mysql_tls == CONF_MYSQL_TLS_VERIFY_CA;
}

static bool
mysql_cert_without_tls(const struct conf *conf)
{
	return conf->effective.mysql_tls_cert[0] != '\0' &&
	       conf->effective.mysql_tls == CONF_MYSQL_TLS_OFF;
}

static bool
mysql_cert_without_key(const struct conf *conf)
{
	return conf->effective.mysql_tls_cert[0] != '\0' &&
	       conf->effective.mysql_tls_key[0] == '\0';
}

static bool
mysql_key_without_cert(const struct conf *conf)
{
	return conf->effective.mysql_tls_key[0] != '\0' &&
	       conf->effective.mysql_tls_cert[0] == '\0';
}

static bool
empty_user_by_login(const struct conf *conf)
{
	return conf->mysql_user_by_login[0] == '\0';
}

static bool
empty_user_by_id(const struct conf *conf)
{
	return conf->mysql_user_by_id[0] == '\0';
}

static bool
rehash_without_update(const struct conf *conf)
{
	return conf->login_rehash && conf->mysql_password_update[0] == '\0';
}

/* A user could not log in with the password that they have just set. */
static bool
update_without_bcrypt(const struct conf *conf)
{
	return conf->mysql_password_update[0] != '\0' &&
	       !(conf->login_formats & 1u << CONF_FORMAT_BCRYPT);
}

static bool
floor_beyond_deadline(const struct conf *conf)
{
	return conf->login_floor_ms >= conf->server_deadline_ms;
}

static bool
bad_cookie_name(const struct conf *conf)
{
	return !str_only(str_from(conf->cookie_name), TOKEN_CHARS);
}

static bool
bad_cookie_path(const struct conf *conf)
{
	return conf->cookie_path[0] != '/' || !is_attribute(conf->cookie_path);
}

static bool
bad_cookie_domain(const struct conf *conf)
{
	return !str_only(str_from(conf->cookie_domain), DOMAIN_CHARS);
}

static bool
none_without_secure(const struct conf *conf)
{
	return conf->cookie_samesite == CONF_SAMESITE_NONE &&
	       !conf->cookie_secure;
}

static bool
host_with_domain(const struct conf *conf)
{
	return is_host_name(conf) && conf->cookie_domain[0] != '\0';
}

static bool
host_with_path(const struct conf *conf)
{
	return is_host_name(conf) && strcmp(conf->cookie_path, "/") != 0;
}

static bool
host_without_secure(const struct conf *conf)
{
	return is_host_name(conf) && !conf->cookie_secure;
}

static bool
secure_without_secure(const struct conf *conf)
{
	return has_prefix(conf->cookie_name, STR("__Secure-")) &&
	       !conf->cookie_secure;
}

/* A path must not begin with //, which names another host. */
static bool
is_bad_url(const char *url)
{
	bool is_path = url[0] == '/' && url[1] != '/';

	if (url[0] == '\0')
		return false;
	return !str_only(str_from(url), URL_CHARS) ||
	       !(is_path || has_prefix(url, STR("https://")) ||
		   has_prefix(url, STR("http://")));
}

static bool
bad_login_url(const struct conf *conf)
{
	return is_bad_url(conf->gate_login_url);
}

static bool
bad_forgot_url(const struct conf *conf)
{
	return is_bad_url(conf->login_forgot_url);
}

/* The title is on every page several times, so it is bounded. */
static bool
bad_title(const struct conf *conf)
{
	return strlen(conf->login_title) > TITLE_MAX ||
	       strchr(conf->login_title, '\t') != NULL;
}

static bool
role_without_state(const struct conf *conf)
{
	return conf_rules_have_role(&conf->gate_rule) &&
	       conf->mysql_user_state[0] == '\0';
}

static bool
too_small_cache(const struct conf *conf)
{
	return conf->cache_memory_bytes != 0 &&
	       conf->cache_memory_bytes < CACHE_BYTES_MIN;
}

static bool
bad_log_target(const struct conf *conf)
{
	const char *target = conf->log_target;

	return strcmp(target, "auto") != 0 && strcmp(target, "stderr") != 0 &&
	       strcmp(target, "syslog") != 0 &&
	       !str_starts(str_from(target), STR("file:/"));
}

/*
 * An error is reported at `option`.  The check is skipped if `option` or
 * `other` is bad already.
 */
static const struct rule {
	enum conf_option option, other;
	bool (*is_broken)(const struct conf *conf);
	const char *words;
} rules[] = {
	// clang-format off
	{ CONF_OPTION_server_mount, CONF_OPTION_server_mount, bad_mount,
	    "is empty, or begins with / and does not end with one; without blanks, ?, #, %, \\, // and segments that begin with a dot" },
	{ CONF_OPTION_redis_key_prefix, CONF_OPTION_redis_key_prefix, bad_key_prefix,
	    "holds a control character" },
	{ CONF_OPTION_redis_tls_ca, CONF_OPTION_redis_tls_ca, ca_without_tls,
	    NEEDS_REDISS },
	{ CONF_OPTION_redis_tls_ca, CONF_OPTION_redis_tls_ca, ca_without_verify,
	    "has no effect with tls_verify = off" },
	{ CONF_OPTION_redis_tls_cert, CONF_OPTION_redis_tls_cert, cert_without_tls,
	    NEEDS_REDISS },
	{ CONF_OPTION_redis_tls_cert, CONF_OPTION_redis_tls_cert, cert_without_key,
	    "needs tls_key" },
	{ CONF_OPTION_redis_tls_key, CONF_OPTION_redis_tls_key, key_without_cert,
	    "needs tls_cert" },
	{ CONF_OPTION_redis_tls_name, CONF_OPTION_redis_tls_name, name_without_tls,
	    NEEDS_REDISS },
	{ CONF_OPTION_redis_tls_name, CONF_OPTION_redis_tls_name, bad_tls_name,
	    "is neither a host name nor an address" },
	{ CONF_OPTION_redis_tls_verify, CONF_OPTION_redis_tls_verify, verify_without_tls,
	    NEEDS_REDISS },
	{ CONF_OPTION_mysql_tls, CONF_OPTION_mysql_url, tls_against_url,
	    "contradicts ssl-mode in the url" },
	{ CONF_OPTION_mysql_url, CONF_OPTION_mysql_tls_ca, tls_files_against_url,
	    "ssl-ca, ssl-cert or ssl-key contradicts [mysql] tls_ca, tls_cert or tls_key" },
	{ CONF_OPTION_mysql_tls_ca, CONF_OPTION_mysql_url, mysql_ca_without_verify,
	    "is for tls = verify and verify-ca (auto is off for a socket and this machine)" },
	{ CONF_OPTION_mysql_tls, CONF_OPTION_mysql_url, verify_ca_without_ca,
	    "verify-ca needs tls_ca" },
	{ CONF_OPTION_mysql_tls_cert, CONF_OPTION_mysql_url, mysql_cert_without_tls,
	    "has no effect without TLS (auto is off for a socket and this machine)" },
	{ CONF_OPTION_mysql_tls_cert, CONF_OPTION_mysql_url, mysql_cert_without_key,
	    "needs tls_key" },
	{ CONF_OPTION_mysql_tls_key, CONF_OPTION_mysql_url, mysql_key_without_cert,
	    "needs tls_cert" },
	{ CONF_OPTION_mysql_user_by_login, CONF_OPTION_mysql_user_by_login, empty_user_by_login,
	    "a statement is needed" },
	{ CONF_OPTION_mysql_user_by_id, CONF_OPTION_mysql_user_by_id, empty_user_by_id,
	    "a statement is needed" },
	{ CONF_OPTION_login_rehash, CONF_OPTION_mysql_password_update, rehash_without_update,
	    "on needs [mysql] password_update" },
	{ CONF_OPTION_login_formats, CONF_OPTION_mysql_password_update, update_without_bcrypt,
	    "bcrypt is what [mysql] password_update writes: it has to be among them" },
	{ CONF_OPTION_login_floor, CONF_OPTION_server_deadline, floor_beyond_deadline,
	    "does not fit into [server] deadline" },
	{ CONF_OPTION_cookie_name, CONF_OPTION_cookie_name, bad_cookie_name,
	    "holds a character that a cookie's name may not have" },
	{ CONF_OPTION_cookie_path, CONF_OPTION_cookie_path, bad_cookie_path,
	    "begins with / and has printable ASCII but no semicolon" },
	{ CONF_OPTION_cookie_domain, CONF_OPTION_cookie_domain, bad_cookie_domain,
	    "is no host name" },
	{ CONF_OPTION_cookie_samesite, CONF_OPTION_cookie_secure, none_without_secure,
	    "None needs secure = on: browsers drop such a cookie" },
	{ CONF_OPTION_cookie_domain, CONF_OPTION_cookie_name, host_with_domain,
	    "a cookie whose name begins with __Host- has no domain" },
	{ CONF_OPTION_cookie_path, CONF_OPTION_cookie_name, host_with_path,
	    "a cookie whose name begins with __Host- has the path /" },
	{ CONF_OPTION_cookie_secure, CONF_OPTION_cookie_name, host_without_secure,
	    "a cookie whose name begins with __Host- needs secure = on" },
	{ CONF_OPTION_cookie_secure, CONF_OPTION_cookie_name, secure_without_secure,
	    "a cookie whose name begins with __Secure- needs secure = on" },
	{ CONF_OPTION_gate_login_url, CONF_OPTION_gate_login_url, bad_login_url,
	    BAD_URL },
	{ CONF_OPTION_login_forgot_url, CONF_OPTION_login_forgot_url, bad_forgot_url,
	    BAD_URL },
	{ CONF_OPTION_login_title, CONF_OPTION_login_title, bad_title,
	    "is at most 200 bytes, without tabs" },
	{ CONF_OPTION_gate_rule, CONF_OPTION_mysql_user_state, role_without_state,
	    "a role needs [mysql] user_state, which says who has it" },
	{ CONF_OPTION_cache_memory, CONF_OPTION_cache_memory, too_small_cache,
	    "is 0, or at least 64K" },
	{ CONF_OPTION_log_target, CONF_OPTION_log_target, bad_log_target,
	    "is not auto, stderr, syslog or file:/PATH" },
	// clang-format on
};

/*
 * The option at which too few workers are reported: one that was set, that of
 * the places first.
 */
static enum conf_option
places_culprit(const struct draft *draft)
{
	if (draft->ranks[CONF_OPTION_mysql_connections] > DRAFT_DEFAULT)
		return CONF_OPTION_mysql_connections;
	if (draft->ranks[CONF_OPTION_login_hash_threads] > DRAFT_DEFAULT)
		return CONF_OPTION_login_hash_threads;
	return CONF_OPTION_server_workers;
}

static void
validate_places(struct draft *draft)
{
	const struct conf *conf = draft->conf;
	int hash_threads = conf->effective.hash_threads;
	int left = conf->server_workers - conf->mysql_connections;
	char words[160];

	if (left - hash_threads >= IN_FORCE_WORKERS_LEFT ||
	    draft->is_bad[CONF_OPTION_server_workers] ||
	    draft->is_bad[CONF_OPTION_mysql_connections] ||
	    draft->is_bad[CONF_OPTION_login_hash_threads])
		return;
	snprintf(words, sizeof(words),
	    "[mysql] connections %d and [login] hash_threads %d leave fewer "
	    "than %d of [server] workers %d",
	    conf->mysql_connections, hash_threads, IN_FORCE_WORKERS_LEFT,
	    conf->server_workers);
	draft_error_in(draft, places_culprit(draft), words);
}

static void
validate_rule(struct draft *draft, const struct rule *rule)
{
	if (!draft->is_bad[rule->option] && !draft->is_bad[rule->other] &&
	    rule->is_broken(draft->conf))
		draft_error_in(draft, rule->option, rule->words);
}

#define RULES (sizeof(rules) / sizeof(rules[0]))

void
validate_common(struct draft *draft)
{
	for (size_t i = 0; i < RULES; i++)
		if (rules[i].option == rules[i].other)
			validate_rule(draft, &rules[i]);
	validate_places(draft);
}

/*
 * An inherited setting that is bad was reported by validate_common, and is_bad
 * is inherited, so it is not reported again.
 */
void
validate_site(struct draft *draft)
{
	for (size_t i = 0; i < RULES; i++)
		validate_rule(draft, &rules[i]);
}
