#ifndef HANDOFF_H
#define HANDOFF_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The channel between a process and its successor at a reload: a pair of
 * SOCK_SEQPACKET sockets.  The successor says over it whether it serves, and is
 * then handed the connections that have no request under way (SCM_RIGHTS).
 *
 * FastCGI has no message with which the application announces that it will
 * close a kept connection.  Whenever it closes one, a request may just be on
 * its way, and web servers do not repeat a POST.  So a process that leaves
 * closes none of them.  A connection between two requests has no state but its
 * socket, and the successor reads whatever comes next.
 */

enum { HANDOFF_TEXT_MAX = 500 };

/* The first byte of a message: different versions exchange them. */
enum handoff_kind {
	HANDOFF_READY = 'R',  /* the sender serves */
	HANDOFF_FAILED = 'F', /* it will not serve; text is the reason */
	HANDOFF_CONN = 'C',   /* a connection */
	/* no messages, results of handoff_receive */
	HANDOFF_NOTHING, /* there is none now */
	HANDOFF_ENDED	 /* the other end is closed */
};

struct handoff_conn {
	int fd;
	unsigned char listener; /* number of its listener */
	bool is_kept;		/* a request was answered on it */
};

/* Opens both ends, close-on-exec.  False with errno. */
bool handoff_open(int ends[2]);

/*
 * Sends HANDOFF_READY, or HANDOFF_FAILED with as much of the text as fits.
 * False: nobody reads it.
 */
bool handoff_say_ready(int channel);
bool handoff_say_failed(int channel, const char *text);

/*
 * Hands a connection over; the caller closes its own descriptor afterwards. May
 * wait for the reader for 200 ms.  False: it was not handed over.
 */
bool handoff_send(int channel, const struct handoff_conn *conn);

/*
 * Takes the next message, without waiting.  HANDOFF_CONN: conn->fd,
 * close-on-exec, is the caller's.  text may be NULL; it is terminated.
 */
enum handoff_kind handoff_receive(
    int channel, struct handoff_conn *conn, char text[HANDOFF_TEXT_MAX + 1]);

#endif
