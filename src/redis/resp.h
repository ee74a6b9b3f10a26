#ifndef RESP_H
#define RESP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * The protocol of Redis (RESP2; redis.io, protocol specification): commands
 * to bytes, bytes to values.  No sockets.
 */
enum resp_type { RESP_NIL, RESP_TEXT, RESP_INT, RESP_LIST, RESP_ERROR };

/* A reply, in an arena. */
struct resp_value {
	enum resp_type type;
	struct str text; /* TEXT, ERROR */
	int64_t number;	 /* INT */
	struct resp_value *items;
	size_t count; /* LIST */
};

/* Lists longer than this are nonsense, whatever the server says. */
enum { RESP_ITEMS_MAX = 4096 };

/*
 * A command as bytes, to be given back with resp_command_free, which wipes
 * them; NULL: no memory.
 */
enum { RESP_ARGS_MAX = 16 };
char *resp_command(const struct str *args, size_t count, size_t *len);
void resp_command_free(char *command, size_t len);

/* What was read of one connection.  NULL: no memory. */
struct resp *resp_open(void);
void resp_close(struct resp *resp);

/* Takes bytes of the server; false: no memory. */
bool resp_feed(struct resp *resp, const char *bytes, size_t len);

enum resp_verdict {
	RESP_VALUE, /* *value is the next reply */
	RESP_MORE,  /* more bytes are needed; the arena must stay the same */
	RESP_BAD    /* no RESP2, or a list that is too long; close */
};

/*
 * Is there anything beyond the values that were read: bytes, or a part of a
 * value?
 */
bool resp_has_rest(const struct resp *resp);

enum resp_verdict resp_next(
    struct resp *resp, struct arena *arena, struct resp_value *value);

#endif
