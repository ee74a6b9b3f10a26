/* Reads passwords and codes. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <termios.h>
#include <unistd.h>

#include "ctl/command.h"
#include "ctl/secret_in.h"
#include "secret/password.h"

enum { LINE_MAX_LEN = PASSWORD_MAX + 2, INTERRUPT = 3 };

/* Reads byte by byte: the bytes after the line are for the next reader. */
static ssize_t
read_line(int fd, char *line, size_t size)
{
	size_t len = 0;

	while (len < size) {
		ssize_t got = read(fd, line + len, 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0 || line[len] == '\n')
			break;
		len++;
	}
	return (ssize_t)len;
}

static int
keep_line(struct ctl *ctl, int fd, const char *name, struct str *secret)
{
	char *line = arena_alloc(ctl->arena, LINE_MAX_LEN);
	ssize_t len = read_line(fd, line, LINE_MAX_LEN);

	if (len < 0) {
		ctl_warn("%s: %s", name, strerror(errno));
		return EX_OSERR;
	}
	if (len > 0 && line[len - 1] == '\r')
		len--;
	if (len == 0) {
		ctl_warn("%s: no password in its first line", name);
		return EX_USAGE;
	}
	*secret = (struct str){ line, (size_t)len };
	return -1;
}

static int
read_secret_file(struct ctl *ctl, const char *path, struct str *secret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int status;

	if (fd < 0) {
		ctl_warn("%s: %s", path, strerror(errno));
		return errno == EACCES ? EX_NOPERM : EX_USAGE;
	}
	status = keep_line(ctl, fd, path, secret);
	close(fd);
	return status;
}

/*
 * Turns off the echo, and the signals, since Ctrl-C would leave the terminal
 * without echo.  Ctrl-C is read as a character instead.
 */
static int
read_terminal(struct ctl *ctl, const char *prompt, struct str *secret)
{
	struct termios former, silent;
	int status;

	if (tcgetattr(STDIN_FILENO, &former) != 0) {
		ctl_warn("terminal: %s", strerror(errno));
		return EX_OSERR;
	}
	silent = former;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) != 0)
		return EX_OSERR;
	fputs(prompt, stderr);
	status = keep_line(ctl, STDIN_FILENO, "terminal", secret);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &former);
	fputc('\n', stderr);
	if (status < 0 && str_has_char(*secret, INTERRUPT))
		return CTL_NO;
	return status;
}

int
secret_in_read(struct ctl *ctl, const struct args *args, const char *prompt,
    struct str *secret)
{
	const char *path = args->values[OPTION_PASSWORD_FILE];

	if (path != NULL)
		return read_secret_file(ctl, path, secret);
	if (isatty(STDIN_FILENO))
		return read_terminal(ctl, prompt, secret);
	return keep_line(ctl, STDIN_FILENO, "standard input", secret);
}

int
secret_in_read_code(struct ctl *ctl, const char *prompt, struct str *code)
{
	char *line = arena_alloc(ctl->arena, LINE_MAX_LEN);
	ssize_t len;

	if (isatty(STDIN_FILENO))
		return read_terminal(ctl, prompt, code);
	len = read_line(STDIN_FILENO, line, LINE_MAX_LEN);
	*code = len > 0 ? (struct str){ line, (size_t)len } : STR_NONE;
	return -1;
}

int
secret_in_read_new(struct ctl *ctl, const struct args *args, struct str *secret)
{
	struct str again;
	int status = secret_in_read(ctl, args, "New password: ", secret);

	if (status >= 0 || args_has(args, OPTION_PASSWORD_FILE) ||
	    !isatty(STDIN_FILENO))
		return status;
	status = secret_in_read(ctl, args, "The same again: ", &again);
	if (status >= 0 || str_eq(*secret, again))
		return status;
	ctl_warn("the two differ");
	return CTL_NO;
}
