/*
 * Parses and checks the records of one connection; see stream.h.
 *
 * A record has three parts: header, content (kept or skipped), padding.
 * record_begins decides whether a header is allowed; record_ends acts on a
 * complete record.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "fcgi/pairs.h"
#include "fcgi/params.h"
#include "fcgi/protocol.h"
#include "fcgi/stream.h"

struct stream
stream_open(int max_conns)
{
	return (struct stream){ .max_conns = max_conns, .content_length = -1 };
}

void
stream_next(struct stream *stream)
{
	stream->is_open = false;
	stream->is_peer_done = stream->has_stdin;
	stream->has_params = stream->has_stdin = false;
	stream->params_len = stream->body_len = 0;
	stream->content_length = -1;
	stream->is_gate = false;
}

bool
stream_is_idle(const struct stream *stream)
{
	return !stream->is_open && stream->header_len == 0;
}

size_t
stream_late_end(const struct stream *stream, const char *bytes, size_t len)
{
	uint8_t end[FCGI_REC_HEADER];

	stream_write_header(end, FCGI_REC_STDIN, stream->id, 0);
	return stream_is_idle(stream) && len >= sizeof(end) &&
		       memcmp(bytes, end, sizeof(end)) == 0
		   ? sizeof(end)
		   : 0;
}

static enum stream_verdict
bad(struct stream *stream, const char *words)
{
	stream->bad = words;
	return STREAM_BAD;
}

static enum stream_verdict
refuse_stream(struct stream *stream, enum answer refusal)
{
	/* the gate refuses with 403 only */
	stream->refusal = stream->is_gate ? ANSWER_FORBIDDEN : refusal;
	return STREAM_REFUSE;
}

static uint8_t
record_type(const struct stream *stream)
{
	return stream->header[1];
}

static uint16_t
record_id(const struct stream *stream)
{
	return (uint16_t)(stream->header[2] << 8 | stream->header[3]);
}

static bool
record_is_ours(const struct stream *stream)
{
	return stream->is_open && record_id(stream) == stream->id;
}

void
stream_write_header(uint8_t *at, uint8_t type, uint16_t id, size_t len)
{
	const uint8_t header[FCGI_REC_HEADER] = { FCGI_REC_VERSION, type,
		(uint8_t)(id >> 8), (uint8_t)id, (uint8_t)(len >> 8),
		(uint8_t)len, 0, 0 };

	memcpy(at, header, sizeof(header));
}

static enum stream_verdict
reply_end(struct stream *stream, uint16_t id, enum fcgi_rec_end status)
{
	stream_write_header(stream->reply, FCGI_REC_END, id, 8);
	memset(stream->reply + FCGI_REC_HEADER, 0, 8);
	stream->reply[FCGI_REC_HEADER + 4] = (uint8_t)status;
	stream->reply_len = FCGI_REC_HEADER + 8;
	return STREAM_REPLY;
}

static enum stream_verdict
reply_unknown_type(struct stream *stream)
{
	stream_write_header(stream->reply, FCGI_REC_UNKNOWN_TYPE, 0, 8);
	memset(stream->reply + FCGI_REC_HEADER, 0, 8);
	stream->reply[FCGI_REC_HEADER] = record_type(stream);
	stream->reply_len = FCGI_REC_HEADER + 8;
	stream->ends_after = false;
	return STREAM_REPLY;
}

/* The variables of GET_VALUES (section 4.1) and our values. */
static const struct value_row {
	const char *name;
	bool is_max_conns; /* otherwise "0" */
} value_rows[] = {
	{ "FCGI_MAX_CONNS", true },
	{ "FCGI_MAX_REQS", true },
	{ "FCGI_MPXS_CONNS", false },
};

enum { VALUE_ROWS = sizeof(value_rows) / sizeof(value_rows[0]) };

static size_t
write_value(const struct stream *stream, const struct value_row *row, char *at)
{
	char number[12];
	int len = snprintf(number, sizeof(number), "%d",
	    row->is_max_conns ? stream->max_conns : 0);

	return (size_t)snprintf(at, 32, "%c%c%s%s", (char)strlen(row->name),
	    (char)len, row->name, number);
}

