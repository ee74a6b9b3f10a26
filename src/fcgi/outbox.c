/* The part of an answer that the socket has not taken yet. */
#include "config.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "fcgi/outbox.h"

/* Bytes that the socket took; 0: its buffer is full; -1: it is broken. */
static ssize_t
send_some(int fd, const char *bytes, size_t len)
{
	ssize_t took;

	do
		took = send(fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (took < 0 && errno == EINTR);
	return took < 0 && errno == EAGAIN ? 0 : took;
}

bool
outbox_keep(struct outbox *outbox, struct str bytes)
{
	assert(bytes.len > 0); /* else malloc may return NULL */
	outbox->bytes = malloc(bytes.len);
	if (outbox->bytes == NULL)
		return false;
	memcpy(outbox->bytes, bytes.ptr, bytes.len);
	outbox->from = 0;
	outbox->to = bytes.len;
	return true;
}

enum outbox_state
outbox_send(struct outbox *outbox, int fd, struct str bytes)
{
	ssize_t took = send_some(fd, bytes.ptr, bytes.len);

	if (took < 0)
		return OUTBOX_GONE;
	if ((size_t)took == bytes.len)
		return OUTBOX_SENT;
	return outbox_keep(outbox, str_from_byte(bytes, (size_t)took))
		   ? OUTBOX_FULL
		   : OUTBOX_GONE;
}

enum outbox_state
outbox_go_on(struct outbox *outbox, int fd)
{
	while (outbox->from < outbox->to) {
		ssize_t took = send_some(fd, outbox->bytes + outbox->from,
		    outbox->to - outbox->from);

		if (took < 0)
			return OUTBOX_GONE;
		if (took == 0)
			return OUTBOX_FULL;
		outbox->from += (size_t)took;
	}
	outbox_drop(outbox);
	return OUTBOX_SENT;
}

/* Wipes the bytes: they may hold a session token. */
void
outbox_drop(struct outbox *outbox)
{
	if (outbox->bytes == NULL)
		return;
	explicit_bzero(outbox->bytes, outbox->to);
	free(outbox->bytes);
	outbox->bytes = NULL;
}
