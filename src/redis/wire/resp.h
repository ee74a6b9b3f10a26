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
 * The first word of the error that stands in place of a value which is too
 * long to be read (redis/wire/bulk_bound.h).  Redis has no error of that name.
 */
#define RESP_TOO_LONG "TOOLONG"

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

/*
 * How many bytes may be kept from here on; a resp that was just opened has
 * RESP_ROOM.  Values beyond that are skipped.
 */
enum { RESP_ROOM = 1024 * 1024 };
void resp_set_room(struct resp *resp, size_t room);

/* How many bytes are yet to come of a value that is being skipped; 0: none. */
int64_t resp_skipping(const struct resp *resp);

enum resp_verdict {
	RESP_VALUE, /* *value is the next reply */
	RESP_MORE,  /* more bytes are needed; the arena must stay the same */
	RESP_BAD    /* no RESP2, or too long a list or line; close */
};

/*
 * Is there anything beyond the values that were read: bytes, or a part of a
 * value?
 */
bool resp_has_rest(const struct resp *resp);

enum resp_verdict resp_next(
    struct resp *resp, struct arena *arena, struct resp_value *value);

/*
 * What the command number `index` of those in commands (as resp_command writes
 * them, one behind the other) is about, without anything secret: its verb and
 * its key up to the last colon, "GET sess:".  Empty for one that is not there.
 */
void resp_describe(struct str commands, int index, char *words, size_t size);

#endif
