/* The paths that share an answer; pure. */
#include <stddef.h>
#include <string.h>

#include "apache/scope.h"

/* True if base/path.h calls the path plain; httpd has normalized it. */
static bool
is_plain(const char *path)
{
	if (*path != '/' || strstr(path, "//") != NULL ||
	    strstr(path, "/.") != NULL || strpbrk(path, "\\%;?#") != NULL)
		return false;
	for (; *path != '\0'; path++)
		if ((unsigned char)*path < ' ' || *path == 0x7f)
			return false;
	return true;
}

/*
 * True if the prefix covers the path as in a rule: /a covers /a and all below,
 * /a/ only what is below.
 */
static bool
prefix_covers(const char *prefix, size_t len, const char *path)
{
	if (len == 0 || strncmp(path, prefix, len) != 0)
		return false;
	return prefix[len - 1] == '/' || path[len] == '\0' || path[len] == '/';
}

bool
scope_covers(const char *scope, const char *path)
{
	size_t len = strcspn(scope, ";");

	if (!is_plain(path) || !prefix_covers(scope, len, path))
		return false;
	while (scope[len] != '\0') {
		scope += len + 1;
		len = strcspn(scope, ";");
		if (prefix_covers(scope, len, path))
			return false;
	}
	return true;
}
