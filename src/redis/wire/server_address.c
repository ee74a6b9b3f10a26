/* Addresses of Redis: resolving, comparing, text forms. */
#include "config.h"

#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "redis/wire/server_address.h"

bool
server_address_of_path(const char *path, struct server_address *address)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&address->sockaddr;

	if (strlen(path) >= sizeof(un->sun_path))
		return false;
	*address = (struct server_address){ .len = sizeof(*un) };
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, strlen(path) + 1);
	return true;
}

size_t
server_address_resolve(
    const char *host, int port, struct server_address found[SERVER_ADDRESS_MAX])
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *info = NULL;
	size_t count = 0;
	char service[8];

	snprintf(service, sizeof(service), "%d", port);
	if (getaddrinfo(host, service, &hints, &info) != 0)
		return 0;
	for (const struct addrinfo *at = info;
	     at != NULL && count < SERVER_ADDRESS_MAX; at = at->ai_next) {
		found[count] = (struct server_address){ .len = at->ai_addrlen };
		snprintf(
		    found[count].name, SERVER_ADDRESS_NAME_MAX, "%s", host);
		memcpy(&found[count++].sockaddr, at->ai_addr, at->ai_addrlen);
	}
	freeaddrinfo(info);
	return count;
}

bool
server_address_equal(
    const struct server_address *a, const struct server_address *b)
{
	return a->len == b->len &&
	       memcmp(&a->sockaddr, &b->sockaddr, a->len) == 0;
}

void
server_address_text(
    const struct server_address *address, char text[SERVER_ADDRESS_TEXT_MAX])
{
	const struct sockaddr *sockaddr =
	    (const struct sockaddr *)&address->sockaddr;
	char host[NI_MAXHOST], port[8];

	text[0] = '\0';
	if (sockaddr->sa_family == AF_UNIX)
		snprintf(text, SERVER_ADDRESS_TEXT_MAX, "%s",
		    ((const struct sockaddr_un *)sockaddr)->sun_path);
	else if (address->len != 0 &&
		 getnameinfo(sockaddr, address->len, host, sizeof(host), port,
		     sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) == 0)
		snprintf(text, SERVER_ADDRESS_TEXT_MAX, "%.*s:%s",
		    SERVER_ADDRESS_TEXT_MAX - 10, host, port);
}

bool
server_address_split(struct str text, struct str *host, int *port)
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
