/* The list of passwords that users may not choose. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "config/denied_file.h"

static int
compare(const void *one, const void *other)
{
	const struct str *a = one, *b = other;

	return str_order_nocase(*a, *b);
}

/*
 * Finds the lines.  Every line that is not empty is a password; blanks and a
 * leading # are part of it.
 */
static bool
find_lines(struct conf_denied *denied, size_t len)
{
	struct str text = { denied->bytes, len };
	size_t most = 1;

	for (size_t i = 0; i < len; i++)
		most += denied->bytes[i] == '\n';
	denied->lines = malloc(most * sizeof(denied->lines[0]));
	if (denied->lines == NULL)
		return false;
	while (!str_is_none(text)) {
		struct str line = str_cut(&text, '\n');

		if (line.len > 0 && line.ptr[line.len - 1] == '\r')
			line.len--;
		if (line.len > 0)
			denied->lines[denied->count++] = line;
	}
	qsort(denied->lines, denied->count, sizeof(denied->lines[0]), compare);
	return true;
}

/* Reads the file into a block of its length; NULL with errno. */
static char *
read_list(const char *path, size_t *len)
{
	char *bytes = file_read_new(path, DENIED_FILE_MAX + 1, len);
	char *shrunk = bytes != NULL ? realloc(bytes, *len + 1) : NULL;

	return shrunk != NULL ? shrunk : bytes;
}

bool
denied_file_load(const char *path, struct conf_denied *denied, const char **why)
{
	struct conf_denied made = { .count = 0 };
	size_t len = 0;

	made.bytes = read_list(path, &len);
	if (made.bytes == NULL || !find_lines(&made, len)) {
		*why = strerror(errno);
	} else if (made.count == 0) {
		*why = "no password in it";
	} else {
		*denied = made;
		return true;
	}
	denied_file_free(&made);
	return false;
}

bool
denied_file_has(const struct conf_denied *denied, struct str password)
{
	return denied->count > 0 &&
	       bsearch(&password, denied->lines, denied->count,
		   sizeof(denied->lines[0]), compare) != NULL;
}

void
denied_file_free(struct conf_denied *denied)
{
	free(denied->lines);
	free(denied->bytes);
	*denied = (struct conf_denied){ .count = 0 };
}
