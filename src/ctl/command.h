#ifndef CTL_COMMAND_H
#define CTL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl/args.h"
#include "ctl/open.h"

/*
 * Exit statuses beside those of sysexits(3).  NO: the answer is no.  AWAY: a
 * store does not answer.
 */
enum { CTL_DONE = 0, CTL_NO = 1, CTL_AWAY = 2 };

/*
 * One command.  The usage text, the synopsis of sessgatectl(8), the completion
 * and the parser use the table of these (commands.c).
 */
struct command {
	const char *name; /* one word, or two: "config check" */
	/* the words and options that may follow, one form a line */
	const char *forms;
	const char *help; /* one sentence */
	int min_words, max_words;
	uint64_t options;   /* bits of enum option */
	unsigned int needs; /* bits of enum ctl_need */
	/* Returns the exit status. */
	int (*run)(struct ctl *ctl, const struct args *args);
};

/*
 * Returns the command whose name the words begin with; *used: how many words
 * its name has.  NULL: there is none.
 */
const struct command *command_find(
    char *const *words, size_t count, size_t *used);

/* Print the usage text, the help of one command, and the completion of bash. */
void command_print_usage(FILE *out);
void command_print_help(const struct command *command, FILE *out);
void command_print_completion(FILE *out);
/* Prints the SYNOPSIS of sessgatectl(8), as mdoc. */
void command_print_synopsis(FILE *out);

#endif
