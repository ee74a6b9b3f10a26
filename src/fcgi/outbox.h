#ifndef OUTBOX_H
#define OUTBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/*
 * The unsent part of an answer, or a whole answer that is held back.  Nothing
 * here blocks, whatever the descriptor's flags.  Zero it before use; one answer
 * at a time.
 */
struct outbox {
	char *bytes; /* malloc'd; NULL: empty */
	size_t from, to;
};

enum outbox_state {
	OUTBOX_SENT, /* all is sent; the outbox is empty */
	OUTBOX_FULL, /* continue on EPOLLOUT */
	OUTBOX_GONE  /* broken connection or no memory: close */
};

/* Sends bytes to the socket fd; keeps a copy of the part it does not take. */
enum outbox_state outbox_send(struct outbox *outbox, int fd, struct str bytes);

/* Keeps a copy of all bytes, to be sent later.  False: no memory. */
bool outbox_keep(struct outbox *outbox, struct str bytes);

/* Sends the kept bytes. */
enum outbox_state outbox_go_on(struct outbox *outbox, int fd);

/* Wipes and frees the kept bytes. */
void outbox_drop(struct outbox *outbox);

#endif
