#ifndef OUTBOX_H
#define OUTBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/*
 * What is still to be sent of an answer: the part that the socket did not take,
 * or all of one that is held back.  Nothing here waits, whatever the
 * descriptor's flags.  Zeroed at first; one answer at a time.
 */
struct outbox {
	char *bytes; /* malloc'd; NULL: empty */
	size_t from, to;
};

enum outbox_state {
	OUTBOX_SENT, /* all of it; the outbox is empty */
	OUTBOX_FULL, /* go on when there is room (EPOLLOUT) */
	OUTBOX_GONE  /* the peer is gone, or there is no memory: close */
};

/* Sends bytes to the socket fd, and keeps a copy of what it does not take. */
enum outbox_state outbox_send(struct outbox *outbox, int fd, struct str bytes);

/* Keeps bytes, all of them, to be sent later.  False: no memory. */
bool outbox_keep(struct outbox *outbox, struct str bytes);

/* Sends what is kept. */
enum outbox_state outbox_go_on(struct outbox *outbox, int fd);

/* Wipes and frees what is kept. */
void outbox_drop(struct outbox *outbox);

#endif
