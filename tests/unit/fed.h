#ifndef FED_H
#define FED_H

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "fcgi/protocol.h"
#include "fcgi/stream.h"

/* Records as a web server writes them, fed to a stream piece by piece. */

enum { MAX_CONNS = 512 };

/* Bytes for a stream, built record by record. */
struct wire {
	char *bytes;
	size_t len;
};

static void
add_raw(struct wire *wire, const void *bytes, size_t len)
{
	wire->bytes = realloc(wire->bytes, wire->len + len + 1);
	assert_non_null(wire->bytes);
	if (len > 0)
		memcpy(wire->bytes + wire->len, bytes, len);
	wire->len += len;
}

static void
add_record(struct wire *wire, uint8_t type, uint16_t id, const void *content,
    size_t len, uint8_t padding)
{
	static const char zeroes[255] = { 0 };
	uint8_t header[8];

	stream_write_header(header, type, id, len);
	header[6] = padding;
	add_raw(wire, header, sizeof(header));
	add_raw(wire, content, len);
	add_raw(wire, zeroes, padding);
}

static void
add_begin(struct wire *wire, uint16_t id, uint16_t role, uint8_t flags)
{
	const char content[8] = { (char)(role >> 8), (char)role, (char)flags };

	add_record(wire, FCGI_REC_BEGIN, id, content, sizeof(content), 0);
}

/* One name-value pair, short lengths. */
static size_t
write_pair(char *at, const char *name, const char *value, size_t value_len)
{
	size_t name_len = strlen(name);

	at[0] = (char)name_len;
	at[1] = (char)value_len;
	memcpy(at + 2, name, name_len);
	memcpy(at + 2 + name_len, value, value_len);
	return 2 + name_len + value_len;
}

static void
add_param(struct wire *wire, const char *name, const char *value)
{
	char content[260];
	size_t len = write_pair(content, name, value, strlen(value));

	add_record(wire, FCGI_REC_PARAMS, 1, content, len, 3);
}

static void
add_end(struct wire *wire, uint8_t type)
{
	add_record(wire, type, 1, NULL, 0, 0);
}

/* A stream with a room, and what was fed so far. */
struct fed {
	struct stream stream;
	struct wire wire;
	size_t at;
};

static inline struct fed
fed_open(void)
{
	struct fed fed = { .stream = stream_open(MAX_CONNS) };

	fed.stream.buffer = malloc(sizeof(*fed.stream.buffer));
	assert_non_null(fed.stream.buffer);
	return fed;
}

static inline void
fed_close(struct fed *fed)
{
	free(fed->stream.buffer);
	free(fed->wire.bytes);
}

/* Feeds `step` bytes a call until something else than MORE comes. */
static inline enum stream_verdict
feed(struct fed *fed, size_t step)
{
	enum stream_verdict verdict = STREAM_MORE;

	while (verdict == STREAM_MORE && fed->at < fed->wire.len) {
		size_t left = fed->wire.len - fed->at;
		size_t used;

		verdict = stream_feed(&fed->stream, fed->wire.bytes + fed->at,
		    left < step ? left : step, &used);
		assert_true(used > 0);
		fed->at += used;
	}
	return verdict;
}

static void
add_request(
    struct wire *wire, uint8_t flags, const char *length, const char *body)
{
	add_begin(wire, 1, FCGI_REC_RESPONDER, flags);
	add_param(wire, "REQUEST_METHOD", "POST");
	if (length != NULL)
		add_param(wire, "CONTENT_LENGTH", length);
	add_end(wire, FCGI_REC_PARAMS);
	if (body != NULL && body[0] != '\0')
		add_record(wire, FCGI_REC_STDIN, 1, body, strlen(body), 7);
	if (body != NULL)
		add_end(wire, FCGI_REC_STDIN);
}

#endif
