/* Listening sockets: opened by us, or inherited from the parent process. */
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fcgi/listen.h"

#define BACKLOG 1024
#define LISTEN_FDS_START 3 /* sd_listen_fds(3) */

/* FCGI_WEB_SERVER_ADDRS; set while there is only one thread. */
static struct str web_server_addrs;

/* The buffer for the reason of a refusal. */
struct complaint {
	char *text;
	size_t size;
};

static bool
complain(const struct complaint *why, const char *about, const char *words)
{
	snprintf(why->text, why->size, "%s: %s", about, words);
	return false;
}

/*
 * Other processes may share the socket, so it must be O_NONBLOCK: an accept
 * that comes too late gets EAGAIN.  Accepted TCP connections inherit SO_LINGER,
 * which would let close(2) block even on an O_NONBLOCK socket.
 */
static bool
add_listener(struct listeners *listeners, const struct listener *listener,
    const struct complaint *why)
{
	const struct linger off = { .l_onoff = 0 };
	int flags = fcntl(listener->fd, F_GETFL);

	_Static_assert(LISTEN_MAX == 16, "the text below names it");
	if (listeners->count == LISTEN_MAX)
		return complain(why, "listening sockets", "more than 16");
	if (flags < 0 || fcntl(listener->fd, F_SETFL, flags | O_NONBLOCK) != 0)
		return complain(why, "listening socket", strerror(errno));
	setsockopt(listener->fd, SOL_SOCKET, SO_LINGER, &off, sizeof(off));
	listeners->all[listeners->count] = *listener;
	listeners->all[listeners->count].number = (int)listeners->count;
	listeners->count++;
	return true;
}

/* A parsed --listen argument. */
struct wanted {
	bool is_unix, is_gate_only;
	mode_t mode;
	char path[sizeof((struct sockaddr_un){ 0 }.sun_path)];
	char host[256], port[8];
	char site[CONF_SITE_NAME_MAX + 1];
};

static bool
read_socket_mode(struct str text, mode_t *mode)
{
	if (text.len < 3 || text.len > 4 || !str_only(text, "01234567"))
		return false;
	*mode = 0;
	for (size_t i = 0; i < text.len; i++)
		*mode = *mode * 8 + (mode_t)(text.ptr[i] - '0');
	return *mode <= 0777;
}

static bool
copy_address(char *to, size_t size, struct str text)
{
	if (text.len == 0 || text.len >= size)
		return false;
	memcpy(to, text.ptr, text.len);
	to[text.len] = '\0';
	return true;
}

static bool
read_option(struct str option, struct wanted *wanted)
{
	struct str value = option;
	struct str name = str_cut(&value, '=');

	if (str_eq(name, STR("role"))) {
		wanted->is_gate_only = str_eq(value, STR("gate"));
		return wanted->is_gate_only || str_eq(value, STR("api"));
	}
	if (str_eq(name, STR("site")))
		return copy_address(wanted->site, sizeof(wanted->site), value);
	return str_eq(name, STR("mode")) && wanted->is_unix &&
	       read_socket_mode(value, &wanted->mode);
}

