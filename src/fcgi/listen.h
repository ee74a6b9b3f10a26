#ifndef LISTEN_H
#define LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/str.h"
#include "config/conf.h"

/* Listening sockets.  All are opened before the first worker starts. */
enum { LISTEN_MAX = 16 };

struct listener {
	int fd;
	int number; /* index in struct listeners, the same after a reload */
	/*
	 * Serves only the gate.  Default for TCP: anybody who can reach the
	 * port could speak FastCGI to it and forge REMOTE_ADDR.
	 */
	bool is_gate_only;
	/* The site of its requests; empty: SESSGATE_SITE decides. */
	char site[CONF_SITE_NAME_MAX + 1];
};

struct listeners {
	struct listener all[LISTEN_MAX];
	size_t count;
	size_t inherited; /* count of inherited ones, at the front of all */
};

enum listen_outcome {
	LISTEN_OPENED,
	LISTEN_SENSELESS, /* malformed text, or an unknown site */
	LISTEN_REFUSED	  /* by the system, or a process listens there */
};

/*
 * Opens a listener and adds it.  text: unix:PATH or HOST:PORT, then options
 * after commas: role=api|gate (default api for unix sockets, gate for TCP),
 * mode=0660 (unix only), site=NAME (a site of conf).  A path with a live
 * listener is refused; a dead socket file is replaced.  Unless LISTEN_OPENED,
 * words holds the reason.
 *
 * handed: the socket that the program before a reload opened for this text; it
 * is used as it is.  -1: none.
 */
enum listen_outcome listen_open(struct listeners *listeners, const char *text,
    int handed, const struct conf_all *conf, char *words, size_t size);

/*
 * Adds the sockets that the parent process passed: fd 0 if it listens
 * (spawn-fcgi, lighttpd, mod_fcgid, StandardInput=socket), and those of
 * LISTEN_FDS (sd_listen_fds(3)).  TCP sockets get is_gate_only unless
 * tcp_is_api.  False with the reason in words.
 */
bool listen_inherit(
    struct listeners *listeners, bool tcp_is_api, char *words, size_t size);

/*
 * True if this peer may connect.  Checks FCGI_WEB_SERVER_ADDRS (FastCGI 1.0,
 * 3.2), read once; unset or empty allows all.  Unix sockets allow every peer.
 */
bool listen_peer_may(const struct sockaddr_storage *peer);

#endif
