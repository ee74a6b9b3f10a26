/*
 * fcgi/stream: a FastCGI stream is read to the same end however it is cut, and
 * what is called whole is within the limits.
 */
#include "config.h"

#include "fcgi/pairs.h"
#include "fcgi/protocol.h"
#include "fcgi/stream.h"
#include "fuzz.h"

enum { MAX_CONNS = 512 };

/* The last value of a name; absent where there is none. */
static struct str
last_param(const struct stream *stream, struct str wanted)
{
	struct str rest = { stream->buffer->params, stream->params_len };
	struct str name, value, last = STR_NONE;

	while (pairs_next(&rest, &name, &value) == PAIRS_PAIR)
		if (str_eq(name, wanted))
			last = value;
	return last;
}

static void
judge_params(const struct stream *stream)
{
	struct str rest = { stream->buffer->params, stream->params_len };
	struct str name, value;
	enum pairs_verdict verdict;

	while ((verdict = pairs_next(&rest, &name, &value)) == PAIRS_PAIR) {
		fuzz_claim(memchr(name.ptr, '\0', name.len) == NULL);
		fuzz_claim(memchr(name.ptr, '=', name.len) == NULL);
		fuzz_claim(memchr(value.ptr, '\0', value.len) == NULL);
	}
	fuzz_claim(verdict == PAIRS_END);
}

static void
judge_whole(const struct stream *stream)
{
	struct str role = last_param(stream, STR("SESSGATE_ROLE"));
	bool is_gate = stream->role == FCGI_REC_AUTHORIZER || role.len > 0;

	fuzz_claim(stream->id != 0);
	fuzz_claim(stream->role == FCGI_REC_RESPONDER ||
		   stream->role == FCGI_REC_AUTHORIZER);
	fuzz_claim(stream->params_len <= STREAM_PARAMS_MAX);
	fuzz_claim(stream->body_len <= STREAM_BODY_MAX);
	judge_params(stream);
	fuzz_claim(stream->is_gate == is_gate);
	if (is_gate) {
		fuzz_claim(stream->body_len == 0);
	} else if (stream->content_length >= 0) {
		fuzz_claim(stream->content_length <= STREAM_BODY_MAX);
		fuzz_claim(stream->body_len == (size_t)stream->content_length);
	} else {
		fuzz_claim(stream->has_stdin);
	}
}

static void
judge_reply(const struct stream *stream)
{
	const uint8_t *reply = stream->reply;

	fuzz_claim(stream->reply_len >= FCGI_REC_HEADER);
	fuzz_claim(stream->reply_len <= STREAM_REPLY_MAX);
	fuzz_claim(reply[0] == FCGI_REC_VERSION);
	fuzz_claim((size_t)(reply[4] << 8 | reply[5]) ==
		   stream->reply_len - FCGI_REC_HEADER);
	fuzz_claim(reply[1] == FCGI_REC_END ||
		   reply[1] == FCGI_REC_GET_VALUES_RESULT ||
		   reply[1] == FCGI_REC_UNKNOWN_TYPE);
}

/* A checksum of the results of the stream so far. */
static uint64_t
note(uint64_t sum, const struct stream *stream, enum stream_verdict verdict,
    size_t at)
{
	sum = fuzz_sum(sum, &verdict, sizeof(verdict));
	if (verdict == STREAM_WHOLE) {
		sum = fuzz_sum(sum, &at, sizeof(at));
		sum = fuzz_sum(sum, &stream->id, sizeof(stream->id));
		sum = fuzz_sum(sum, &stream->keeps, sizeof(stream->keeps));
		sum = fuzz_sum(sum, stream->buffer->params, stream->params_len);
		sum = fuzz_sum(sum, stream->buffer->body, stream->body_len);
	} else if (verdict == STREAM_REPLY) {
		sum = fuzz_sum(sum, &at, sizeof(at));
		sum = fuzz_sum(sum, stream->reply, stream->reply_len);
		sum = fuzz_sum(
		    sum, &stream->ends_after, sizeof(stream->ends_after));
	} else if (verdict == STREAM_REFUSE) {
		/* where it is refused may depend on the cuts */
		sum = fuzz_sum(sum, &stream->refusal, sizeof(stream->refusal));
	} else if (verdict == STREAM_BAD) {
		sum = fuzz_sum(sum, stream->bad, strlen(stream->bad));
	}
	return sum;
}

static bool
goes_on(struct stream *stream, enum stream_verdict verdict)
{
	switch (verdict) {
	case STREAM_WHOLE:
		judge_whole(stream);
		stream_next(stream);
		fuzz_claim(stream_is_idle(stream));
		return true;
	case STREAM_REPLY:
		judge_reply(stream);
		return !stream->ends_after;
	case STREAM_REFUSE:
		fuzz_claim(stream->refusal != ANSWER_NONE);
		return false;
	case STREAM_BAD:
		fuzz_claim(stream->bad != NULL);
		return false;
	case STREAM_MORE:
		break;
	}
	return true;
}

/* Reads it all in pieces; the sum of what came of it. */
static uint64_t
read_stream(const char *bytes, size_t len, uint32_t seed)
{
	struct stream stream = stream_open(MAX_CONNS);
	bool is_going = true;
	uint64_t sum = 1;
	size_t at = 0;

	stream.buffer = malloc(sizeof(*stream.buffer));
	fuzz_claim(stream.buffer != NULL);
	while (is_going && at < len) {
		size_t piece = fuzz_piece(&seed, len - at), used;
		enum stream_verdict verdict =
		    stream_feed(&stream, bytes + at, piece, &used);

		fuzz_claim(used <= piece && used > 0);
		fuzz_claim(verdict != STREAM_MORE || used == piece);
		at += used;
		if (verdict != STREAM_MORE)
			sum = note(sum, &stream, verdict, at);
		is_going = goes_on(&stream, verdict);
	}
	free(stream.buffer);
	return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const char *text = (const char *)bytes;
	uint32_t seed = (uint32_t)fuzz_sum(1, bytes, len) | 1;

	fuzz_claim(read_stream(text, len, 0) == read_stream(text, len, seed));
	return 0;
}
