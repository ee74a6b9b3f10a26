#ifndef RESP_H
#define RESP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * Layer 1 of 3 (resp.h bytes, wire.h socket, link.h policy): the protocol of
 * Redis (RESP2; redis.io, Redis serialization protocol specification).  Encodes
 * commands, decodes replies.  No sockets.
 */
enum resp_type { RESP_NIL, RESP_TEXT, RESP_INT, RESP_LIST, RESP_ERROR };

/* A decoded reply; all of it lives in the arena. */
struct resp_value {
	enum resp_type type;
	struct str text; /* TEXT, ERROR */
	int64_t number;	 /* INT */
	struct resp_value *items;
	size_t count; /* LIST */
};

/* True if the value is this text. */
static inline bool
resp_is(const struct resp_value *value, struct str text)
{
	return value->type == RESP_TEXT && str_eq(value->text, text);
}

/* Longer lists are rejected, which bounds the memory that a reply takes. */
enum { RESP_ITEMS_MAX = 4096 };

/*
 * The first word of the error that replaces a value too long to keep
 * (redis/wire/bulk_bound.h).  Redis has no error of that name.
 */
#define RESP_TOO_LONG "TOOLONG"

/* The most arguments of a command that is built in an array. */
enum { RESP_ARGS_MAX = 16 };

/*
 * Encodes a command at `at`, which has space for resp_command_size_max bytes.
 * Returns how many were written.  They may contain secrets.
 */
size_t resp_command_size_max(const struct str *args, size_t count);
size_t resp_command(char *at, const struct str *args, size_t count);

/* Opens the reader of one connection.  NULL: no memory. */
struct resp *resp_open(void);
void resp_close(struct resp *resp);

/* Appends bytes received from the server.  False: no memory. */
bool resp_feed(struct resp *resp, const char *bytes, size_t len);

/*
 * Sets how many bytes of replies may be kept from here on; resp_open sets
 * RESP_SPACE.  A bulk string that does not fit is skipped.
 */
enum { RESP_SPACE = 1024 * 1024 };
void resp_set_space(struct resp *resp, size_t space);

/*
 * Returns how many bytes of the value that is being skipped are still to
 * arrive; 0: none is being skipped.
 */
int64_t resp_skipping(const struct resp *resp);

enum resp_verdict {
	RESP_VALUE, /* *value is the next reply */
	RESP_MORE,  /* more bytes are needed; do not reset the arena */
	RESP_BAD    /* not RESP2, or a list or line is too long; close */
};

/* True if there is unread input: bytes, or a part of a value. */
bool resp_has_rest(const struct resp *resp);

/* Decodes the next reply into the arena. */
enum resp_verdict resp_next(
    struct resp *resp, struct arena *arena, struct resp_value *value);

/*
 * Describes command number `index` of the encoded commands, without secrets:
 * its verb, and its key up to the last colon, as in "GET sess:".  Empty if
 * there is no such command.
 */
void resp_describe(struct str commands, int index, char *words, size_t size);

#endif
