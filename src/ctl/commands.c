/* The table of commands, and the texts that list them: usage and completion. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "ctl/cmds.h"
#include "ctl/command.h"

enum {
	ON_REDIS = NEED_CONF | NEED_SITE | NEED_REDIS,
	ON_BOTH = ON_REDIS | NEED_MYSQL
};

#define BIT(name) OPTION_BIT(OPTION_##name)

/* In the order of the manual. */
static const struct command commands[] = {
	{ "sessions", "USER", "Lists the sessions of a user, last seen first.",
	    1, 1, 0, ON_BOTH, cmd_sessions },
	{ "end", "USER HANDLE\nUSER --all\n--everybody",
	    "Ends one session, all sessions of a user, or everybody's.", 0, 2,
	    BIT(ALL) | BIT(EVERYBODY), ON_BOTH, cmd_end },
	{ "who", "[--since TIME] [--limit NUMBER]",
	    "Lists who was seen lately, newest first.", 0, 0,
	    BIT(SINCE) | BIT(LIMIT), ON_REDIS, cmd_who },
	{ "count", "", "Counts the live sessions and their users.", 0, 0, 0,
	    ON_REDIS, cmd_count },
	{ "block", "USER [--for TIME] [--reason TEXT]",
	    "Ends all sessions of a user and lets nobody log in as them.", 1, 1,
	    BIT(FOR) | BIT(REASON), ON_BOTH, cmd_block },
	{ "unblock", "USER", "Lets a blocked user log in again.", 1, 1, 0,
	    ON_BOTH, cmd_unblock },
	{ "blocked", "", "Lists who is blocked.", 0, 0, 0, ON_BOTH,
	    cmd_blocked },
	{ "limits", "USER [--reset]\nADDRESS [--reset]",
	    "Shows or resets the counters of a login or of an address.", 1, 1,
	    BIT(RESET), ON_BOTH, cmd_limits },
	{ "user", "USER", "Prints what sessgate knows about a user.", 1, 1, 0,
	    ON_BOTH, cmd_user },
	{ "login", "USER [--from ADDRESS] [--path PATH] [--password-file FILE]",
	    "Walks through a login, tells each step's verdict, and opens no "
	    "session.",
	    1, 1, BIT(FROM) | BIT(PATH) | BIT(PASSWORD_FILE), ON_BOTH,
	    cmd_login },
	{ "password hash", "[--format FORMAT] [--password-file FILE]",
	    "Prints a hash to store for a password.", 0, 0,
	    BIT(FORMAT) | BIT(PASSWORD_FILE), 0, cmd_password_hash },
	{ "password verify", "FILE [--password-file FILE]",
	    "Tells whether a password opens the stored hash in FILE.", 1, 1,
	    BIT(PASSWORD_FILE), 0, cmd_password_verify },
	{ "password set", "USER [--password-file FILE]",
	    "Sets a new password and ends the user's sessions.", 1, 1,
	    BIT(PASSWORD_FILE), ON_BOTH, cmd_password_set },
	{ "totp new", "USER",
	    "Gives a user a second factor, once a first code is right.", 1, 1,
	    0, ON_BOTH, cmd_totp_new },
	{ "totp check", "USER", "Tells whether a code is right now.", 1, 1, 0,
	    ON_BOTH, cmd_totp_check },
	{ "totp remove", "USER", "Takes a user's second factor away.", 1, 1, 0,
	    ON_BOTH, cmd_totp_remove },
	{ "reset-link", "USER [--for TIME]",
	    "Prints a link by which a user sets a new password, once.", 1, 1,
	    BIT(FOR), ON_BOTH, cmd_reset_link },
	{ "migrate", "[--dry-run] [--rate NUMBER]",
	    "Moves sessions from their tokens to the hashes of these.", 0, 0,
	    BIT(DRY_RUN) | BIT(RATE), ON_REDIS, cmd_migrate },
	{ "doctor", "[--quick] [--verbose] [--socket PATH]",
	    "Finds what is wrong with Redis, MySQL and this host.", 0, 0,
	    BIT(QUICK) | BIT(VERBOSE) | BIT(SOCKET), NEED_CONF, cmd_doctor },
	{ "acl", "[--admin]", "Prints the ACL line that the Redis user needs.",
	    0, 0, BIT(ADMIN), NEED_CONF, cmd_acl },
	{ "grants", "", "Prints the GRANT lines that the MySQL user needs.", 0,
	    0, 0, NEED_CONF, cmd_grants },
	{ "audit",
	    "[--user USER] [--address ADDRESS] [--since TIME] [--follow]",
	    "Prints lines of the audit trail.", 0, 0,
	    BIT(USER) | BIT(ADDRESS) | BIT(SINCE) | BIT(FOLLOW),
	    NEED_CONF | NEED_SITE | NEED_MYSQL, cmd_audit },
	{ "web", "SERVER [KEY=VALUE]...",
	    "Prints a web server's configuration.", 1, ARGS_WORDS_MAX, 0, 0,
	    cmd_web },
	{ "config check", "[--offline]",
	    "Reads the configuration and tries the stores.", 0, 0, BIT(OFFLINE),
	    NEED_CONF, cmd_config_check },
	{ "config print", "", "Prints the values in force, without secrets.", 0,
	    0, 0, NEED_CONF, cmd_config_print },
	{ "stats", "[--prometheus] [--watch TIME] [--times NUMBER]",
	    "Prints what the processes of this host have counted.", 0, 0,
	    BIT(PROMETHEUS) | BIT(WATCH) | BIT(TIMES), NEED_CONF, cmd_stats },
	{ "top", "[--once] [--watch TIME] [--times NUMBER]",
	    "Shows what happens each second, by site.", 0, 0,
	    BIT(ONCE) | BIT(WATCH) | BIT(TIMES), NEED_CONF, cmd_top },
	{ "ping", "[--socket PATH]",
	    "Asks a running process whether it can serve, in the words of "
	    "Nagios.",
	    0, 0, BIT(SOCKET), NEED_CONF, cmd_ping },
	{ "reload", "[PID]...",
	    "Has the processes of this host reload, and tells how it went.", 0,
	    ARGS_WORDS_MAX, 0, 0, cmd_reload },
};
enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

