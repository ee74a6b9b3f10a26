#ifndef REPLY_H
#define REPLY_H

#include "base/buf.h"
#include "base/str.h"

/* The most bytes of the header lines, and of a body without reply_allow. */
#define REPLY_MAX 65536

/* An answer that is being written, in an arena: status, header lines, body. */
struct reply {
	int status;
	struct buf head; /* header lines, each with its CR LF */
	struct buf body;
	bool is_bare; /* it has neither a body nor Content-Length */
};

/* Returns an empty answer with status 500, in the arena. */
struct reply reply_open(struct arena *arena);

/*
 * Raises the bound of the body to REPLY_MAX + more, for answers with stored
 * values, whose length nothing else bounds.
 */
void reply_allow(struct reply *reply, size_t more);

/* Discards everything written so far. */
void reply_reset(struct reply *reply);

/*
 * Adds a header line.  The caller has validated the value.  A CR, LF or NUL in
 * it is a bug, and the line is left out.
 */
void reply_header(struct reply *reply, const char *name, struct str value);

/* Adds X-Sessgate-Code: a word that names the answer to programs. */
void reply_code(struct reply *reply, const char *code);

/*
 * Sets a status without body and Content-Length.  The 200 of the gate is such
 * an answer, since Apache would add its headers to the page that it serves.
 */
void reply_bare(struct reply *reply, int status);

/*
 * Sets the status and the headers of a JSON answer.  The caller adds the body.
 */
void reply_json(struct reply *reply, int status);

/* Writes a JSON answer that is only a message, a constant without escapes. */
void reply_message(struct reply *reply, int status, struct str message);

/*
 * An answer as it is sent: the status line; the other header lines, with the
 * empty line after them; the body.
 */
struct reply_text {
	struct str status, head, body;
	bool is_cut; /* it exceeds a bound, and must not be sent */
};

/*
 * Returns the answer as a CGI document (RFC 3875, 6.3): Status, header lines,
 * Content-Length, and the body unless with_body is false (HEAD).
 */
struct reply_text reply_render(const struct reply *reply, bool with_body);

#endif
