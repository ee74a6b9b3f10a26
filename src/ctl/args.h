#ifndef CTL_ARGS_H
#define CTL_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The options: first those of every command, then those of single ones. */
enum option {
	OPTION_CONFIG,
	OPTION_SITE,
	OPTION_JSON,
	OPTION_QUIET,
	OPTION_YES,
	OPTION_HELP,
	OPTION_VERSION,
	OPTION_PRINT_COMPLETION,
	OPTION_PRINT_SYNOPSIS,
	/* of single commands */
	OPTION_ALL,
	OPTION_EVERYBODY,
	OPTION_FOR,
	OPTION_REASON,
	OPTION_RESET,
	OPTION_SINCE,
	OPTION_LIMIT,
	OPTION_FROM,
	OPTION_PATH,
	OPTION_PASSWORD_FILE,
	OPTION_FORMAT,
	OPTION_OFFLINE,
	OPTION_QUICK,
	OPTION_VERBOSE,
	OPTION_ADMIN,
	OPTION_SOCKET,
	OPTION_DRY_RUN,
	OPTION_RATE,
	OPTION_USER,
	OPTION_ADDRESS,
	OPTION_FOLLOW,
	OPTION_PROMETHEUS,
	OPTION_WATCH,
	OPTION_TIMES,
	OPTION_ONCE,
	OPTIONS
};

#define OPTION_BIT(option) (UINT64_C(1) << (option))

/* The options that every command takes. */
enum { OPTIONS_COMMON = OPTION_PRINT_SYNOPSIS + 1 };

struct option_row {
	const char *name;  /* without the dashes */
	const char *value; /* name of its value in the usage; NULL: has none */
	const char *help;  /* of a common option; NULL: not listed */
};
extern const struct option_row option_rows[OPTIONS];

enum { ARGS_WORDS_MAX = 32 };

/* A command line, taken apart. */
struct args {
	char *words[ARGS_WORDS_MAX]; /* the words that are no options */
	size_t count;
	uint64_t given;		     /* bits of enum option */
	const char *values[OPTIONS]; /* of options with a value */
};

static inline bool
args_has(const struct args *args, enum option option)
{
	return args->given & OPTION_BIT(option);
}

/*
 * Takes a command line apart.  Options may stand anywhere before `--`; a value
 * follows its option, or `=` in the same word.  Everything after `--` is a
 * word, and so is anything that looks like the handle of a session.  False: why
 * has the reason.
 */
bool args_read(
    int argc, char **argv, struct args *args, char *why, size_t why_size);

/*
 * Reads the value of an option as a time span from 1 s to 400 days, in ms.  If
 * the option is not given *span_ms is `otherwise`.  False: the value is no such
 * span; that was printed.
 */
bool args_span(const struct args *args, enum option option, int64_t otherwise,
    int64_t *span_ms);

/* Reads a whole number from min to max; results as of args_span. */
bool args_number(const struct args *args, enum option option, int64_t min,
    int64_t max, int64_t otherwise, int64_t *number);

#endif