/* Answers each known name once, however often it was asked for. */
static enum stream_verdict
reply_values(struct stream *stream)
{
	struct str rest = { stream->values, stream->content_at };
	struct str name, value;
	bool is_asked[VALUE_ROWS] = { false };
	char *content = (char *)stream->reply + FCGI_REC_HEADER;
	size_t len = 0;

	while (pairs_next(&rest, &name, &value) == PAIRS_PAIR)
		for (int i = 0; i < VALUE_ROWS; i++)
			if (str_eq(name, str_from(value_rows[i].name)))
				is_asked[i] = true;
	for (int i = 0; i < VALUE_ROWS; i++)
		if (is_asked[i])
			len +=
			    write_value(stream, &value_rows[i], content + len);
	stream_write_header(stream->reply, FCGI_REC_GET_VALUES_RESULT, 0, len);
	stream->reply_len = FCGI_REC_HEADER + len;
	stream->ends_after = false;
	return STREAM_REPLY;
}

/*
 * Refuses what C strings would truncate or read in two ways: a NUL anywhere, or
 * '=' in a name.  Names that we know (param is not NULL) have no '='.
 */
static bool
pair_is_sound(const struct param *param, struct str name, struct str value)
{
	/* name and value are adjacent */
	struct str both = { name.ptr, name.len + value.len };

	return (param != NULL || !str_has_char(name, '=')) &&
	       !str_has_char(both, '\0');
}

/*
 * Reads CONTENT_LENGTH.  ANSWER_NONE, or the refusal of a malformed or too
 * large value.  An empty value counts as absent.
 */
static enum answer
read_length(struct stream *stream, struct str value)
{
	stream->content_length = -1;
	if (value.len == 0)
		return ANSWER_NONE;
	if (!str_to_int(value, 0, INT64_MAX, &stream->content_length))
		return str_only(value, "0123456789") ? ANSWER_BODY_TOO_LARGE
						     : ANSWER_BAD_REQUEST;
	return stream->content_length > STREAM_BODY_MAX ? ANSWER_BODY_TOO_LARGE
							: ANSWER_NONE;
}

/*
 * The parameters that decide when a request is whole.  If one comes twice its
 * last value counts.
 */
struct vital {
	enum answer length; /* result of read_length */
	bool has_role;
};

static void
read_vital(struct stream *stream, struct vital *vital,
    const struct param *param, struct str value)
{
	if (param->use == PARAM_CONTENT_LENGTH)
		vital->length = read_length(stream, value);
	else if (param->use == PARAM_ROLE)
		vital->has_role = value.len > 0;
}

/*
 * Checks every pair and keeps those that sessgate uses, moved to the front;
 * libfcgi would copy the others in vain.  False: a pair is malformed.
 */
static bool
keep_params(struct stream *stream, struct vital *vital)
{
	char *params = stream->buffer->params;
	struct str rest = { params, stream->params_len };
	struct str pair = rest, name, value;
	enum pairs_verdict verdict;
	bool is_sound = true;
	size_t kept = 0;

	while ((verdict = pairs_next(&rest, &name, &value)) == PAIRS_PAIR) {
		const struct param *param = param_find(name);

		is_sound = is_sound && pair_is_sound(param, name, value);
		if (param != NULL)
			read_vital(stream, vital, param, value);
		pair.len -= rest.len;
		if (param_has_field(param)) {
			memmove(params + kept, pair.ptr, pair.len);
			kept += pair.len;
		}
		pair = rest;
	}
	explicit_bzero(params + kept, stream->params_len - kept);
	stream->params_len = kept;
	return is_sound && verdict == PAIRS_END;
}

/* PARAMS are complete. */
static enum stream_verdict
params_end(struct stream *stream)
{
	struct vital vital = { ANSWER_NONE, false };
	bool is_sound = keep_params(stream, &vital);

	stream->has_params = true;
	stream->is_gate = stream->is_gate || vital.has_role;
	if (!is_sound)
		return refuse_stream(stream, ANSWER_BAD_REQUEST);
	if (stream->is_gate || vital.length == ANSWER_NONE)
		return STREAM_MORE;
	return refuse_stream(stream, vital.length);
}

