/* Settings that are C strings. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "config/texts.h"

void
text_free(void *field)
{
	char **value = field;

	if (*value != NULL)
		explicit_bzero(*value, strlen(*value));
	free(*value);
}

bool
text_set(void *field, const char *text)
{
	char **value = field;
	char *copy = strdup(text);

	if (copy == NULL)
		return false;
	text_free(field);
	*value = copy;
	return true;
}

const char *
text_add(void *field, const char *text)
{
	char **value = field;
	char *both;
	size_t len;

	if (*value == NULL || **value == '\0')
		return text_set(field, text) ? NULL
					     : "does not fit into memory";
	if (text[0] == '\0')
		return "is empty, and others are set";
	len = strlen(*value);
	both = malloc(len + strlen(text) + 2);
	if (both == NULL)
		return "does not fit into memory";
	memcpy(both, *value, len);
	both[len] = '\n';
	memcpy(both + len + 1, text, strlen(text) + 1);
	text_free(field);
	*value = both;
	return NULL;
}

int
text_count(const char *text)
{
	int count = text != NULL && *text != '\0';

	for (; count > 0 && *text != '\0'; text++)
		count += *text == '\n';
	return count;
}

bool
text_copy(const void *from, void *to)
{
	const char *const *text = from;
	char **value = to;

	*value = *text != NULL ? strdup(*text) : NULL;
	return *text == NULL || *value != NULL;
}

void
text_print(const char *text, FILE *out)
{
	struct str line = str_from(text);
	bool needs_quotes =
	    str_trim(line).len != line.len ||
	    (line.len > 0 &&
		(line.ptr[0] == '"' || line.ptr[line.len - 1] == '\\'));

	fprintf(out, needs_quotes ? "\"%s\"" : "%s", text);
}
