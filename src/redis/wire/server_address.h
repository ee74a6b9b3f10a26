#ifndef SERVER_ADDRESS_H
#define SERVER_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/str.h"

enum {
	SERVER_ADDRESS_MAX = 8,	       /* addresses that one name may have */
	SERVER_ADDRESS_NAME_MAX = 256, /* bytes of a host's name */
	SERVER_ADDRESS_TEXT_MAX = 128  /* see server_address_text */
};

/* A socket address of Redis, and text forms of it. */
struct server_address {
	struct sockaddr_storage sockaddr;
	socklen_t len; /* 0: not known */
	/*
	 * The host that was resolved: of the URL, of a Sentinel's answer or of
	 * a node of a Cluster.  The certificate of the server must have this
	 * name.  Empty for a path.
	 */
	char name[SERVER_ADDRESS_NAME_MAX];
};

/*
 * Finds all current addresses of a host, in the resolver's order, by
 * getaddrinfo(3).  May block as long as the resolver does.  Returns their
 * number, at most SERVER_ADDRESS_MAX; 0: the name cannot be resolved.
 */
size_t server_address_resolve(const char *host, int port,
    struct server_address found[SERVER_ADDRESS_MAX]);

/*
 * Sets *address to the address of a unix socket.  False: the path is too long
 * for one, and *address is not set.
 */
bool server_address_of_path(const char *path, struct server_address *address);

/* True if the addresses are equal; their names do not count. */
bool server_address_equal(
    const struct server_address *a, const struct server_address *b);

/* Writes the path, or the numeric ADDRESS:PORT, for the log. */
void server_address_text(
    const struct server_address *address, char text[SERVER_ADDRESS_TEXT_MAX]);

/*
 * Splits HOST:PORT at its last colon.  Redis writes addresses so, IPv6 without
 * brackets.  False: malformed.
 */
bool server_address_split(struct str text, struct str *host, int *port);

#endif