/* Returns the number of words of the name; 0: the words begin otherwise. */
static size_t
words_of_name(const char *name, char *const *words, size_t count)
{
	struct str rest = str_from(name);
	size_t used = 0;

	while (!str_is_none(rest)) {
		struct str word = str_cut(&rest, ' ');

		if (used == count || !str_eq(word, str_from(words[used])))
			return 0;
		used++;
	}
	return used;
}

const struct command *
command_find(char *const *words, size_t count, size_t *used)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		*used = words_of_name(commands[i].name, words, count);
		if (*used > 0)
			return &commands[i];
	}
	return NULL;
}

/* Prints each form of a command, as `end USER --all`, in a line of its own. */
static void
print_forms(const struct command *command, const char *before,
    const char *after, FILE *out)
{
	struct str rest = str_from(command->forms);

	while (!str_is_none(rest)) {
		struct str form = str_cut(&rest, '\n');

		fprintf(out, "%s%s%s%.*s%s", before, command->name,
		    form.len > 0 ? " " : "", STR_ARG(form), after);
	}
}

static void
print_common_options(FILE *out)
{
	for (int i = 0; i < OPTIONS_COMMON; i++) {
		const struct option_row *row = &option_rows[i];
		char left[32];

		if (row->help == NULL)
			continue;
		snprintf(left, sizeof(left), "--%s%s%s", row->name,
		    row->value != NULL ? " " : "",
		    row->value != NULL ? row->value : "");
		fprintf(out, "  %-15s  %s\n", left, row->help);
	}
}

void
command_print_usage(FILE *out)
{
	fputs("usage: sessgatectl [OPTION]... COMMAND ...\n\n", out);
	for (size_t i = 0; i < COMMANDS; i++)
		print_forms(&commands[i], "  ", "\n", out);
	fputs("\nUSER is what users log in with, in any case of letters, or "
	      "id:42.\nThe options of every command:\n\n",
	    out);
	print_common_options(out);
	fputs("\nExit status: 0 done, 1 the answer is no, 2 a store is away,\n"
	      "64 usage, 71 system, 77 not allowed, 78 configuration.\n"
	      "See sessgatectl(8).\n",
	    out);
}

void
command_print_help(const struct command *command, FILE *out)
{
	print_forms(command, "usage: sessgatectl ", "\n", out);
	fprintf(out, "%s\n", command->help);
}

