/* Encodes answers as FastCGI records. */
#include "config.h"

#include <assert.h>
#include <string.h>

#include "fcgi/protocol.h"
#include "fcgi/records.h"
#include "fcgi/stream.h"

enum { END_BYTES = 8 };

/* The write position, and the request id of the records. */
struct cursor {
	uint8_t *at;
	uint16_t id;
};

static void
put_header(struct cursor *to, enum fcgi_rec_type type, size_t len)
{
	stream_write_header(to->at, (uint8_t)type, to->id, len);
	to->at += FCGI_REC_HEADER;
}

/* Moves at most len bytes from the front of *from.  Returns how many lack. */
static size_t
move_bytes(struct cursor *to, struct str *from, size_t len)
{
	size_t part = len < from->len ? len : from->len;

	if (part > 0)
		memcpy(to->at, from->ptr, part);
	to->at += part;
	*from = str_from_byte(*from, part);
	return len - part;
}

static size_t
answer_len(const struct reply_text *text)
{
	return text->status.len + text->head.len + text->body.len;
}

static void
put_stdout(struct cursor *to, const struct reply_text *text)
{
	struct str parts[] = { text->status, text->head, text->body };
	size_t left = answer_len(text);

	while (left > 0) {
		size_t space =
		    left < FCGI_REC_CONTENT_MAX ? left : FCGI_REC_CONTENT_MAX;

		put_header(to, FCGI_REC_STDOUT, space);
		left -= space;
		for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
			space = move_bytes(to, &parts[i], space);
	}
	put_header(to, FCGI_REC_STDOUT, 0);
}

/* The length of the records for len bytes of text. */
static size_t
records_len(size_t len)
{
	size_t headers =
	    (len + FCGI_REC_CONTENT_MAX - 1) / FCGI_REC_CONTENT_MAX + 2;

	return len + headers * FCGI_REC_HEADER + END_BYTES;
}

struct str
records_answer(struct arena *arena, uint16_t id, const struct reply_text *text)
{
	size_t len = records_len(answer_len(text));
	uint8_t *start = arena_alloc(arena, len);
	struct cursor to = { start, id };

	put_stdout(&to, text);
	put_header(&to, FCGI_REC_END, END_BYTES);
	memset(to.at, 0, END_BYTES); /* status 0, REQUEST_COMPLETE */
	assert(to.at + END_BYTES == start + len);
	return (struct str){ (const char *)start, len };
}