/* HOST:PORT; an IPv6 address is in brackets. */
static bool
read_listen_host(struct str address, struct wanted *wanted)
{
	const char *colon = memrchr(address.ptr, ':', address.len);
	struct str host = address;
	struct str port;
	int64_t number;

	if (colon == NULL)
		return false;
	host.len = (size_t)(colon - address.ptr);
	port = str_from_byte(address, host.len + 1);
	if (host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
		host = (struct str){ host.ptr + 1, host.len - 2 };
	return str_to_int(port, 1, 65535, &number) &&
	       copy_address(wanted->host, sizeof(wanted->host), host) &&
	       copy_address(wanted->port, sizeof(wanted->port), port);
}

static bool
read_wanted(const char *text, struct wanted *wanted)
{
	struct str rest = str_from(text);
	struct str address = str_cut(&rest, ',');

	*wanted = (struct wanted){ .is_unix = str_starts(address, STR("unix:")),
		.mode = 0660 };
	wanted->is_gate_only = !wanted->is_unix;
	while (!str_is_none(rest))
		if (!read_option(str_cut(&rest, ','), wanted))
			return false;
	if (wanted->is_unix)
		return copy_address(wanted->path, sizeof(wanted->path),
		    str_from_byte(address, sizeof("unix:") - 1));
	return read_listen_host(address, wanted);
}

static bool
is_live(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool connects = fd >= 0 && connect(fd, (const struct sockaddr *)address,
				       sizeof(*address)) == 0;
	bool is_dead = !connects && errno == ECONNREFUSED;

	if (fd >= 0)
		close(fd);
	return !is_dead;
}

/* chmod before listen: nobody can connect before the file has its mode. */
static int
open_unix(const struct wanted *wanted, const struct complaint *why)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = wanted->path;
	struct stat st;
	int fd;

	memcpy(address.sun_path, path, strlen(path));
	if (lstat(path, &st) == 0) {
		if (!S_ISSOCK(st.st_mode) || is_live(&address)) {
			complain(why, path,
			    S_ISSOCK(st.st_mode)
				? "another process listens there"
				: "is no socket");
			return -1;
		}
		unlink(path);
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    chmod(path, wanted->mode) != 0 || listen(fd, BACKLOG) != 0) {
		complain(why, path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

/* SO_REUSEPORT: several processes may listen on one port. */
static int
bind_tcp(const struct addrinfo *info)
{
	const int on = 1;
	int fd = socket(info->ai_family, info->ai_socktype | SOCK_CLOEXEC,
	    info->ai_protocol);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	if (info->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, info->ai_addr, info->ai_addrlen) != 0 ||
	    listen(fd, BACKLOG) != 0) {
		int saved_errno = errno;

		close(fd);
		errno = saved_errno;
		return -1;
	}
	return fd;
}

static int
open_tcp(const struct wanted *wanted, const struct complaint *why)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	struct addrinfo *info = NULL;
	int error = getaddrinfo(wanted->host, wanted->port, &hints, &info);
	int fd;

	if (error != 0) {
		complain(why, wanted->host, gai_strerror(error));
		return -1;
	}
	fd = bind_tcp(info);
	if (fd < 0)
		complain(why, wanted->host, strerror(errno));
	freeaddrinfo(info);
	return fd;
}

static int
open_wanted(const struct wanted *wanted, const struct complaint *why)
{
	return wanted->is_unix ? open_unix(wanted, why) : open_tcp(wanted, why);
}

enum listen_outcome
listen_open(struct listeners *listeners, const char *text, int handed,
    const struct conf_all *conf, char *words, size_t size)
{
	const struct complaint why = { words, size };
	struct listener listener = { .fd = handed };
	struct wanted wanted;

	if (!read_wanted(text, &wanted)) {
		complain(&why, text,
		    "neither unix:PATH (107 bytes at most) nor HOST:PORT, or "
		    "an "
		    "option after a comma is unknown");
		return LISTEN_SENSELESS;
	}
	if (wanted.site[0] != '\0' &&
	    conf_find_site(conf, str_from(wanted.site)) < 0) {
		complain(&why, text, "the configuration has no such site");
		return LISTEN_SENSELESS;
	}
	listener.is_gate_only = wanted.is_gate_only;
	memcpy(listener.site, wanted.site, sizeof(listener.site));
	if (handed < 0)
		listener.fd = open_wanted(&wanted, &why);
	if (listener.fd < 0 || !add_listener(listeners, &listener, &why))
		return LISTEN_REFUSED;
	return LISTEN_OPENED;
}

static bool
is_listening(int fd, bool *is_tcp)
{
	struct sockaddr_storage name = { 0 };
	socklen_t len = sizeof(int);
	int accepts = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &len) != 0 ||
	    !accepts)
		return false;
	len = sizeof(name);
	if (getsockname(fd, (struct sockaddr *)&name, &len) != 0)
		return false;
	*is_tcp = name.ss_family != AF_UNIX;
	return true;
}

/* The number of sockets that systemd passed to this process. */
static int
passed_count(void)
{
	const char *pid = getenv("LISTEN_PID");
	const char *count = getenv("LISTEN_FDS");
	int64_t number;

	if (pid == NULL || count == NULL ||
	    !str_to_int(str_from(pid), getpid(), getpid(), &number) ||
	    !str_to_int(str_from(count), 1, INT16_MAX, &number))
		return 0;
	return (int)number;
}

static bool
add_inherited(struct listeners *listeners, int fd, bool is_gate_only,
    const struct complaint *why)
{
	const struct listener listener = { .fd = fd,
		.is_gate_only = is_gate_only };

	return add_listener(listeners, &listener, why);
}

bool
listen_inherit(
    struct listeners *listeners, bool tcp_is_api, char *words, size_t size)
{
	const struct complaint why = { words, size };
	int passed = passed_count();
	bool is_tcp;

	web_server_addrs = str_from(getenv("FCGI_WEB_SERVER_ADDRS"));
	if (is_listening(STDIN_FILENO, &is_tcp) &&
	    !add_inherited(
		listeners, STDIN_FILENO, is_tcp && !tcp_is_api, &why))
		return false;
	for (int fd = LISTEN_FDS_START; fd < LISTEN_FDS_START + passed; fd++) {
		if (!is_listening(fd, &is_tcp))
			return complain(&why, "LISTEN_FDS",
			    "a passed descriptor does not listen");
		fcntl(fd, F_SETFD, FD_CLOEXEC);
		if (!add_inherited(listeners, fd, is_tcp && !tcp_is_api, &why))
			return false;
	}
	listeners->inherited = listeners->count;
	return true;
}

/* The peer's address as text; an IPv4-mapped address as IPv4. */
static bool
peer_text(const struct sockaddr_storage *peer, char *text, size_t size)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)peer;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)peer;

	if (peer->ss_family == AF_INET)
		return inet_ntop(AF_INET, &v4->sin_addr, text,
			   (socklen_t)size) != NULL;
	if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
		return inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], text,
			   (socklen_t)size) != NULL;
	return inet_ntop(AF_INET6, &v6->sin6_addr, text, (socklen_t)size) !=
	       NULL;
}

bool
listen_peer_may(const struct sockaddr_storage *peer)
{
	struct str allowed = web_server_addrs;
	char text[INET6_ADDRSTRLEN];

	if (allowed.len == 0 ||
	    (peer->ss_family != AF_INET && peer->ss_family != AF_INET6))
		return true;
	if (!peer_text(peer, text, sizeof(text)))
		return false;
	while (!str_is_none(allowed))
		if (str_eq(str_trim(str_cut(&allowed, ',')), str_from(text)))
			return true;
	return false;
}
