#ifndef LISTEN_H
#define LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/str.h"
#include "config/conf.h"

/* Where requests come in.  All of them are opened before the first worker. */
enum { LISTEN_MAX = 16 };

struct listener {
	int fd;
	/*
	 * Serves the gate alone, as TCP does unless told otherwise: whoever
	 * reaches a port could speak FastCGI to it and forge REMOTE_ADDR.
	 */
	bool is_gate_only;
	/* Whose requests come through it; empty: SESSGATE_SITE says so. */
	char site[CONF_SITE_NAME_MAX + 1];
};

struct listeners {
	struct listener all[LISTEN_MAX];
	size_t count;
};

enum listen_outcome {
	LISTEN_OPENED,
	LISTEN_SENSELESS, /* the text is no address, or there is no such site */
	LISTEN_REFUSED /* the system, or somebody who listens there already */
};

/*
 * Adds what `text` says: unix:PATH or HOST:PORT, then options after commas:
 * role=api|gate (a unix socket is api by default), mode=0660 (unix),
 * site=NAME (one of conf's).  A path with a live listener is left alone; a
 * dead socket file is replaced.  Unless it was opened, why holds the reason.
 */
enum listen_outcome listen_open(struct listeners *listeners, const char *text,
    const struct conf_all *conf, char *why, size_t size);

/*
 * Adds the sockets this process was started with: fd 0 if it listens
 * (spawn-fcgi, lighttpd, mod_fcgid, StandardInput=socket), and those of
 * LISTEN_FDS (sd_listen_fds(3)).  TCP ones get is_gate_only unless
 * tcp_is_api.
 */
bool listen_inherit(
    struct listeners *listeners, bool tcp_is_api, char *why, size_t size);

/*
 * The peers that FCGI_WEB_SERVER_ADDRS names (FastCGI 1.0, 3.2), read once;
 * unset or empty: all.  A peer of a unix socket always may.
 */
bool listen_peer_may(const struct sockaddr_storage *peer);

#endif
