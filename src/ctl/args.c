/* The command line of sessgatectl. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "config/units.h"
#include "ctl/args.h"

enum { HANDLE_LEN = 16 }; /* bytes of token_handle (secret/token.h) */

const struct option_row option_rows[OPTIONS] = {
	[OPTION_CONFIG] = { "config", "FILE",
	    "read FILE instead of the usual configuration" },
	[OPTION_SITE] = { "site", "NAME",
	    "the [site] section to work on; needed where there are any" },
	[OPTION_JSON] = { "json", NULL, "print one JSON object a line" },
	[OPTION_QUIET] = { "quiet", NULL,
	    "print no sentence about what was done" },
	[OPTION_YES] = { "yes", NULL, "do not ask" },
	[OPTION_HELP] = { "help", NULL,
	    "print this, or the help of a command" },
	[OPTION_VERSION] = { "version", NULL, "print the version" },
	[OPTION_PRINT_COMPLETION] = { "print-completion", NULL, NULL },
	[OPTION_PRINT_SYNOPSIS] = { "print-synopsis", NULL, NULL },
	[OPTION_ALL] = { "all", NULL, NULL },
	[OPTION_EVERYBODY] = { "everybody", NULL, NULL },
	[OPTION_FOR] = { "for", "TIME", NULL },
	[OPTION_REASON] = { "reason", "TEXT", NULL },
	[OPTION_RESET] = { "reset", NULL, NULL },
	[OPTION_SINCE] = { "since", "TIME", NULL },
	[OPTION_LIMIT] = { "limit", "NUMBER", NULL },
	[OPTION_FROM] = { "from", "ADDRESS", NULL },
	[OPTION_PATH] = { "path", "PATH", NULL },
	[OPTION_FORMAT] = { "format", "FORMAT", NULL },
	[OPTION_PASSWORD_FILE] = { "password-file", "FILE", NULL },
	[OPTION_OFFLINE] = { "offline", NULL, NULL },
	[OPTION_QUICK] = { "quick", NULL, NULL },
	[OPTION_VERBOSE] = { "verbose", NULL, NULL },
	[OPTION_ADMIN] = { "admin", NULL, NULL },
	[OPTION_SOCKET] = { "socket", "PATH", NULL },
	[OPTION_DRY_RUN] = { "dry-run", NULL, NULL },
	[OPTION_RATE] = { "rate", "NUMBER", NULL },
	[OPTION_USER] = { "user", "USER", NULL },
	[OPTION_ADDRESS] = { "address", "ADDRESS", NULL },
	[OPTION_FOLLOW] = { "follow", NULL, NULL },
	[OPTION_PROMETHEUS] = { "prometheus", NULL, NULL },
	[OPTION_WATCH] = { "watch", "TIME", NULL },
	[OPTION_TIMES] = { "times", "NUMBER", NULL },
	[OPTION_ONCE] = { "once", NULL, NULL },
};

/* The option with this name; OPTIONS: there is none. */
static enum option
find_option(struct str name)
{
	enum option option = 0;

	while (option < OPTIONS &&
	       !str_eq(str_from(option_rows[option].name), name))
		option++;
	return option;
}

/*
 * Reads the option argv[*at].  *at moves on if its value is the next word.
 * False: why has the reason.
 */
static bool
take_option(int argc, char **argv, int *at, struct args *args, char *why,
    size_t why_size)
{
	struct str rest = str_from(argv[*at] + 2);
	struct str name = str_cut(&rest, '=');
	enum option option = find_option(name);
	bool has_value = !str_is_none(rest);

	if (option == OPTIONS) {
		snprintf(why, why_size, "there is no option --%.*s",
		    name.len < 40 ? (int)name.len : 40, name.ptr);
		return false;
	}
	args->given |= OPTION_BIT(option);
	if (option_rows[option].value == NULL && !has_value)
		return true;
	if (option_rows[option].value == NULL)
		snprintf(why, why_size, "--%s takes no value",
		    option_rows[option].name);
	else if (has_value)
		args->values[option] = rest.ptr;
	else if (*at + 1 < argc)
		args->values[option] = argv[++*at];
	else
		snprintf(why, why_size, "--%s wants a value (%s)",
		    option_rows[option].name, option_rows[option].value);
	return args->values[option] != NULL;
}

static bool
add_word(char *word, struct args *args, char *why, size_t why_size)
{
	if (args->count == ARGS_WORDS_MAX) {
		snprintf(why, why_size, "too many words");
		return false;
	}
	args->words[args->count++] = word;
	return true;
}

/*
 * The handle of a session may begin with dashes.  So a word of the length of a
 * handle is an option only if one has this name.
 */
static bool
is_option(const char *word)
{
	struct str rest = str_from(word);

	if (!str_starts(rest, STR("--")))
		return false;
	rest = str_from_byte(rest, 2);
	return rest.len + 2 != HANDLE_LEN ||
	       find_option(str_cut(&rest, '=')) != OPTIONS;
}

bool
args_read(int argc, char **argv, struct args *args, char *why, size_t why_size)
{
	bool has_options = true;

	*args = (struct args){ .count = 0 };
	for (int at = 1; at < argc; at++) {
		char *word = argv[at];

		if (has_options && strcmp(word, "--") == 0) {
			has_options = false;
		} else if (has_options && is_option(word)) {
			if (!take_option(argc, argv, &at, args, why, why_size))
				return false;
		} else if (!add_word(word, args, why, why_size)) {
			return false;
		}
	}
	return true;
}

bool
args_span(const struct args *args, enum option option, int64_t otherwise,
    int64_t *span_ms)
{
	const int64_t second = 1000, longest = INT64_C(400) * 86400 * 1000;

	*span_ms = otherwise;
	if (!args_has(args, option) ||
	    units_read(UNITS_SPAN, args->values[option], second, longest,
		span_ms) == UNITS_READ)
		return true;
	fprintf(stderr,
	    "sessgatectl: --%s: a time from 1s to 400d, as 15m, 12h or 7d\n",
	    option_rows[option].name);
	return false;
}

bool
args_number(const struct args *args, enum option option, int64_t min,
    int64_t max, int64_t otherwise, int64_t *number)
{
	*number = otherwise;
	if (!args_has(args, option) ||
	    str_to_int(str_from(args->values[option]), min, max, number))
		return true;
	fprintf(stderr, "sessgatectl: --%s: a number from %lld to %lld\n",
	    option_rows[option].name, (long long)min, (long long)max);
	return false;
}
