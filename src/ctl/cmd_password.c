/* password hash, password verify, password set. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "app/password_check.h"
#include "base/file.h"
#include "ctl/audit.h"
#include "ctl/cmds.h"
#include "ctl/command.h"
#include "ctl/counts.h"
#include "ctl/json_line.h"
#include "ctl/people.h"
#include "ctl/secret_in.h"
#include "ctl/sessions.h"
#include "redis/session_read.h"
#include "store/keys.h"

enum { STORED_MAX = 4096 };

static int
make_default_hash(struct str password, char new_hash[PASSWORD_NEW_SIZE])
{
	if (password_new(password, new_hash))
		return -1;
	ctl_warn(
	    "a password of at most %d bytes and without NUL", PASSWORD_NEW_MAX);
	return CTL_NO;
}

int
cmd_password_hash(struct ctl *ctl, const struct args *args)
{
	struct str format = args_has(args, OPTION_FORMAT)
				? str_from(args->values[OPTION_FORMAT])
				: STR("bcrypt");
	char new_hash[PASSWORD_HASH_SIZE];
	struct str password;
	int status;

	if (!str_eq(format, STR("bcrypt")) &&
	    !str_eq(format, STR("argon2id")) &&
	    !str_eq(format, STR("yescrypt"))) {
		ctl_warn("--format: bcrypt, argon2id or yescrypt");
		return EX_USAGE;
	}
	status = secret_in_read_new(ctl, args, &password);
	if (status >= 0)
		return status;
	if (!password_new_hash(password, format, new_hash)) {
		ctl_warn("this format takes no password of this length, or "
			 "with NUL (bcrypt: %d bytes)",
		    PASSWORD_NEW_MAX);
		return CTL_NO;
	}
	if (ctl->is_json) {
		struct json_writer *line = json_line_begin(ctl->arena);

		json_write_text(line, STR("hash"), str_from(new_hash));
		json_line_print(line);
	} else {
		puts(new_hash);
	}
	explicit_bzero(new_hash, sizeof(new_hash));
	return CTL_DONE;
}

static const char *
words_of_verdict(enum password_verdict verdict)
{
	switch (verdict) {
	case PASSWORD_RIGHT:
		return "right";
	case PASSWORD_WRONG:
		return "wrong";
	case PASSWORD_REFUSED:
		return "the stored hash is not supported";
	default:
		return "could not be computed";
	}
}

int
cmd_password_verify(struct ctl *ctl, const struct args *args)
{
	char *bytes = arena_alloc(ctl->arena, STORED_MAX);
	enum password_verdict verdict;
	struct str stored, password, rest;
	size_t len;
	int status;

	if (!file_read(args->words[0], bytes, STORED_MAX, &len)) {
		ctl_warn("%s: cannot be read", args->words[0]);
		return EX_NOPERM;
	}
	rest = (struct str){ bytes, len };
	stored = str_trim(str_cut(&rest, '\n'));
	status = secret_in_read(ctl, args, "Password: ", &password);
	if (status >= 0)
		return status;
	verdict = password_verify(password, stored);
	if (ctl->is_json) {
		struct json_writer *line = json_line_begin(ctl->arena);

		json_write_bool(line, STR("right"), verdict == PASSWORD_RIGHT);
		json_write_text(
		    line, STR("verdict"), str_from(words_of_verdict(verdict)));
		json_line_print(line);
	} else {
		ctl_print(ctl, "%s", words_of_verdict(verdict));
	}
	if (verdict == PASSWORD_FAILED)
		return EX_OSERR;
	return verdict == PASSWORD_RIGHT ? CTL_DONE : CTL_NO;
}

static int
refuse_unfit(struct ctl *ctl, struct str password)
{
	if (!password_check_is_fit(ctl->conf, password))
		ctl_warn("a password of %d characters at least ([login] "
			 "password_min) and %d bytes at most",
		    ctl->conf->login_password_min, PASSWORD_NEW_MAX);
	else if (denied_file_has(&ctl->conf->denied, password))
		ctl_warn("this password is in [login] password_denied");
	else
		return -1;
	return CTL_NO;
}

/* Deletes the account that Redis stores: its fingerprint is of the old hash. */
static enum result
forget_account(struct ctl *ctl, struct str id)
{
	struct resp_value value;

	link_add(ctl->link, STR("DEL"),
	    keys_account(
		ctl->arena, str_from(ctl->conf->redis_key_prefix), id));
	return link_exchange(ctl->link, &ctl->call, &value);
}

/*
 * Keeps the order of app/handle/password_change.c.  The generation is replaced
 * before the table is written, so that nothing is written if Redis is away.  It
 * is replaced again after that, also if the UPDATE may or may not have
 * happened: that ends a login that verified the old password meanwhile.
 */
static enum result
store_hash(struct ctl *ctl, const struct person *person, struct str new_hash,
    int64_t *ended)
{
	int64_t late = 0;
	enum result written, forgotten;
	enum result result = ctl_sessions_end_all(ctl, person->id, ended);

	if (result != RESULT_OK)
		return result;
	written = people_set_hash(ctl, person, new_hash);
	if (written != RESULT_OK && !result_may_be_written(written))
		return written;
	forgotten = forget_account(ctl, person->id);
	result = ctl_sessions_end_all(ctl, person->id, &late);
	*ended += late;
	if (written != RESULT_OK) {
		ctl_warn("the password may have been changed: set it again");
		return written;
	}
	return forgotten != RESULT_OK ? forgotten : result;
}

static int
report_set(struct ctl *ctl, const struct person *person, int64_t ended)
{
	counts_add_ended(ctl, ended);
	audit_change(ctl, "password set", log_text("by", ctl->by),
	    log_str("id", person->id), log_num("revoked", ended), LOG_END);
	if (ctl->is_json) {
		struct json_writer *line = json_line_begin(ctl->arena);

		json_write_bool(line, STR("changed"), true);
		json_write_int(line, STR("ended"), ended);
		json_line_print(line);
	} else {
		ctl_print(ctl,
		    "the password of %s is changed, %" PRId64
		    " session%s ended",
		    people_words(ctl, person), ended, ended == 1 ? "" : "s");
	}
	return CTL_DONE;
}

int
cmd_password_set(struct ctl *ctl, const struct args *args)
{
	char new_hash[PASSWORD_NEW_SIZE];
	struct person person;
	struct str password = STR_NONE;
	int64_t ended = 0;
	enum result result;
	int status = EX_CONFIG;

	if (pool_has(ctl->pool, POOL_PASSWORD_UPDATE))
		status = people_find(ctl, args->words[0], PEOPLE_ROW, &person);
	else
		ctl_warn("[mysql] password_update is not set: passwords are "
			 "only read");
	if (status < 0)
		status = people_read_hash(ctl, &person);
	if (status < 0)
		status = secret_in_read_new(ctl, args, &password);
	if (status < 0)
		status = refuse_unfit(ctl, password);
	if (status < 0)
		status = make_default_hash(password, new_hash);
	if (status >= 0)
		return status;
	ctl_reset_deadline(ctl);
	result = store_hash(ctl, &person, str_from(new_hash), &ended);
	explicit_bzero(new_hash, sizeof(new_hash));
	if (result != RESULT_OK)
		return ctl_fail(ctl, result,
		    result == RESULT_BAD
			? "the column of the hash is too narrow"
			: "the row has another hash by now: try again");
	return report_set(ctl, &person, ended);
}
