#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "http/answer.h"

/*
 * Parses the records of one connection as they arrive (FastCGI 1.0, 3.3): a
 * pure state machine over bytes.  It trusts nothing: a "whole" request is one
 * complete request within the limits, with every length checked.  libfcgi,
 * which trusts its peer, reads nothing else.
 *
 * Headers and padding are dropped once they are checked.  So a request takes at
 * most STREAM_PARAMS_MAX + STREAM_BODY_MAX bytes, whatever the peer sends.
 */
enum {
	STREAM_PARAMS_MAX = 65536,
	STREAM_BODY_MAX = 65536,
	STREAM_VALUES_MAX = 256, /* of GET_VALUES; three names are known */
	STREAM_REPLY_MAX = 128
};

enum stream_verdict {
	STREAM_MORE,   /* all bytes consumed, no request is whole yet */
	STREAM_WHOLE,  /* a request is whole; stream_next follows its answer */
	STREAM_REPLY,  /* send reply[0..reply_len), go on; see ends_after */
	STREAM_REFUSE, /* answer with `refusal`, then close */
	STREAM_BAD     /* broken framing, described by `bad`: close */
};

/* Holds the bytes of a request; a stream borrows it while it has any. */
struct stream_buffer {
	char params[STREAM_PARAMS_MAX];
	char body[STREAM_BODY_MAX];
};

struct stream {
	/* the current record */
	uint8_t header[8];
	size_t header_len;
	size_t content_left, padding_left;
	bool is_kept_record; /* its content is kept, not skipped */

	/* the current request */
	struct stream_buffer *buffer;
	bool is_open;
	uint16_t id;
	uint16_t role;		    /* enum fcgi_rec_role */
	bool keeps;		    /* FCGI_KEEP_CONN */
	bool has_params, has_stdin; /* the end of each was seen */
	bool is_peer_done; /* the end of the last request's STDIN was seen */
	size_t params_len, body_len;
	int64_t content_length; /* -1: absent */
	bool is_gate; /* whole at the end of PARAMS: the body is not awaited */

	/* results */
	uint8_t begin[8]; /* content of BEGIN */
	char values[STREAM_VALUES_MAX];
	size_t content_at; /* bytes kept of BEGIN or GET_VALUES */
	uint8_t reply[STREAM_REPLY_MAX];
	size_t reply_len;
	bool ends_after; /* with STREAM_REPLY: the connection ends after it */
	enum answer refusal;
	const char *bad;

	int max_conns; /* our answer to GET_VALUES */
};

/* A stream at the start of a connection, without a buffer. */
struct stream stream_open(int max_conns);

/*
 * Parses bytes; *used is the number consumed (all of them with STREAM_MORE).
 * The stream must have a buffer.
 */
enum stream_verdict stream_feed(
    struct stream *stream, const char *bytes, size_t len, size_t *used);

/* Drops the answered request; the stream is ready for the next one. */
void stream_next(struct stream *stream);

/*
 * A request can be whole before the end of its STDIN, mostly with a
 * CONTENT_LENGTH of 0; the empty STDIN record then follows it.  Returns the
 * length of that record if bytes begin with it (it need not be fed), else 0.
 */
size_t stream_late_end(
    const struct stream *stream, const char *bytes, size_t len);

/* True if no byte of a request or record has come: no buffer is needed. */
bool stream_is_idle(const struct stream *stream);

/* Writes a record header (8 bytes, section 3.3) at `at`. */
void stream_write_header(uint8_t *at, uint8_t type, uint16_t id, size_t len);

#endif
