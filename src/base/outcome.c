/* Sends the outcome of a reload from one process to another. */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/outcome.h"

struct address {
	struct sockaddr_un name;
	socklen_t len;
};

static struct address
address_of(pid_t pid)
{
	struct address address = { .name.sun_family = AF_UNIX };
	int len = snprintf(address.name.sun_path + 1,
	    sizeof(address.name.sun_path) - 1, "sessgate/reload/%d", (int)pid);

	address.len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
				  (size_t)len);
	return address;
}

int
outcome_listen(pid_t pid)
{
	struct address address = address_of(pid);
	int fd =
	    socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int saved_errno;

	if (fd < 0)
		return -1;
	if (bind(fd, (const struct sockaddr *)&address.name, address.len) ==
		0 &&
	    listen(fd, 4) == 0)
		return fd;
	saved_errno = errno;
	close(fd);
	errno = saved_errno;
	return -1;
}

static bool
find_peer(int fd, struct ucred *peer)
{
	socklen_t len = sizeof(*peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, peer, &len) == 0;
}

static bool
is_process(int fd, pid_t pid)
{
	struct ucred peer;

	return find_peer(fd, &peer) && peer.pid == pid;
}

static bool
is_root_or_own_user(int fd)
{
	struct ucred peer;

	return find_peer(fd, &peer) && (peer.uid == 0 || peer.uid == geteuid());
}

static bool
wait_for_input(int fd, int64_t deadline_ms)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };

	return poll(&poller, 1, clock_left_ms(deadline_ms)) == 1;
}

bool
outcome_await(
    int listener, pid_t pid, int64_t wait_ms, char text[OUTCOME_TEXT_MAX + 1])
{
	int64_t deadline_ms = clock_ms() + wait_ms;
	ssize_t len = -1;
	int fd;

	if (!wait_for_input(listener, deadline_ms))
		return false;
	/* cppcheck-suppress nullPointer ; accept4(2): the address is optional
	 */
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		return false;
	if (is_process(fd, pid) && wait_for_input(fd, deadline_ms))
		len = recv(fd, text, OUTCOME_TEXT_MAX, MSG_DONTWAIT);
	close(fd);
	text[len > 0 ? len : 0] = '\0';
	return len > 0;
}

void
outcome_tell(pid_t pid, const char *text)
{
	struct address address = address_of(pid);
	int fd =
	    socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return;
	if (connect(fd, (const struct sockaddr *)&address.name, address.len) ==
		0 &&
	    is_root_or_own_user(fd))
		(void)send(fd, text, strnlen(text, OUTCOME_TEXT_MAX),
		    MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
}
