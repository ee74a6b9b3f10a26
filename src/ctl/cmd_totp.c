/* totp new, totp check, totp remove: the second factor of a user. */
#include "config.h"

#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

#include "app/second_factor.h"
#include "base/buf.h"
#include "ctl/audit.h"
#include "ctl/cmds.h"
#include "ctl/command.h"
#include "ctl/json_line.h"
#include "ctl/people.h"
#include "ctl/secret_in.h"
#include "redis/session_read.h"
#include "secret/recovery.h"
#include "secret/totp.h"

enum { TRIES = 3 /* on a terminal */ };

/* The url goes through a pipe, so that no process list shows the secret. */
static void
print_qr_code(struct str url)
{
	FILE *qrencode;

	if (!isatty(STDOUT_FILENO))
		return;
	fflush(stdout);
	/* NOLINTNEXTLINE(cert-env33-c): a constant */
	qrencode = popen("command -v qrencode >/dev/null 2>&1 && "
			 "exec qrencode -t ANSIUTF8 || exec cat >/dev/null",
	    "w");
	if (qrencode == NULL)
		return;
	fprintf(qrencode, "%.*s", STR_ARG(url));
	(void)pclose(qrencode);
}

static void
print_secret(struct ctl *ctl, const struct person *person, struct str text)
{
	struct str login = person->user.login;
	struct str url = second_factor_url(ctl->arena, ctl->conf, login, text);

	if (ctl->is_json) {
		struct json_writer *line = json_line_begin(ctl->arena);

		json_write_text(line, STR("secret"), text);
		json_write_text(line, STR("url"), url);
		json_line_print(line);
	} else {
		printf("%.*s\n", STR_ARG(url));
		print_qr_code(url);
		fputs("secret:", stdout);
		for (size_t i = 0; i < text.len; i += 4)
			printf(" %.4s", text.ptr + i);
		putchar('\n');
	}
	fflush(stdout);
}

/*
 * Reads a code and checks it.  -1: it is right, and *factor has its step; else
 * the exit status, and the reason was printed.
 */
static int
ask_code(
    struct ctl *ctl, const struct person *person, struct second_factor *factor)
{
	struct session_facts standing;
	struct str code;
	enum result result;
	int status = secret_in_read_code(ctl, "Code: ", &code);

	if (status >= 0)
		return status;
	ctl_reset_deadline(ctl);
	result = redis_sessions_standing(
	    ctl->sessions, &ctl->call, person->id, &standing);
	if (result != RESULT_OK)
		return ctl_fail(ctl, result, NULL);
	*factor = second_factor_check(
	    ctl->arena, &person->user, code, standing.now_ms);
	if (factor->is_right)
		return -1;
	ctl_warn(factor->is_unreadable ? "the stored secret cannot be read"
				       : "the code is wrong");
	return CTL_NO;
}

static int
ask_first_code(
    struct ctl *ctl, const struct person *person, struct second_factor *factor)
{
	int status, tries = isatty(STDIN_FILENO) ? TRIES : 1;

	do {
		status = ask_code(ctl, person, factor);
	} while (status == CTL_NO && --tries > 0);
	if (status == CTL_NO)
		ctl_warn("nothing was changed");
	return status;
}

/* The row of the user that a command names.  Results as of people_find. */
static int
find_totp_row(struct ctl *ctl, const struct args *args, struct person *person)
{
	int status = people_find(ctl, args->words[0], PEOPLE_ROW, person);

	if (status < 0)
		status = people_read_hash(ctl, person);
	if (status >= 0)
		return status;
	if (people_have_totp(ctl))
		return -1;
	ctl_warn("[mysql] user_by_login has no column totp");
	return EX_CONFIG;
}

static int
find_to_change(struct ctl *ctl, const struct args *args, struct person *person)
{
	if (pool_has(ctl->pool, POOL_TOTP_UPDATE))
		return find_totp_row(ctl, args, person);
	ctl_warn("[mysql] totp_update is not set: secrets are only read");
	return EX_CONFIG;
}

/* -1: written; else the exit status, and the reason was printed. */
static int
write_secret(struct ctl *ctl, const struct person *person, struct str text,
    struct str codes)
{
	enum result result = people_set_totp(ctl, person, text, codes);