/* Prints one token of a form as mdoc: an option, an argument, or a word. */
static void
print_mdoc_token(struct str token, FILE *out)
{
	bool is_optional = str_starts(token, STR("["));

	if (is_optional)
		token = str_from_byte(token, 1);
	while (token.len > 0 && (token.ptr[token.len - 1] == ']' ||
				    token.ptr[token.len - 1] == '.'))
		token.len--;
	if (is_optional)
		fputs(" Op", out);
	if (str_starts(token, STR("--")))
		fprintf(out, " Fl -%.*s", STR_ARG(str_from_byte(token, 2)));
	else
		fprintf(out, " Ar %.*s", STR_ARG(token));
}

static void
print_mdoc_form(const struct command *command, struct str form, FILE *out)
{
	fprintf(out, ".Nm\n.Cm %s", command->name);
	while (!str_is_none(form) && form.len > 0)
		print_mdoc_token(str_cut(&form, ' '), out);
	fputc('\n', out);
}

void
command_print_synopsis(FILE *out)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		struct str rest = str_from(commands[i].forms);

		while (!str_is_none(rest))
			print_mdoc_form(
			    &commands[i], str_cut(&rest, '\n'), out);
	}
}

/*
 * Prints the second words of commands with this first word; NULL: all first
 * words, each once.
 */
static void
print_name_words(const char *first, FILE *out)
{
	struct str last = STR_NONE;

	for (size_t i = 0; i < COMMANDS; i++) {
		struct str rest = str_from(commands[i].name);
		struct str word = str_cut(&rest, ' ');

		if (first != NULL && str_eq(word, str_from(first)) &&
		    !str_is_none(rest))
			fprintf(out, " %.*s", STR_ARG(rest));
		if (first == NULL && !str_eq(word, last))
			fprintf(out, " %.*s", STR_ARG(word));
		last = word;
	}
}

static void
print_option_names(uint64_t options, FILE *out)
{
	for (int option = 0; option < OPTIONS; option++)
		if (options & OPTION_BIT(option) &&
		    (option >= OPTIONS_COMMON ||
			option_rows[option].help != NULL))
			fprintf(out, " --%s", option_rows[option].name);
}

/* The options of all commands with this first word. */
static uint64_t
options_of(struct str first)
{
	uint64_t options = 0;

	for (size_t i = 0; i < COMMANDS; i++) {
		struct str rest = str_from(commands[i].name);

		if (str_eq(str_cut(&rest, ' '), first))
			options |= commands[i].options;
	}
	return options;
}

/* Prints a case for each first word: its second words and its options. */
static void
print_cases(FILE *out)
{
	struct str last = STR_NONE;

	for (size_t i = 0; i < COMMANDS; i++) {
		struct str rest = str_from(commands[i].name);
		struct str word = str_cut(&rest, ' ');
		char first[32];

		if (str_eq(word, last))
			continue;
		last = word;
		snprintf(first, sizeof(first), "%.*s", STR_ARG(word));
		fprintf(out, "\t%s) words=\"", first);
		print_name_words(first, out);
		print_option_names(options_of(word), out);
		fputs("\" ;;\n", out);
	}
}

void
command_print_completion(FILE *out)
{
	fputs("# Completion of sessgatectl for bash.  Made by sessgatectl "
	      "--print-completion.\n"
	      "_sessgatectl() {\n"
	      "\tlocal word words command= i\n"
	      "\tword=${COMP_WORDS[COMP_CWORD]}\n"
	      "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	      "\t\tcase ${COMP_WORDS[i]} in\n"
	      "\t\t--config | --site) i=$((i + 1)) ;;\n"
	      "\t\t-*) ;;\n"
	      "\t\t*) command=${COMP_WORDS[i]} && break ;;\n"
	      "\t\tesac\n"
	      "\tdone\n"
	      "\tcase $command in\n"
	      "\t'') words=\"",
	    out);
	print_name_words(NULL, out);
	print_option_names(OPTION_BIT(OPTIONS_COMMON) - 1, out);
	fputs("\" ;;\n", out);
	print_cases(out);
	fputs("\t*) words= ;;\n"
	      "\tesac\n"
	      "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
	      "}\n"
	      "complete -o default -F _sessgatectl sessgatectl\n",
	    out);
}
