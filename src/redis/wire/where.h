#ifndef WHERE_H
#define WHERE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/str.h"

enum {
	WHERE_MAX = 8,	      /* addresses that one name may have */
	WHERE_NAME_MAX = 256, /* bytes of a host's name */
	WHERE_TEXT_MAX = 128  /* see where_text */
};

/* A socket address of Redis, and text forms of it. */
struct where {
	struct sockaddr_storage address;
	socklen_t len; /* 0: not known */
	/*
	 * The host that was resolved: of the URL, of a Sentinel's answer or of
	 * a node of a Cluster.  The certificate of the server must have this
	 * name.  Empty for a path.
	 */
	char name[WHERE_NAME_MAX];
};

/*
 * Finds all current addresses of a host, in the resolver's order, by
 * getaddrinfo(3).  May block as long as the resolver does.  Returns their
 * number, at most WHERE_MAX; 0: the name cannot be resolved.
 */
size_t where_resolve(const char *host, int port, struct where found[WHERE_MAX]);

/*
 * Sets *where to the address of a unix socket.  False: the path is too long for
 * one, and *where is not set.
 */
bool where_of_path(const char *path, struct where *where);

bool where_equal(const struct where *a, const struct where *b);

/* Writes the path, or the numeric ADDRESS:PORT, for the log. */
void where_text(const struct where *where, char text[WHERE_TEXT_MAX]);

/*
 * Splits HOST:PORT at its last colon.  Redis writes addresses so, IPv6 without
 * brackets.  False: malformed.
 */
bool where_split(struct str text, struct str *host, int *port);

#endif
