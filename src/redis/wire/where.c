/* Addresses of Redis: resolving, comparing, text forms. */
#include "config.h"

#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "redis/wire/where.h"

bool
where_of_path(const char *path, struct where *where)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&where->address;

	if (strlen(path) >= sizeof(un->sun_path))
		return false;
	*where = (struct where){ .len = sizeof(*un) };
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, strlen(path) + 1);
	return true;
}

size_t
where_resolve(const char *host, int port, struct where found[WHERE_MAX])
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *info = NULL;
	size_t count = 0;
	char service[8];

	snprintf(service, sizeof(service), "%d", port);
	if (getaddrinfo(host, service, &hints, &info) != 0)
		return 0;
	for (const struct addrinfo *at = info; at != NULL && count < WHERE_MAX;
	     at = at->ai_next) {
		found[count] = (struct where){ .len = at->ai_addrlen };
		snprintf(found[count].name, WHERE_NAME_MAX, "%s", host);
		memcpy(&found[count++].address, at->ai_addr, at->ai_addrlen);
	}
	freeaddrinfo(info);
	return count;
}

bool
where_equal(const struct where *a, const struct where *b)
{
	return a->len == b->len &&
	       memcmp(&a->address, &b->address, a->len) == 0;
}

void
where_text(const struct where *where, char text[WHERE_TEXT_MAX])
{
	const struct sockaddr *address =
	    (const struct sockaddr *)&where->address;
	char host[NI_MAXHOST], port[8];

	text[0] = '\0';
	if (address->sa_family == AF_UNIX)
		snprintf(text, WHERE_TEXT_MAX, "%s",
		    ((const struct sockaddr_un *)address)->sun_path);
	else if (where->len != 0 &&
		 getnameinfo(address, where->len, host, sizeof(host), port,
		     sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) == 0)
		snprintf(text, WHERE_TEXT_MAX, "%.*s:%s", WHERE_TEXT_MAX - 10,
		    host, port);
}

bool
where_split(struct str text, struct str *host, int *port)
{
	const char *colon =
	    text.len > 0 ? memrchr(text.ptr, ':', text.len) : NULL;
	int64_t value;

	if (colon == NULL)
		return false;
	*host = (struct str){ text.ptr, (size_t)(colon - text.ptr) };
	text = str_from_byte(text, host->len + 1);
	if (!str_to_int(text, 1, 65535, &value))
		return false;
	*port = (int)value;
	return true;
}
