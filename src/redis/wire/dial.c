/* Opening a socket to Redis. */
#include "config.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/wait.h"
#include "redis/wire/dial.h"

static enum wire_verdict
dial_fail(char why[WIRE_WHY_MAX], enum wire_verdict verdict, const char *words)
{
	snprintf(why, WIRE_WHY_MAX, "%s", words);
	return verdict;
}

static enum wire_verdict
connect_socket(const struct call *call, const struct server_address *address,
    int *fd, char why[WIRE_WHY_MAX])
{
	socklen_t error_len = sizeof(int);
	const int on = 1;
	int error = 0;

	if (address->len == 0)
		return dial_fail(why, WIRE_REFUSED, "its address is not known");
	*fd = socket(address->sockaddr.ss_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return dial_fail(why, WIRE_SHORT, strerror(errno));
	if (address->sockaddr.ss_family != AF_UNIX)
		setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(*fd, (const struct sockaddr *)&address->sockaddr,
		address->len) == 0)
		return WIRE_DONE;
	if (errno == EAGAIN) /* unix socket: the backlog is full */
		return dial_fail(why, WIRE_TIMED_OUT, "its backlog is full");
	if (errno != EINPROGRESS)
		return dial_fail(why, WIRE_REFUSED, strerror(errno));
	if (wait_fd(*fd, POLLOUT, call) == 0)
		return dial_fail(why, WIRE_TIMED_OUT, "time-out of connect");
	if (getsockopt(*fd, SOL_SOCKET, SO_ERROR, &error, &error_len) != 0 ||
	    error != 0)
		return dial_fail(why, WIRE_REFUSED, strerror(error));
	return WIRE_DONE;
}

/*
 * BARRED if the handshake fails: a server that admits no more clients closes
 * the connection during it.
 */
static enum wire_verdict
connect_tls(struct tls *shared, const struct call *call, const char *host,
    int fd, struct tls_link **tls, char why[WIRE_WHY_MAX])
{
	*tls = tls_link_open(shared, fd, host);
	if (*tls == NULL)
		return dial_fail(why, WIRE_SHORT, "no memory");
	if (tls_connect(*tls, fd, call))
		return WIRE_DONE;
	return dial_fail(why, errno == ETIMEDOUT ? WIRE_TIMED_OUT : WIRE_BARRED,
	    tls_why(*tls));
}

enum wire_verdict
dial(struct breaker *breaker, const struct call *call,
    const struct server_address *address, int *fd, struct tls_link **tls,
    char why[WIRE_WHY_MAX])
{
	const struct redis_url *url = breaker_options(breaker)->url;
	enum wire_verdict verdict = connect_socket(call, address, fd, why);

	if (verdict != WIRE_DONE || !url->is_tls)
		return verdict;
	return connect_tls(
	    breaker_tls(breaker), call, address->name, *fd, tls, why);
}