/*
 * Ends the request if it is whole.  Otherwise waits for more, or refuses a body
 * below CONTENT_LENGTH.
 */
static enum stream_verdict
request_verdict(struct stream *stream)
{
	size_t wanted = (size_t)stream->content_length;

	if (!stream->is_open || !stream->has_params)
		return STREAM_MORE;
	if (stream->is_gate) {
		stream->body_len = 0;
		return STREAM_WHOLE;
	}
	if (stream->content_length < 0)
		return stream->has_stdin ? STREAM_WHOLE : STREAM_MORE;
	if (stream->body_len >= wanted) {
		stream->body_len = wanted;
		return STREAM_WHOLE;
	}
	return stream->has_stdin ? refuse_stream(stream, ANSWER_BAD_REQUEST)
				 : STREAM_MORE;
}

static enum stream_verdict
begin_ends(struct stream *stream)
{
	uint16_t role = (uint16_t)(stream->begin[0] << 8 | stream->begin[1]);
	bool keeps = stream->begin[2] & FCGI_REC_KEEP_CONN;

	if (stream->is_open) {
		stream->ends_after = false;
		return reply_end(stream, record_id(stream), FCGI_REC_CANT_MPX);
	}
	if (role != FCGI_REC_RESPONDER && role != FCGI_REC_AUTHORIZER) {
		stream->ends_after = !keeps;
		return reply_end(
		    stream, record_id(stream), FCGI_REC_UNKNOWN_ROLE);
	}
	stream_next(stream);
	stream->is_open = true;
	stream->id = record_id(stream);
	stream->role = role;
	stream->keeps = keeps;
	stream->is_gate = role == FCGI_REC_AUTHORIZER;
	return STREAM_MORE;
}

static enum stream_verdict
abort_ends(struct stream *stream)
{
	stream->ends_after = !stream->keeps;
	stream_next(stream);
	return reply_end(stream, record_id(stream), FCGI_REC_COMPLETE);
}

/*
 * A header is complete: decides whether the record is allowed, and whether its
 * content is kept.
 */
static enum stream_verdict
record_begins(struct stream *stream)
{
	uint8_t type = record_type(stream);
	size_t len = stream->content_left;

	stream->content_at = 0;
	stream->is_kept_record = false;
	if (record_id(stream) == 0) {
		if (type >= FCGI_REC_BEGIN && type <= FCGI_REC_DATA)
			return bad(stream, "request record with id 0");
		stream->is_kept_record = type == FCGI_REC_GET_VALUES;
	} else if (type == FCGI_REC_BEGIN) {
		if (len != sizeof(stream->begin))
			return bad(stream, "length of BEGIN");
		if (record_is_ours(stream))
			return bad(stream, "second BEGIN of one id");
		stream->is_kept_record = true;
	} else if (record_is_ours(stream) && type == FCGI_REC_PARAMS) {
		if (stream->has_params)
			return bad(stream, "PARAMS after their end");
		if (len > STREAM_PARAMS_MAX - stream->params_len)
			return refuse_stream(stream, ANSWER_PARAMS_TOO_LARGE);
		stream->is_kept_record = true;
	} else if (record_is_ours(stream) && type == FCGI_REC_STDIN) {
		if (stream->has_stdin)
			return bad(stream, "STDIN after its end");
		/* the gate skips bodies */
		stream->is_kept_record = !stream->is_gate;
	}
	return STREAM_MORE;
}

/*
 * Keeps at most STREAM_BODY_MAX bytes.  The rest is beyond CONTENT_LENGTH and
 * dropped; without CONTENT_LENGTH the body is too large.
 */
static enum stream_verdict
keep_body(struct stream *stream, const char *bytes, size_t len)
{
	size_t space = STREAM_BODY_MAX - stream->body_len;

	if (len > space) {
		if (stream->content_length < 0)
			return refuse_stream(stream, ANSWER_BODY_TOO_LARGE);
		len = space;
	}
	memcpy(stream->buffer->body + stream->body_len, bytes, len);
	stream->body_len += len;
	return STREAM_MORE;
}

