/* Messages between a process and its successor. */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "fcgi/handoff.h"

enum { SEND_WAIT_US = 200 * 1000 };

/* Space for one descriptor, aligned as cmsg(3) wants it. */
union control {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(sizeof(int))];
};

bool
handoff_open(int ends[2])
{
	const struct timeval wait = { .tv_usec = SEND_WAIT_US };

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return false;
	for (int i = 0; i < 2; i++)
		setsockopt(
		    ends[i], SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	return true;
}

bool
handoff_say_ready(int channel)
{
	const char kind = HANDOFF_READY;

	return send(channel, &kind, 1, MSG_NOSIGNAL) == 1;
}

bool
handoff_say_failed(int channel, const char *text)
{
	char bytes[1 + HANDOFF_TEXT_MAX] = { HANDOFF_FAILED };
	size_t len = strnlen(text, HANDOFF_TEXT_MAX);

	memcpy(bytes + 1, text, len);
	return send(channel, bytes, 1 + len, MSG_NOSIGNAL) == (ssize_t)len + 1;
}

bool
handoff_send(int channel, const struct handoff_conn *conn)
{
	char bytes[] = { HANDOFF_CONN, (char)conn->listener, conn->is_kept };
	struct iovec vector = { .iov_base = bytes, .iov_len = sizeof(bytes) };
	union control control = { .bytes = { 0 } };
	struct msghdr message = { .msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };

	control.head = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)),
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(&control.head), &conn->fd, sizeof(int));
	return sendmsg(channel, &message, MSG_NOSIGNAL) ==
	       (ssize_t)sizeof(bytes);
}

/* The descriptor that came with a message; -1: none did. */
static int
descriptor_of(struct msghdr *message)
{
	struct cmsghdr *head = CMSG_FIRSTHDR(message);
	int fd = -1;

	if (head != NULL && head->cmsg_level == SOL_SOCKET &&
	    head->cmsg_type == SCM_RIGHTS &&
	    head->cmsg_len == CMSG_LEN(sizeof(fd)))
		memcpy(&fd, CMSG_DATA(head), sizeof(fd));
	return fd;
}

/* Takes a message of len bytes apart. */
static enum handoff_kind
read_message(const char *bytes, size_t len, struct handoff_conn *conn,
    char text[HANDOFF_TEXT_MAX + 1])
{
	switch (bytes[0]) {
	case HANDOFF_READY:
		return HANDOFF_READY;
	case HANDOFF_FAILED:
		if (text != NULL) {
			memcpy(text, bytes + 1, len - 1);
			text[len - 1] = '\0';
		}
		return HANDOFF_FAILED;
	case HANDOFF_CONN:
		if (len < 3 || conn->fd < 0)
			return HANDOFF_NOTHING;
		conn->listener = (unsigned char)bytes[1];
		conn->is_kept = bytes[2] != 0;
		return HANDOFF_CONN;
	}
	return HANDOFF_NOTHING;
}

enum handoff_kind
handoff_receive(
    int channel, struct handoff_conn *conn, char text[HANDOFF_TEXT_MAX + 1])
{
	char bytes[1 + HANDOFF_TEXT_MAX];
	struct iovec vector = { .iov_base = bytes, .iov_len = sizeof(bytes) };
	union control control;
	struct msghdr message = { .msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	ssize_t got =
	    recvmsg(channel, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	enum handoff_kind kind;

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return HANDOFF_NOTHING;
	if (got <= 0)
		return HANDOFF_ENDED;
	conn->fd = descriptor_of(&message);
	kind = read_message(bytes, (size_t)got, conn, text);
	if (kind != HANDOFF_CONN && conn->fd >= 0)
		close(conn->fd);
	return kind;
}
