/* Listening sockets: opened by us, or inherited from who started us. */
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

/* FCGI_WEB_SERVER_ADDRS; set before there is a second thread. */
static struct str web_server_addrs;

static bool
fail(char *why, size_t size, const char *words, const char *detail)
{
	snprintf(why, size, "%s%s%s", words, detail != NULL ? ": " : "",
	    detail != NULL ? detail : "");
	return false;
}

/* Siblings may share the socket: an accept that comes too late is EAGAIN. */
static bool
add(struct listeners *listeners, int fd, bool is_tcp, bool is_api, char *why,
    size_t size)
{
	int flags = fcntl(fd, F_GETFL);

	if (listeners->count == LISTEN_MAX)
		return fail(why, size, "too many listening sockets", NULL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0)
		return fail(why, size, "listening socket", strerror(errno));
	listeners->all[listeners->count++] = (struct listener){
		.fd = fd, .is_tcp = is_tcp, .is_gate_only = is_tcp && !is_api
	};
	return true;
}

/* What stands after the address. */
struct listen_options {
	bool is_api;
	mode_t mode;
};

static bool
read_option(struct str option, struct listen_options *options)
{
	struct str value = option;
	struct str name = str_cut(&value, '=');

	if (str_eq(name, STR("role"))) {
		options->is_api = str_eq(value, STR("api"));
		return options->is_api || str_eq(value, STR("gate"));
	}
	if (str_eq(name, STR("mode")) && value.len >= 3 && value.len <= 4 &&
	    str_only(value, "01234567")) {
		options->mode = 0;
		for (size_t i = 0; i < value.len; i++)
			options->mode =
			    options->mode * 8 + (mode_t)(value.ptr[i] - '0');
		return options->mode <= 0777;
	}
	return false;
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

/* The file gets its mode before anybody can connect: listen comes last. */
static int
open_unix(const char *path, mode_t mode, char *why, size_t size)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct stat st;
	int fd;

	if (strlen(path) >= sizeof(address.sun_path)) {
		fail(why, size, path, "path too long for a unix socket");
		return -1;
	}
	memcpy(address.sun_path, path, strlen(path));
	if (lstat(path, &st) == 0) {
		if (!S_ISSOCK(st.st_mode) || is_live(&address)) {
			fail(why, size, path,
			    S_ISSOCK(st.st_mode) ? "somebody listens there"
						 : "is no socket");
			return -1;
		}
		unlink(path);
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    chmod(path, mode) != 0 || listen(fd, BACKLOG) != 0) {
		fail(why, size, path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

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

/* HOST:PORT, an IPv6 address in brackets. */
static int
open_tcp(char *text, char *why, size_t size)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	struct addrinfo *info = NULL;
	char *colon = strrchr(text, ':');
	size_t len = strlen(text);
	char *host = text;
	int error, fd;

	if (colon == NULL || colon == text || colon[1] == '\0') {
		fail(why, size, text, "neither unix:PATH nor HOST:PORT");
		return -1;
	}
	*colon = '\0';
	len = (size_t)(colon - text);
	if (host[0] == '[' && host[len - 1] == ']') {
		host[len - 1] = '\0';
		host++;
	}
	error = getaddrinfo(host, colon + 1, &hints, &info);
	if (error != 0) {
		fail(why, size, host, gai_strerror(error));
		return -1;
	}
	fd = bind_tcp(info);
	if (fd < 0)
		fail(why, size, host, strerror(errno));
	freeaddrinfo(info);
	return fd;
}

bool
listen_open(
    struct listeners *listeners, const char *text, char *why, size_t size)
{
	struct listen_options options = { .is_api = false, .mode = 0660 };
	struct str rest = str_from(text);
	struct str address = str_cut(&rest, ',');
	bool is_unix = str_starts(address, STR("unix:"));
	char copy[512];
	int fd;

	while (!str_is_none(rest)) {
		struct str option = str_cut(&rest, ',');

		if (!read_option(option, &options))
			return fail(why, size, text, "unknown option");
	}
	if (address.len >= sizeof(copy))
		return fail(why, size, "--listen", "address too long");
	memcpy(copy, address.ptr, address.len);
	copy[address.len] = '\0';
	if (is_unix)
		fd = open_unix(copy + 5, options.mode, why, size);
	else
		fd = open_tcp(copy, why, size);
	return fd >= 0 &&
	       add(listeners, fd, !is_unix, options.is_api, why, size);
}

static bool
is_listening(int fd, bool *is_tcp)
{
	struct sockaddr_storage name;
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

/* How many sockets systemd passed to this very process. */
static int
passed_count(void)
{
	const char *pid = getenv("LISTEN_PID");
	const char *count = getenv("LISTEN_FDS");
	int64_t number;

	if (pid == NULL || count == NULL ||
	    !str_to_int(str_from(pid), getpid(), getpid(), &number) ||
	    !str_to_int(str_from(count), 1, LISTEN_MAX, &number))
		return 0;
	return (int)number;
}

bool
listen_inherit(
    struct listeners *listeners, bool tcp_is_api, char *why, size_t size)
{
	int passed = passed_count();
	bool is_tcp;

	web_server_addrs = str_from(getenv("FCGI_WEB_SERVER_ADDRS"));
	if (is_listening(STDIN_FILENO, &is_tcp) &&
	    !add(listeners, STDIN_FILENO, is_tcp, tcp_is_api, why, size))
		return false;
	for (int fd = LISTEN_FDS_START; fd < LISTEN_FDS_START + passed; fd++) {
		if (!is_listening(fd, &is_tcp))
			return fail(why, size, "LISTEN_FDS",
			    "a passed descriptor does not listen");
		fcntl(fd, F_SETFD, FD_CLOEXEC);
		if (!add(listeners, fd, is_tcp, tcp_is_api, why, size))
			return false;
	}
	return true;
}

/* The peer as text, a v4-mapped address as the IPv4 one it is. */
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
