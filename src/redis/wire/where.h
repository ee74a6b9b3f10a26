#ifndef WHERE_H
#define WHERE_H

#include <stddef.h>
#include <sys/socket.h>

#include "config/url.h"

/*
 * Where a Redis of the configuration may be found.  One file, so that other
 * ways to find it (Sentinel, Cluster) have their place.
 */
struct where {
	struct sockaddr_storage address;
	socklen_t len; /* 0: not known */
};

enum { WHERE_MAX = 8 };

/*
 * All addresses that the URL has now, in the resolver's order: getaddrinfo(3)
 * for a name, and its only one for a unix socket.  May block for as long as
 * the resolver does.  Returns how many, WHERE_MAX at most; 0: the name cannot
 * be resolved, or the path is too long for a socket.
 */
size_t where_find(const struct redis_url *url, struct where found[WHERE_MAX]);

#endif
