/*
 * The only user of libfcgi, a library that this project has to use.
 * fcgi/stream.c has checked every request before.
 *
 * A request without a body is nothing but name-value pairs, of which
 * fcgi/stream.c has kept those that are used.  They are read in place, without
 * libfcgi.  It would copy each pair, which costs a third of the instructions of
 * a cached check, and make two system calls.
 *
 * libfcgi decodes each request with a body.  It reads it from a memfd, as
 * fresh, canonical records: nothing of the peer's framing is left to confuse
 * it, and no read can block.  ipcFd is the memfd during the read, otherwise -1:
 * libfcgi never has a socket, so it can neither wait for one nor close it.
 * Answers are framed by fcgi/records.c and sent by fcgi/conn.c, because
 * libfcgi's writer would wait for the peer.
 */
#include "config.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fcgiapp.h>

#include "fcgi/codec.h"
#include "fcgi/pairs.h"
#include "fcgi/params.h"
#include "fcgi/protocol.h"

enum {
	HEADERS_MAX = 16, /* records of one request */
	MEMFD_BYTES =
	    STREAM_PARAMS_MAX + STREAM_BODY_MAX + HEADERS_MAX * FCGI_REC_HEADER
};

struct codec {
	FCGX_Request request;
	int memfd;
	uint8_t *mapped;  /* the memfd, MEMFD_BYTES; NULL: not mapped */
	bool has_decoded; /* libfcgi has memory to free */
};

bool
codec_init(void)
{
	return FCGX_Init() == 0;
}

static bool
map_memfd(struct codec *codec)
{
	void *at = mmap(NULL, MEMFD_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED,
	    codec->memfd, 0);

	if (at == MAP_FAILED)
		return false;
	codec->mapped = at;
	return true;
}

struct codec *
codec_open(void)
{
	struct codec *codec = calloc(1, sizeof(*codec));

	if (codec == NULL)
		return NULL;
	codec->memfd = memfd_create("sessgate-request", MFD_CLOEXEC);
	if (codec->memfd >= 0 && ftruncate(codec->memfd, MEMFD_BYTES) == 0 &&
	    map_memfd(codec) && FCGX_InitRequest(&codec->request, -1, 0) == 0)
		return codec;
	codec_close(codec);
	return NULL;
}

void
codec_close(struct codec *codec)
{
	if (codec == NULL)
		return;
	if (codec->mapped != NULL)
		munmap(codec->mapped, MEMFD_BYTES);
	if (codec->memfd >= 0)
		close(codec->memfd);
	free(codec);
}

static uint8_t *
put_record(
    uint8_t *at, uint8_t type, uint16_t id, const void *content, size_t len)
{
	stream_write_header(at, type, id, len);
	memcpy(at + FCGI_REC_HEADER, content, len);
	return at + FCGI_REC_HEADER + len;
}

/* Writes a stream: the records that the content needs, then an empty one. */
static uint8_t *
put_stream(
    uint8_t *at, uint8_t type, uint16_t id, const char *content, size_t len)
{
	while (len > 0) {
		size_t part =
		    len < FCGI_REC_CONTENT_MAX ? len : FCGI_REC_CONTENT_MAX;

		at = put_record(at, type, id, content, part);
		content += part;
		len -= part;
	}
	return put_record(at, type, id, "", 0);
}

/* The number of bytes that put_stream writes for len bytes of content. */
static size_t
stream_bytes(size_t len)
{
	size_t records =
	    (len + FCGI_REC_CONTENT_MAX - 1) / FCGI_REC_CONTENT_MAX + 1;

	return len + records * FCGI_REC_HEADER;
}

/*
 * Writes the request as records so that they end at the end of the file:
 * nothing can be read after them.  Returns their start; the caller wipes
 * everything from there after the read.
 */
static uint8_t *
fill_memfd(struct codec *codec, const struct stream *stream)
{
	const uint8_t begin[8] = { 0, (uint8_t)stream->role,
		FCGI_REC_KEEP_CONN };
	size_t total = FCGI_REC_HEADER + sizeof(begin) +
		       stream_bytes(stream->params_len) +
		       stream_bytes(stream->body_len);
	uint8_t *start = codec->mapped + MEMFD_BYTES - total, *at;

	at =
	    put_record(start, FCGI_REC_BEGIN, stream->id, begin, sizeof(begin));
	at = put_stream(at, FCGI_REC_PARAMS, stream->id, stream->buffer->params,
	    stream->params_len);
	at = put_stream(at, FCGI_REC_STDIN, stream->id, stream->buffer->body,
	    stream->body_len);
	assert(at == codec->mapped + MEMFD_BYTES);
	return start;
}

