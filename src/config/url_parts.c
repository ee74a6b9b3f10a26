/* Splitting and decoding the parts of a URL. */
#include "config.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "config/url_parts.h"

const char url_no_memory[] = "the URL does not fit into memory";

/*
 * Removes user[:password]@ from the authority.  The last @ ends it, so an
 * unencoded @ in the password is accepted.
 */
static void
cut_userinfo(struct str *authority, struct url_parts *parts)
{
	const char *at = authority->len > 0
			     ? memrchr(authority->ptr, '@', authority->len)
			     : NULL;
	struct str rest;

	if (at == NULL)
		return;
	rest = (struct str){ authority->ptr, (size_t)(at - authority->ptr) };
	*authority = str_from_byte(*authority, rest.len + 1);
	parts->user = str_cut(&rest, ':');
	parts->password = rest;
}

const char *
url_cut_host(struct str authority, struct url_parts *parts)
{
	if (str_starts(authority, STR("["))) {
		struct str rest = str_from_byte(authority, 1);

		parts->host = str_cut(&rest, ']');
		if (str_is_none(rest))
			return "the URL has a [ without a ] in its host";
		if (rest.len > 0 && rest.ptr[0] != ':')
			return "the URL has something between ] and the port";
		parts->port = rest.len > 0 ? str_from_byte(rest, 1) : STR_NONE;
		return NULL;
	}
	parts->host = str_cut(&authority, ':');
	parts->port = authority;
	return NULL;
}

const char *
url_cut(struct str text, struct url_parts *parts)
{
	struct str authority;
	size_t len = 0;

	*parts = (struct url_parts){ .scheme = str_cut(&text, ':') };
	if (!str_starts(text, STR("//")))
		return "the URL does not begin with SCHEME://";
	text = str_from_byte(text, 2);
	if (str_has_char(text, '#'))
		return "the URL has a # that is not written as %23";
	parts->query = text;
	text = str_cut(&parts->query, '?');
	while (len < text.len && text.ptr[len] != '/')
		len++;
	authority = (struct str){ text.ptr, len };
	parts->path = str_from_byte(text, len);
	cut_userinfo(&authority, parts);
	parts->others = authority;
	authority = str_cut(&parts->others, ',');
	return url_cut_host(authority, parts);
}

/*
 * Returns the byte at *ptr, decoded, and moves *ptr past it; -1: a malformed
 * escape or %00.
 */
static int
decode_byte(const char **ptr, const char *end)
{
	struct str rest = { *ptr, (size_t)(end - *ptr) };
	int byte = str_percent_byte(rest);

	if (rest.ptr[0] != '%') {
		(*ptr)++;
		return (unsigned char)rest.ptr[0];
	}
	*ptr += byte > 0 ? 3 : 0;
	return byte > 0 ? byte : -1;
}

const char *
url_decode(struct str part, const char **out)
{
	const char *p = part.ptr;
	size_t len = 0;
	char *copy;

	*out = NULL;
	if (part.len == 0)
		return NULL;
	copy = malloc(part.len + 1);
	if (copy == NULL)
		return url_no_memory;
	while (p < part.ptr + part.len) {
		int byte = decode_byte(&p, part.ptr + part.len);

		if (byte < 0) {
			explicit_bzero(copy, len);
			free(copy);
			return "the URL has a % without two hexadecimal "
			       "digits, or %00";
		}
		copy[len++] = (char)byte;
	}
	copy[len] = '\0';
	*out = copy;
	return NULL;
}

const char *
url_read_port(struct str text, int fallback, int *port)
{
	int64_t value = fallback;

	if (!str_is_none(text) && !str_to_int(text, 1, 65535, &value))
		return "the URL's port is no number from 1 to 65535 (a / or ? "
		       "in a password is written as %2F or %3F)";
	*port = (int)value;
	return NULL;
}

bool
url_is_host(const char *host)
{
	unsigned char address[16];

	if (strchr(host, ':') != NULL)
		return inet_pton(AF_INET6, host, address) == 1;
	return str_only(str_from(host), STR_LETTERS STR_DIGITS "-._");
}

const char *
url_read_host(struct str text, const char **host)
{
	const char *why = url_decode(text, host);

	if (why != NULL)
		return why;
	if (*host == NULL)
		return "the URL names no host";
	if (!url_is_host(*host))
		return "the URL's host is neither a name nor an address";
	return NULL;
}
