/* The variable SESSGATE_RELOAD, set by the program before a reload. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"
#include "server/reload_variable.h"

#define VARIABLE "SESSGATE_RELOAD"

/* The numbers in SESSGATE_RELOAD; then `;`, the listening sockets, `;`, path */
enum number {
	NUMBER_PART, /* enum reload_part */
	NUMBER_PID,  /* of the process that set it */
	NUMBER_CHANNEL,
	NUMBER_BRIDGE,
	NUMBER_BEGAN_MS,
	NUMBER_NEEDS,
	NUMBERS
};

/* Reads `count` numbers.  False: not all of them are numbers from 0. */
static bool
read_numbers(struct str text, int64_t *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!str_to_int(str_cut(&text, ' '), 0, INT64_MAX, &numbers[i]))
			return false;
	return true;
}

static void
read_listens(struct reload *reload, struct str text)
{
	int64_t fd;

	while (!str_is_none(text) && reload->listen_count < LISTEN_MAX &&
	       str_to_int(str_cut(&text, ' '), 0, INT_MAX, &fd))
		reload->listens[reload->listen_count++] = (int)fd;
}

/*
 * Reads the value of the variable.  False: it is malformed, or meant for
 * another process.
 */
static bool
read_for_us(struct reload *reload, struct str text)
{
	int64_t numbers[NUMBERS];
	struct str first = str_cut(&text, ';');

	if (!read_numbers(first, numbers, NUMBERS) ||
	    numbers[NUMBER_PART] > RELOAD_TRIAL)
		return false;
	reload->part = (enum reload_part)numbers[NUMBER_PART];
	reload->parent = (pid_t)numbers[NUMBER_PID];
	if (reload->parent !=
	    (reload->part == RELOAD_SUCCESSOR ? getpid() : getppid()))
		return false;
	reload->channel = (int)numbers[NUMBER_CHANNEL];
	reload->bridge = (pid_t)numbers[NUMBER_BRIDGE];
	reload->began_ms = numbers[NUMBER_BEGAN_MS];
	reload->needs = (unsigned int)numbers[NUMBER_NEEDS];
	read_listens(reload, str_cut(&text, ';'));
	snprintf(reload->path, sizeof(reload->path), "%.*s", STR_ARG(text));
	return true;
}

bool
reload_variable_read(struct reload *reload)
{
	const char *text = getenv(VARIABLE);
	bool is_ours = text != NULL && read_for_us(reload, str_from(text));

	if (!is_ours)
		reload->part = RELOAD_NONE;
	unsetenv(VARIABLE);
	return is_ours;
}

void
reload_variable_write(const struct reload *reload, enum reload_part part,
    int channel, char text[RELOAD_VARIABLE_SIZE])
{
	size_t len = (size_t)snprintf(text, RELOAD_VARIABLE_SIZE,
	    VARIABLE "=%d %d %d %d %" PRId64 " %u;", (int)part, (int)getpid(),
	    channel, (int)reload->bridge, reload->began_ms, reload->needs);

	for (size_t i = 0; i < reload->listen_count; i++)
		len += (size_t)snprintf(text + len, RELOAD_VARIABLE_SIZE - len,
		    "%s%d", i > 0 ? " " : "", reload->listens[i]);
	snprintf(text + len, RELOAD_VARIABLE_SIZE - len, ";%s", reload->path);
}
