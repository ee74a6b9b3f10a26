/*
 * fcgi/codec: what the stream reader calls whole libfcgi decodes to the same
 * parameters and the same body, and its answer is well framed.
 */
#include "config.h"

#include "base/buf.h"
#include "fcgi/codec.h"
#include "fcgi/pairs.h"
#include "fcgi/protocol.h"
#include "fcgi/records.h"
#include "fuzz.h"

enum { ANSWER_MAX = 128 * 1024 };

/* Made once: one request must not shine through in the next. */
static struct {
	struct codec *codec;
	struct arena *arena;
} shared;

static void
shared_open(void)
{
	if (shared.codec != NULL)
		return;
	fuzz_claim(codec_init());
	shared.codec = codec_open();
	shared.arena = arena_open();
	fuzz_claim(shared.codec != NULL && shared.arena != NULL);
}

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

static struct str
joined(const struct stream *stream, struct str wanted, struct str glue)
{
	struct str rest = { stream->buffer->params, stream->params_len };
	struct buf all = buf_open(shared.arena, 2 * STREAM_PARAMS_MAX);
	struct str name, value;
	bool came = false;

	while (pairs_next(&rest, &name, &value) == PAIRS_PAIR) {
		if (!str_eq(name, wanted))
			continue;
		if (came)
			buf_add(&all, glue);
		buf_add(&all, value);
		came = true;
	}
	return came ? buf_str(&all) : STR_NONE;
}

static void
judge_request(const struct stream *stream, const struct request *request)
{
	const struct str body = { stream->buffer->body, stream->body_len };
	const struct row {
		const char *name;
		struct str field;
	} rows[] = {
		{ "REQUEST_METHOD", request->method },
		{ "REQUEST_URI", request->target },
		{ "CONTENT_TYPE", request->content_type },
		{ "REMOTE_ADDR", request->remote_addr },
		{ "HTTP_USER_AGENT", request->user_agent },
		{ "SESSGATE_ROLE", request->role },
		{ "HTTP_ORIGIN", request->origin },
		{ "SCRIPT_NAME", request->script_name },
		{ "PATH_INFO", request->path_info },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		fuzz_claim(str_eq(
		    rows[i].field, last_param(stream, str_from(rows[i].name))));
	fuzz_claim(str_eq(
	    request->cookie, joined(stream, STR("HTTP_COOKIE"), STR("; "))));
	fuzz_claim(str_eq(request->forwarded_for,
	    joined(stream, STR("HTTP_X_FORWARDED_FOR"), STR(", "))));
	fuzz_claim(
	    request->is_authorizer == (stream->role == FCGI_REC_AUTHORIZER));
	fuzz_claim(str_eq(request->body, body));
}

/* Takes a record off *rest; its content. */
static struct str
take_record(struct str *rest, const struct stream *stream, uint8_t *type)
{
	const uint8_t *header = (const uint8_t *)rest->ptr;
	struct str content;

	fuzz_claim(rest->len >= FCGI_REC_HEADER);
	fuzz_claim(header[0] == FCGI_REC_VERSION);
	fuzz_claim((header[2] << 8 | header[3]) == stream->id);
	*type = header[1];
	content.ptr = rest->ptr + FCGI_REC_HEADER;
	content.len = (size_t)(header[4] << 8 | header[5]);
	fuzz_claim(rest->len >= FCGI_REC_HEADER + content.len + header[6]);
	*rest = str_from_byte(*rest, FCGI_REC_HEADER + content.len + header[6]);
	return content;
}

/* The peer gets the answer in STDOUT records, and END. */
static void
judge_answer(const struct stream *stream, struct str rest, struct str answer)
{
	uint8_t type = 0;

	while (type != FCGI_REC_END) {
		struct str content = take_record(&rest, stream, &type);

		if (type == FCGI_REC_END) {
			fuzz_claim(content.len == 8 && content.ptr[4] == 0);
		} else if (type == FCGI_REC_STDOUT) {
			fuzz_claim(str_starts(answer, content));
			answer = str_from_byte(answer, content.len);
		} else {
			fuzz_claim(type == FCGI_REC_STDERR);
			fuzz_claim(content.len == 0);
		}
	}
	fuzz_claim(answer.len == 0 && rest.len == 0);
}

static void
serve(struct conn *conn)
{
	const struct stream *stream = &conn->stream;
	struct buf answer = buf_open(shared.arena, ANSWER_MAX);
	struct reply_text text;
	struct request request;

	fuzz_claim(codec_read(shared.codec, conn, shared.arena, &request));
	judge_request(stream, &request);
	text = (struct reply_text){ .head = STR("Status: 200\r\n\r\n"),
		.body = request.body };
	buf_add(&answer, text.head);
	buf_add(&answer, text.body);
	judge_answer(stream, records_answer(shared.arena, stream->id, &text),
	    buf_str(&answer));
	codec_done(shared.codec);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static const struct listener listener = { .fd = -1 };
	struct conn *conn = calloc(1, sizeof(*conn));
	struct stream_buffer *conn_buffer = malloc(sizeof(*conn_buffer));
	enum stream_verdict verdict = STREAM_MORE;
	size_t at = 0;

	shared_open();
	fuzz_claim(conn != NULL && conn_buffer != NULL);
	conn->listener = &listener;
	conn->stream = stream_open(8);
	conn->stream.buffer = conn_buffer;
	while (at < len && verdict != STREAM_REFUSE && verdict != STREAM_BAD) {
		size_t used;

		verdict = stream_feed(
		    &conn->stream, (const char *)bytes + at, len - at, &used);
		at += used;
		if (verdict != STREAM_WHOLE)
			continue;
		serve(conn);
		stream_next(&conn->stream);
		arena_reset(shared.arena);
	}
	free(conn_buffer);
	free(conn);
	return 0;
}