	if (result == RESULT_OK)
		return -1;
	return ctl_fail(ctl, result,
	    result == RESULT_BAD ? "the column totp or totp_codes is too narrow"
				 : "[mysql] totp_update found no row to "
				   "change: try again");
}

/* codes: new recovery codes, one a line, or STR_NONE. */
static void
print_changed_json(struct ctl *ctl, struct str codes)
{
	struct json_writer *line = json_line_begin(ctl->arena);

	json_write_bool(line, STR("changed"), true);
	if (!str_is_none(codes)) {
		json_write_name(line, STR("recoveryCodes"));
		json_write_array(line);
		while (!str_is_none(codes))
			json_write_string(line, str_cut(&codes, '\n'));
		json_write_array_end(line);
	}
	json_line_print(line);
}

static int
report_changed(struct ctl *ctl, const struct person *person, const char *how,
    struct str codes)
{
	if (ctl->is_json) {
		print_changed_json(ctl, codes);
		return CTL_DONE;
	}
	ctl_print(ctl, "%s logs in %s a code from now on; open sessions go on",
	    people_words(ctl, person), how);
	if (str_is_none(codes))
		return CTL_DONE;
	ctl_print(ctl, "recovery codes, each for one login without the device; "
		       "they are shown nowhere else:");
	printf("%.*s\n", STR_ARG(codes));
	return CTL_DONE;
}

int
cmd_totp_new(struct ctl *ctl, const struct args *args)
{
	char text[TOTP_TEXT_LEN + 1];
	struct str codes = STR_NONE, list = STR_NONE;
	struct second_factor factor;
	struct person person;
	enum result result;
	int status = find_to_change(ctl, args, &person);

	if (status >= 0)
		return status;
	if (person.user.totp.len > 0) {
		ctl_warn("%s has a second factor: remove it first",
		    people_words(ctl, &person));
		return CTL_NO;
	}
	if (!totp_secret_new(text) ||
	    (people_have_recovery(ctl) &&
		!recovery_new(ctl->arena, &codes, &list)))
		return EX_OSERR;
	person.user.recovery = STR_NONE; /* those of a former factor */
	person.user.totp = arena_dup(ctl->arena, str_from(text));
	explicit_bzero(text, sizeof(text));
	print_secret(ctl, &person, person.user.totp);
	status = ask_first_code(ctl, &person, &factor);
	if (status >= 0)
		return status;
	result = second_factor_claim(
	    &ctl->stores, &ctl->call, &person.user, &factor);
	if (result != RESULT_OK)
		return ctl_fail(ctl, result, "the code was used: try again");
	status = write_secret(ctl, &person, person.user.totp, list);
	if (status >= 0)
		return status;
	audit_change(ctl, "totp set", log_text("by", ctl->by),
	    log_str("id", person.id), LOG_END);
	return report_changed(ctl, &person, "with", codes);
}

int
cmd_totp_check(struct ctl *ctl, const struct args *args)
{
	struct second_factor factor;
	struct person person;
	int status = find_totp_row(ctl, args, &person);

	if (status >= 0)
		return status;
	if (person.user.totp.len == 0) {
		ctl_warn("%s has no second factor", people_words(ctl, &person));
		return CTL_NO;
	}
	status = ask_code(ctl, &person, &factor);
	if (status >= 0)
		return status;
	if (ctl->is_json) {
		json_line_print_bool(ctl->arena, STR("right"), true);
	} else {
		ctl_print(ctl, "the code is right");
	}
	return CTL_DONE;
}

int
cmd_totp_remove(struct ctl *ctl, const struct args *args)
{
	struct person person;
	int status = find_to_change(ctl, args, &person);

	if (status >= 0)
		return status;
	if (person.user.totp.len == 0) {
		ctl_warn("%s has no second factor", people_words(ctl, &person));
		return CTL_NO;
	}
	ctl_reset_deadline(ctl);
	status = write_secret(ctl, &person, STR_NONE, STR_NONE);
	if (status >= 0)
		return status;
	audit_change(ctl, "totp removed", log_text("by", ctl->by),
	    log_str("id", person.id), LOG_END);
	return report_changed(ctl, &person, "without", STR_NONE);
}