/* Keeps the head of a record's content, up to size bytes. */
static void
keep_head(struct stream *stream, char *store, size_t size, const char *bytes,
    size_t len)
{
	if (len > size - stream->content_at)
		len = size - stream->content_at;
	memcpy(store + stream->content_at, bytes, len);
	stream->content_at += len;
}

static enum stream_verdict
record_content(struct stream *stream, const char *bytes, size_t len)
{
	if (!stream->is_kept_record)
		return STREAM_MORE;
	switch (record_type(stream)) {
	case FCGI_REC_BEGIN:
		keep_head(stream, (char *)stream->begin, sizeof(stream->begin),
		    bytes, len);
		break;
	case FCGI_REC_GET_VALUES:
		keep_head(
		    stream, stream->values, sizeof(stream->values), bytes, len);
		break;
	case FCGI_REC_PARAMS:
		memcpy(stream->buffer->params + stream->params_len, bytes, len);
		stream->params_len += len;
		break;
	case FCGI_REC_STDIN:
		return keep_body(stream, bytes, len);
	}
	return STREAM_MORE;
}

/* A record is complete, with its padding. */
static enum stream_verdict
record_ends(struct stream *stream)
{
	uint8_t type = record_type(stream);
	bool is_empty = stream->header[4] == 0 && stream->header[5] == 0;
	enum stream_verdict verdict = STREAM_MORE;

	if (record_id(stream) == 0)
		return type == FCGI_REC_GET_VALUES ? reply_values(stream)
						   : reply_unknown_type(stream);
	if (type == FCGI_REC_BEGIN)
		return begin_ends(stream);
	if (!record_is_ours(stream)) {
		if (type == FCGI_REC_STDIN && is_empty &&
		    record_id(stream) == stream->id)
			stream->is_peer_done = true;
		return STREAM_MORE;
	}
	if (type == FCGI_REC_ABORT)
		return abort_ends(stream);
	if (type == FCGI_REC_PARAMS && is_empty)
		verdict = params_end(stream);
	else if (type == FCGI_REC_STDIN && is_empty)
		stream->has_stdin = true;
	if (verdict != STREAM_MORE)
		return verdict;
	return request_verdict(stream);
}

/* The number of the len bytes that belong to the current part. */
static size_t
part_of(size_t left, size_t len)
{
	return len < left ? len : left;
}

/* The header is complete: reads its lengths and checks it. */
static enum stream_verdict
header_ends(struct stream *stream)
{
	if (stream->header[0] != FCGI_REC_VERSION)
		return bad(stream, "version");
	stream->content_left =
	    (size_t)stream->header[4] << 8 | stream->header[5];
	stream->padding_left = stream->header[6];
	return record_begins(stream);
}

/* One step: consumes bytes of one part of a record. */
static enum stream_verdict
feed_part(struct stream *stream, const char *bytes, size_t len, size_t *used)
{
	enum stream_verdict verdict = STREAM_MORE;

	if (stream->header_len < FCGI_REC_HEADER) {
		*used = part_of(FCGI_REC_HEADER - stream->header_len, len);
		memcpy(stream->header + stream->header_len, bytes, *used);
		stream->header_len += *used;
		if (stream->header_len < FCGI_REC_HEADER)
			return STREAM_MORE;
		verdict = header_ends(stream);
	} else if (stream->content_left > 0) {
		*used = part_of(stream->content_left, len);
		stream->content_left -= *used;
		verdict = record_content(stream, bytes, *used);
	} else {
		*used = part_of(stream->padding_left, len);
		stream->padding_left -= *used;
	}
	if (verdict != STREAM_MORE || stream->content_left > 0 ||
	    stream->padding_left > 0)
		return verdict;
	stream->header_len = 0;
	return record_ends(stream);
}

enum stream_verdict
stream_feed(struct stream *stream, const char *bytes, size_t len, size_t *used)
{
	enum stream_verdict verdict = STREAM_MORE;

	*used = 0;
	while (verdict == STREAM_MORE && *used < len) {
		size_t part = 0;

		verdict = feed_part(stream, bytes + *used, len - *used, &part);
		*used += part;
	}
	return verdict;
}
