#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "http/answer.h"

/*
 * The records of one connection, read as they come (FastCGI 1.0, 3.3): a pure
 * function over bytes that remembers where it stopped.  It trusts nothing:
 * what it calls whole is one complete request within the limits, every length
 * of which has been checked; libfcgi, which trusts its peer, gets nothing
 * else to read.
 *
 * Headers and padding are cut as they are proven, so a request takes
 * STREAM_PARAMS_MAX + STREAM_BODY_MAX bytes at most, whatever the peer says.
 */
enum {
	STREAM_PARAMS_MAX = 65536,
	STREAM_BODY_MAX = 65536,
	STREAM_VALUES_MAX = 256, /* of GET_VALUES; three names are known */
	STREAM_REPLY_MAX = 128
};

enum stream_verdict {
	STREAM_MORE,  /* all bytes used, no request is whole yet */
	STREAM_WHOLE, /* a request is whole; call stream_next after answering */
	STREAM_REPLY, /* send reply[0..reply_len) and go on; see ends_after */
	STREAM_REFUSE, /* answer with `refusal`, then close */
	STREAM_BAD     /* broken framing, named by `bad`: close */
};

/* Where the bytes of a request are kept; lent to a stream while it has any. */
struct stream_buffer {
	char params[STREAM_PARAMS_MAX];
	char body[STREAM_BODY_MAX];
};

struct stream {
	/* the record being read */
	uint8_t header[8];
	size_t header_len;
	size_t content_left, padding_left;
	bool is_kept_record; /* its content is wanted, not skipped */

	/* the request being read */
	struct stream_buffer *buffer;
	bool is_open;
	uint16_t id;
	uint16_t role;		    /* enum fcgi_rec_role */
	bool keeps;		    /* FCGI_KEEP_CONN */
	bool has_params, has_stdin; /* the end of each was seen */
	bool is_peer_done; /* of the last request, STDIN's end was seen */
	size_t params_len, body_len;
	int64_t content_length; /* -1: absent */
	bool is_gate; /* whole at the end of PARAMS: no body is waited for */

	/* results */
	uint8_t begin[8]; /* the content of BEGIN */
	char values[STREAM_VALUES_MAX];
	size_t content_at; /* how much of BEGIN or GET_VALUES is kept */
	uint8_t reply[STREAM_REPLY_MAX];
	size_t reply_len;
	bool ends_after; /* after STREAM_REPLY: the connection ends */
	enum answer refusal;
	const char *bad;

	int max_conns; /* told to who asks with GET_VALUES */
};

/* A stream at the start of a connection, without a buffer. */
struct stream stream_open(int max_conns);

/*
 * Reads on; *used says how many of the len bytes were taken (all of them for
 * STREAM_MORE).  The stream must have a buffer.
 */
enum stream_verdict stream_feed(
    struct stream *stream, const char *bytes, size_t len, size_t *used);

/* Forgets the whole request, which was answered; ready for the next. */
void stream_next(struct stream *stream);

/*
 * Of a request that was whole without the end of its STDIN (CONTENT_LENGTH says
 * 0, mostly) that comes behind it: how many of the bytes it is, which need not
 * be fed.  0: they begin with something else.
 */
size_t stream_late_end(
    const struct stream *stream, const char *bytes, size_t len);

/* No byte of a request, not even of a record, has come: the buffer is free. */
bool stream_is_idle(const struct stream *stream);

/*
 * A record header at `at`, for who writes records: 8 bytes (section 3.3).
 */
void stream_write_header(uint8_t *at, uint8_t type, uint16_t id, size_t len);

#endif
