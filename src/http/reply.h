#ifndef REPLY_H
#define REPLY_H

#include "base/buf.h"
#include "base/str.h"

/* Of a head, and of a body unless reply_allow says more, in bytes. */
#define REPLY_MAX 65536

/* An answer in the making: status, header lines, body.  Lives in an arena. */
struct reply {
	int status;
	struct buf head; /* header lines, each with its CR LF */
	struct buf body;
	bool is_bare; /* neither body nor Content-Length */
};

struct reply reply_open(struct arena *arena);

/*
 * Lets the body become more bytes longer than REPLY_MAX: for answers that hold
 * stored values, whose length nobody but their writer bounds.
 */
void reply_allow(struct reply *reply, size_t more);

/* Forgets what was written so far. */
void reply_reset(struct reply *reply);

/*
 * One header line.  The value comes from us or has passed a check: a CR, LF
 * or NUL in it is a defect, and the line is left out.
 */
void reply_header(struct reply *reply, const char *name, struct str value);

/*
 * Status alone: for an answer whose headers, each of them, would reach
 * somebody's page.
 */
void reply_bare(struct reply *reply, int status);

/* Status, and the headers of every JSON answer; the body is added after. */
void reply_json(struct reply *reply, int status);

/* An answer as it is sent: the head with its empty line, then the body. */
struct reply_text {
	struct str head, body;
	bool is_cut; /* longer than it may be: not to be sent */
};

/*
 * The answer as a CGI document (RFC 3875, 6.3): Status, header lines,
 * Content-Length, and the body unless with_body is false (HEAD).
 */
struct reply_text reply_render(const struct reply *reply, bool with_body);

#endif
