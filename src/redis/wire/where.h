#ifndef WHERE_H
#define WHERE_H

#include <stddef.h>
#include <sys/socket.h>

#include "config/url.h"

/*
 * An address of Redis.  Other ways to find one (Sentinel, Cluster) would go
 * into this file.
 */
struct where {
	struct sockaddr_storage address;
	socklen_t len; /* 0: not known */
};

enum { WHERE_MAX = 8 };

/*
 * Finds all current addresses of the URL, in the resolver's order: by
 * getaddrinfo(3) for a host name; a unix socket has one.  May block as long as
 * the resolver does.  Returns their number, at most WHERE_MAX; 0: the name
 * cannot be resolved, or the path is too long for a socket address.
 */
size_t where_find(const struct redis_url *url, struct where found[WHERE_MAX]);

#endif
