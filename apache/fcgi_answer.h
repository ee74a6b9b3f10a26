#ifndef APACHE_FCGI_ANSWER_H
#define APACHE_FCGI_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Reads what sessgate answers: FastCGI records (FastCGI 1.0, 3.3), in them a
 * CGI document (RFC 3875, 6).  Pure: bytes in, no sockets, no allocations.
 * Anything else is refused.
 */

enum {
	FCGI_ANSWER_BYTES = 192 * 1024, /* the longest answer, all records */
	FCGI_ANSWER_FIELDS = 48		/* header fields of an answer */
};

enum fcgi_answer_verdict {
	FCGI_ANSWER_MORE,  /* the last record has not come */
	FCGI_ANSWER_WHOLE, /* the text is complete, and nothing follows it */
	FCGI_ANSWER_BAD	   /* no FastCGI answer to our request */
};

/* The state of reading the records; all zero before the first. */
struct fcgi_records {
	size_t at;	 /* bytes of complete records */
	size_t text_len; /* bytes of STDOUT, moved to the front */
	bool is_text_over, is_over;
};

/*
 * Reads the records that were not read before.  bytes: all len bytes that were
 * received so far.  The contents of STDOUT are moved to the front of bytes
 * (text_len); bytes from `at` on are not changed.  Between two calls the caller
 * may append bytes, and may move the whole buffer.
 */
enum fcgi_answer_verdict fcgi_records_read(
    struct fcgi_records *records, char *bytes, size_t len);

struct fcgi_field {
	const char *name, *value; /* strings; the value may be empty */
};

/* The parts of an answer that a web server uses; they point into the text. */
struct fcgi_answer {
	int status;
	struct fcgi_field fields[FCGI_ANSWER_FIELDS]; /* without Status */
	size_t count;
	const char *body;
	size_t body_len;
};

/*
 * Parses the text of a whole answer, and changes it.  Returns NULL, or the
 * reason why it is malformed; then *answer is undefined.
 */
const char *fcgi_answer_parse(
    struct fcgi_answer *answer, char *text, size_t len);

/* The first value of a field; case is ignored in its name.  NULL: absent. */
const char *fcgi_answer_find(
    const struct fcgi_answer *answer, const char *name);

/* True for a variable that an answer may set: REMOTE_USER or SESSGATE_.. */
bool fcgi_is_variable(const char *name);

/* The name of the variable that a field sets; NULL: it sets none. */
const char *fcgi_field_variable(const struct fcgi_field *field);

enum fcgi_answer_kind {
	FCGI_ANSWER_USER,     /* 200 with the name of a user */
	FCGI_ANSWER_STRANGER, /* 200 that says that the page is public */
	FCGI_ANSWER_REFUSAL,  /* a redirect, or a 4xx or 5xx */
	FCGI_ANSWER_NONSENSE  /* anything else: lets nobody in */
};

enum fcgi_answer_kind fcgi_answer_kind(const struct fcgi_answer *answer);

#endif
