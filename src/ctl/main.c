/* sessgatectl, the operator's tool: runs one command and exits. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sysexits.h>

#include "ctl/command.h"

static int
refuse_usage(const char *why)
{
	ctl_warn("%s", why);
	fputs("Try 'sessgatectl --help'.\n", stderr);
	return EX_USAGE;
}

/* Answers --help and the like.  -1: none was given; else the exit status. */
static int
answer_itself(const struct args *args, const struct command *command)
{
	if (args_has(args, OPTION_VERSION))
		puts("sessgatectl (" PACKAGE_NAME ") " PACKAGE_VERSION);
	else if (args_has(args, OPTION_PRINT_COMPLETION))
		command_print_completion(stdout);
	else if (args_has(args, OPTION_PRINT_SYNOPSIS))
		command_print_synopsis(stdout);
	else if (args_has(args, OPTION_HELP) && command != NULL)
		command_print_help(command, stdout);
	else if (args_has(args, OPTION_HELP))
		command_print_usage(stdout);
	else
		return -1;
	return CTL_DONE;
}

/* Takes the command's name off the words.  NULL: why has the reason. */
static const struct command *
take_name(struct args *args, char *why, size_t why_size)
{
	size_t used = 0;
	const struct command *command =
	    command_find(args->words, args->count, &used);

	if (command == NULL && args->count == 0)
		snprintf(why, why_size, "no command");
	else if (command == NULL)
		snprintf(
		    why, why_size, "there is no command %.40s", args->words[0]);
	args->count -= used;
	memmove(args->words, args->words + used,
	    args->count * sizeof(args->words[0]));
	return command;
}

/*
 * Compares the words and options with the row of the command.  False: why has
 * the reason.
 */
static bool
fits_command(const struct command *command, const struct args *args, char *why,
    size_t why_size)
{
	uint64_t common = OPTION_BIT(OPTIONS_COMMON) - 1;
	uint64_t odd = args->given & ~(common | command->options);

	for (int option = 0; option < OPTIONS; option++)
		if (odd & OPTION_BIT(option)) {
			snprintf(why, why_size, "%s takes no --%s",
			    command->name, option_rows[option].name);
			return false;
		}
	if ((int)args->count >= command->min_words &&
	    (int)args->count <= command->max_words)
		return true;
	snprintf(why, why_size, "%s: %s", command->name,
	    (int)args->count < command->min_words ? "a word is missing"
						  : "too many words");
	return false;
}

static int
run_command(const struct command *command, const struct args *args)
{
	struct ctl ctl;
	int status = ctl_open(&ctl, args, command->needs);

	if (status < 0)
		status = command->run(&ctl, args);
	ctl_close(&ctl);
	return status;
}

/* Output that a full disk did not take makes the command fail. */
static int
end_output(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	if (errno == EPIPE) /* as in: sessgatectl who | head */
		return status;
	ctl_warn("standard output: %s", strerror(errno));
	return status == CTL_DONE ? EX_OSERR : status;
}

int
main(int argc, char **argv)
{
	char why[128];
	struct args args;
	const struct command *command;
	int status;

#if !defined(ARENA_MALLOC) && !defined(ENABLE_DEBUG)
	prctl(PR_SET_DUMPABLE, 0); /* a core dump would hold passwords */
#endif
	if (!args_read(argc, argv, &args, why, sizeof(why)))
		return refuse_usage(why);
	command = take_name(&args, why, sizeof(why));
	status = answer_itself(&args, command);
	if (status >= 0)
		return end_output(status);
	if (command == NULL)
		return refuse_usage(why);
	if (!fits_command(command, &args, why, sizeof(why))) {
		(void)refuse_usage(why);
		command_print_help(command, stderr);
		return EX_USAGE;
	}
	return end_output(run_command(command, &args));
}
