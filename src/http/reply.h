#ifndef REPLY_H
#define REPLY_H

#include "base/buf.h"
#include "base/str.h"

/* Bytes: the bound of a head, and of a body without reply_allow. */
#define REPLY_MAX 65536

/* An answer that is being written: status, header lines, body.  In an arena. */
struct reply {
	int status;
	struct buf head; /* header lines, each with its CR LF */
	struct buf body;
	bool is_bare; /* neither body nor Content-Length */
};

/* An empty answer with status 500, in the arena. */
struct reply reply_open(struct arena *arena);

/*
 * Raises the bound of the body to REPLY_MAX + more: for answers that hold
 * stored values, whose length only their writer bounds.
 */
void reply_allow(struct reply *reply, size_t more);

/* Discards everything written so far. */
void reply_reset(struct reply *reply);

/*
 * Adds a header line.  The value is a constant or was validated: a CR, LF or
 * NUL in it is a bug, and the line is left out.
 */
void reply_header(struct reply *reply, const char *name, struct str value);

/* X-Sessgate-Code: a word that names the answer to programs. */
void reply_code(struct reply *reply, const char *code);

/*
 * Status without body and Content-Length: for the gate's 200, whose headers
 * Apache would add to the page that it serves.
 */
void reply_bare(struct reply *reply, int status);

/*
 * Sets the status and the headers of a JSON answer.  The caller adds the body.
 */
void reply_json(struct reply *reply, int status);

/* A whole JSON answer that is only a message, a constant without escapes. */
void reply_message(struct reply *reply, int status, struct str message);

/*
 * An answer as it is sent: the line of its status, its other header lines and
 * an empty one, its body.
 */
struct reply_text {
	struct str status, head, body;
	bool is_cut; /* exceeds a bound: must not be sent */
};

/*
 * The answer as a CGI document (RFC 3875, 6.3): Status, header lines,
 * Content-Length, and the body unless with_body is false (HEAD).
 */
struct reply_text reply_render(const struct reply *reply, bool with_body);

#endif
