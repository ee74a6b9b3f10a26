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
