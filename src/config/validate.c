/* Checks of the configuration.  Each is a row of a table. */
#include "config.h"

#include <string.h>

#include "config/effective.h"
#include "config/validate.h"
#include "config/validation.h"

#define CACHE_BYTES_MIN (64 * 1024)
#define TITLE_MAX 200

/*
 * Bytes of a token (RFC 9110, 5.6.2); a cookie name is a token (RFC 6265,
 * 4.1.1).
 */
#define TOKEN_CHARS "!#$%&'*+-.^_`|~" STR_DIGITS STR_LETTERS
#define DOMAIN_CHARS "-." STR_DIGITS STR_LETTERS

#define BAD_URL \
	"is a path that begins with one /, or a URL of http or https; " \
	"without blanks, a fragment and what a URL has to encode"

/* Bytes of a URL (RFC 3986, 2), without the # before a fragment. */
#define URL_CHARS "-._~:/?[]@!$&'()*+,;=%" STR_DIGITS STR_LETTERS

static bool
has_prefix(const char *text, struct str prefix)
{
	struct str s = str_from(text);

	if (s.len < prefix.len)
		return false;
	s.len = prefix.len;
	return str_eq_nocase(s, prefix); /* browsers ignore the case, too */
}

static bool
is_host_name(const struct conf *conf)
{
	return has_prefix(conf->cookie_name, STR("__Host-"));
}

/*
 * True if text may be a cookie attribute: printable ASCII except the semicolon
 * (RFC 6265, 4.1.1, av-octets).
 */
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

/* True for a tab.  value.c has refused all other control characters. */
static bool
bad_key_prefix(const struct conf *conf)
{
	return strchr(conf->redis_key_prefix, '\t') != NULL;
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

/*
 * True if the spool, a file, could hold session tokens: unless [session] key is
 * sha256, the key of a session may contain its token.
 */
static bool
spool_of_tokens(const struct conf *conf)
{
	return conf->session_spool[0] != '\0' &&
	       conf->session_key != CONF_KEY_SHA256;
}

/* True if Redis may be a replica, which accepts no write. */
static bool
spool_for_replica(const struct conf *conf)
{
	return conf->session_spool[0] != '\0' &&
	       conf->redis_role == CONF_REDIS_ROLE_ANY;
}

/* True if users could not log in with a password that they have just set. */
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

/*
 * True for a bad URL or path.  A path must not begin with //, which names
 * another host.
 */
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

/*
 * True for a bad title.  Its length is bounded, since every page has it several
 * times.
 */
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
otp_without_column(const struct conf *conf)
{
	struct str sql = str_from(conf->mysql_user_by_login);

	return conf_rules_have_otp(&conf->gate_rule) &&
	       !str_has_nocase(sql, STR("totp")) && !str_has_char(sql, '*');
}

static bool
codes_without_column(const struct conf *conf)
{
	struct str sql = str_from(conf->mysql_user_by_login);

	return conf->mysql_totp_codes_update[0] != '\0' &&
	       !str_has_nocase(sql, STR("totp_codes")) &&
	       !str_has_char(sql, '*');
}

/* True if recovery codes would stay when the second factor is removed. */
static bool
codes_without_removal(const struct conf *conf)
{
	return conf->mysql_totp_codes_update[0] != '\0' &&
	       !str_has(str_from(conf->mysql_totp_update), STR(":codes"));
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

static bool
bad_log_audit(const struct conf *conf)
{
	const char *audit = conf->log_audit;

	return strcmp(audit, "same") != 0 && strcmp(audit, "syslog") != 0 &&
	       !str_starts(str_from(audit), STR("file:/"));
}

static const struct validation rows[] = {
	// clang-format off
	{ CONF_OPTION_server_mount, CONF_OPTION_server_mount, bad_mount,
	    "is empty, or begins with / and does not end with one; without blanks, ?, #, %, \\, // and segments that begin with a dot" },
	{ CONF_OPTION_redis_key_prefix, CONF_OPTION_redis_key_prefix, bad_key_prefix,
	    "holds a control character" },
	{ CONF_OPTION_mysql_user_by_login, CONF_OPTION_mysql_user_by_login, empty_user_by_login,
	    "a statement is needed" },
	{ CONF_OPTION_mysql_user_by_id, CONF_OPTION_mysql_user_by_id, empty_user_by_id,
	    "a statement is needed" },
	{ CONF_OPTION_session_key, CONF_OPTION_session_spool, spool_of_tokens,
	    "must be sha256 with [session] spool: tokens would lie on the disk" },
	{ CONF_OPTION_session_spool, CONF_OPTION_redis_role, spool_for_replica,
	    "is of no use with [redis] role = any" },
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
	{ CONF_OPTION_gate_rule, CONF_OPTION_mysql_user_by_login, otp_without_column,
	    "otp needs a column totp in [mysql] user_by_login, else no login has a code" },
	{ CONF_OPTION_mysql_totp_codes_update, CONF_OPTION_mysql_user_by_login, codes_without_column,
	    "needs a column totp_codes in [mysql] user_by_login" },
	{ CONF_OPTION_mysql_totp_codes_update, CONF_OPTION_mysql_totp_update, codes_without_removal,
	    "needs [mysql] totp_update with :codes, which removes them with the second factor" },
	{ CONF_OPTION_cache_memory, CONF_OPTION_cache_memory, too_small_cache,
	    "is 0, or at least 64K" },
	{ CONF_OPTION_log_target, CONF_OPTION_log_target, bad_log_target,
	    "is not auto, stderr, syslog or file:/PATH" },
	{ CONF_OPTION_log_audit, CONF_OPTION_log_audit, bad_log_audit,
	    "is not same, syslog or file:/PATH" },
	{ .is_broken = NULL }
	// clang-format on
};

/*
 * Returns the option at which too few workers are reported: one that was set
 * (connections first, then hash_threads), else workers.
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

	if (left - hash_threads >= EFFECTIVE_WORKERS_LEFT ||
	    draft->is_bad[CONF_OPTION_server_workers] ||
	    draft->is_bad[CONF_OPTION_mysql_connections] ||
	    draft->is_bad[CONF_OPTION_login_hash_threads])
		return;
	snprintf(words, sizeof(words),
	    "[mysql] connections %d and [login] hash_threads %d leave fewer "
	    "than %d of [server] workers %d",
	    conf->mysql_connections, hash_threads, EFFECTIVE_WORKERS_LEFT,
	    conf->server_workers);
	draft_error_in(draft, places_culprit(draft), words);
}

/* Checks the rows; if is_common, only rows about a single option. */
static void
validate_rows(struct draft *draft, const struct validation *row, bool is_common)
{
	for (; row->is_broken != NULL; row++)
		if ((!is_common || row->option == row->other) &&
		    !draft->is_bad[row->option] && !draft->is_bad[row->other] &&
		    row->is_broken(draft->conf))
			draft_error_in(draft, row->option, row->words);
}

void
validate_common(struct draft *draft)
{
	validate_rows(draft, rows, true);
	validate_rows(draft, validation_of_stores, true);
	validate_places(draft);
}

/*
 * A bad setting that is inherited was reported by validate_common.  is_bad is
 * inherited, too, so the setting is not reported again.
 */
void
validate_site(struct draft *draft)
{
	validate_rows(draft, rows, false);
	validate_rows(draft, validation_of_stores, false);
}
