/* Reading files that hold secrets. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "config/secret_file.h"

bool
secret_file_read(const char *path, char bytes[SECRET_FILE_MAX], size_t *len)
{
	bool is_read = file_read(path, bytes, SECRET_FILE_MAX, len);

	if (is_read && *len > 0 && bytes[*len - 1] == '\n')
		(*len)--;
	return is_read;
}

/* Returns NULL, or the error of a line. */
static const char *
find_secrets(struct str text, struct conf_secrets *secrets)
{
	while (!str_is_none(text)) {
		struct str line = str_trim(str_cut(&text, '\n'));

		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		if (str_has_control(line))
			return "a line holds a control character";
		if (line.len < CONF_SECRET_MIN)
			return "a secret has fewer than 32 characters; make "
			       "one with openssl rand -base64 32";
		if (secrets->count == CONF_SECRETS_MAX)
			return "more than 8 secrets";
		secrets->secrets[secrets->count++] = line;
	}
	return secrets->count > 0 ? NULL : "no secret in it";
}

bool
secret_file_load(
    const char *path, struct conf_secrets *secrets, const char **why)
{
	struct conf_secrets made = { .bytes = malloc(SECRET_FILE_MAX) };
	size_t len = 0;

	if (made.bytes == NULL || !secret_file_read(path, made.bytes, &len))
		*why = strerror(errno);
	else
		*why = find_secrets((struct str){ made.bytes, len }, &made);
	if (*why != NULL) {
		secret_file_free(&made);
		return false;
	}
	*secrets = made;
	return true;
}

void
secret_file_free(struct conf_secrets *secrets)
{
	if (secrets->bytes != NULL)
		explicit_bzero(secrets->bytes, SECRET_FILE_MAX);
	free(secrets->bytes);
	*secrets = (struct conf_secrets){ .count = 0 };
}
