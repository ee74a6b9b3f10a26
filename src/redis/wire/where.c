/* Resolves a URL to its current addresses. */
#include "config.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "redis/wire/where.h"

static size_t
find_unix(const struct redis_url *url, struct where *found)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&found->address;

	if (strlen(url->path) >= sizeof(un->sun_path))
		return 0;
	*found = (struct where){ .len = sizeof(*un) };
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, url->path, strlen(url->path) + 1);
	return 1;
}

static size_t
find_host(const struct redis_url *url, struct where *found)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *info = NULL;
	size_t count = 0;
	char port[8];

	snprintf(port, sizeof(port), "%d", url->port);
	if (getaddrinfo(url->host, port, &hints, &info) != 0)
		return 0;
	for (const struct addrinfo *at = info; at != NULL && count < WHERE_MAX;
	     at = at->ai_next) {
		found[count] = (struct where){ .len = at->ai_addrlen };
		memcpy(&found[count++].address, at->ai_addr, at->ai_addrlen);
	}
	freeaddrinfo(info);
	return count;
}

size_t
where_find(const struct redis_url *url, struct where found[WHERE_MAX])
{
	return url->is_unix ? find_unix(url, found) : find_host(url, found);
}