static struct str
join_params(
    struct arena *arena, struct str head, struct str glue, struct str tail)
{
	struct buf buf = buf_open(arena, head.len + glue.len + tail.len);

	buf_add(&buf, head);
	buf_add(&buf, glue);
	buf_add(&buf, tail);
	return buf_str(&buf);
}

static void
set_param(struct arena *arena, struct str name, struct str value,
    struct request *request)
{
	const struct param *param = param_find(name);
	struct str *field;

	/* libfcgi adds a parameter of its own. */
	if (!param_has_field(param))
		return;
	field = (void *)((char *)request + param->field);
	if (param->glue != NULL && !str_is_none(*field))
		value =
		    join_params(arena, *field, str_from(param->glue), value);
	*field = value;
}

static void
read_pairs(
    const struct stream *stream, struct arena *arena, struct request *request)
{
	struct str rest = { stream->buffer->params, stream->params_len };
	struct str name, value;

	while (pairs_next(&rest, &name, &value) == PAIRS_PAIR)
		set_param(arena, name, value, request);
}

/* A parameter is NAME=value; fcgi/stream.c refuses a name that has an '='. */
static void
read_environment(char **params, struct arena *arena, struct request *request)
{
	for (; *params != NULL; params++) {
		struct str value = str_from(*params);
		struct str name = str_cut(&value, '=');

		set_param(arena, name, value, request);
	}
}

/* SCRIPT_NAME and PATH_INFO joined; often one of them is empty. */
static struct str
whole_path(struct arena *arena, struct str script_name, struct str path_info)
{
	if (path_info.len == 0)
		return script_name;
	if (script_name.len == 0)
		return path_info;
	return join_params(arena, script_name, STR_NONE, path_info);
}

static struct str
read_body(FCGX_Stream *in, struct arena *arena, size_t len)
{
	char *body;
	size_t at = 0;
	int got;

	body = arena_alloc(arena, len + 1);
	while (
	    at < len && (got = FCGX_GetStr(body + at, (int)(len - at), in)) > 0)
		at += (size_t)got;
	return (struct str){ body, at };
}

/* Decodes the memfd into the request; joined texts are in the arena. */
static bool
decode_memfd(struct codec *codec, const struct stream *stream,
    struct arena *arena, struct request *request)
{
	FCGX_Request *fcgx = &codec->request;

	fcgx->listen_sock = -1; /* accepts nothing */
	fcgx->keepConnection = 1;
	if (FCGX_Accept_r(fcgx) != 0)
		return false;
	codec->has_decoded = true;
	read_environment(fcgx->envp, arena, request);
	request->body = read_body(fcgx->in, arena, stream->body_len);
	return true;
}

static bool
decode_request(struct codec *codec, const struct stream *stream,
    struct arena *arena, struct request *request)
{
	uint8_t *start = fill_memfd(codec, stream);
	off_t at = start - codec->mapped;
	bool is_read = false;

	codec->request.ipcFd = codec->memfd;
	if (lseek(codec->memfd, at, SEEK_SET) == at)
		is_read = decode_memfd(codec, stream, arena, request);
	codec->request.ipcFd = -1;
	explicit_bzero(start, (size_t)(MEMFD_BYTES - at));
	return is_read;
}

bool
codec_read(struct codec *codec, struct conn *conn, struct arena *arena,
    struct request *request)
{
	const struct stream *stream = &conn->stream;

	*request = (struct request){
		.is_authorizer = stream->role == FCGI_REC_AUTHORIZER,
		.is_gate_only = conn->listener->is_gate_only,
		.body = STR_INIT(""),
	};
	if (stream->body_len == 0)
		read_pairs(stream, arena, request);
	else if (!decode_request(codec, stream, arena, request))
		return false;
	if (conn->listener->site[0] != '\0')
		request->site = str_from(conn->listener->site);
	request->path =
	    whole_path(arena, request->script_name, request->path_info);
	return true;
}

void
codec_done(struct codec *codec)
{
	if (codec->has_decoded)
		FCGX_Free(&codec->request, 0);
	codec->has_decoded = false;
}
