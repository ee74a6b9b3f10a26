/*
 * The only user of libfcgi.
 *
 * A request goes to it as fresh, canonical records in a memfd: nothing of the
 * peer's framing is left for its reader to trip over, and no read can wait.
 * ipcFd is the memfd while it reads and the socket while it writes; in
 * between and after, -1, so that it never closes a descriptor of ours.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <fcgiapp.h>

#include "fcgi/codec.h"
#include "fcgi/params.h"
#include "fcgi/protocol.h"

enum {
	PARTS_MAX = 16,
	MEMFD_BYTES =
	    STREAM_PARAMS_MAX + STREAM_BODY_MAX + PARTS_MAX * FCGI_REC_HEADER
};

struct codec {
	FCGX_Request request;
	int memfd;
	size_t filled; /* what the last request took of it */
};

bool
codec_init(void)
{
	return FCGX_Init() == 0;
}

struct codec *
codec_open(void)
{
	struct codec *codec = calloc(1, sizeof(*codec));

	if (codec == NULL)
		return NULL;
	codec->memfd = memfd_create("sessgate-request", MFD_CLOEXEC);
	if (codec->memfd < 0 || ftruncate(codec->memfd, MEMFD_BYTES) != 0 ||
	    FCGX_InitRequest(&codec->request, -1, 0) != 0) {
		codec_close(codec);
		return NULL;
	}
	return codec;
}

void
codec_close(struct codec *codec)
{
	if (codec == NULL)
		return;
	if (codec->memfd >= 0)
		close(codec->memfd);
	free(codec);
}

/* A request as a list of pieces: headers of ours, contents of the peer's. */
struct parts {
	struct iovec list[PARTS_MAX];
	int count;
	uint8_t headers[PARTS_MAX][FCGI_REC_HEADER];
	size_t total;
};

static void
parts_add(struct parts *parts, const void *ptr, size_t len)
{
	parts->list[parts->count].iov_base = (void *)(uintptr_t)ptr;
	parts->list[parts->count++].iov_len = len;
	parts->total += len;
}

static void
parts_add_record(struct parts *parts, uint8_t type, uint16_t id,
    const void *content, size_t len)
{
	uint8_t *header = parts->headers[parts->count];

	stream_write_header(header, type, id, len);
	parts_add(parts, header, FCGI_REC_HEADER);
	if (len > 0)
		parts_add(parts, content, len);
}

/* A stream of records: as many as the content needs, then an empty one. */
static void
parts_add_stream(struct parts *parts, uint8_t type, uint16_t id,
    const char *content, size_t len)
{
	while (len > 0) {
		size_t part =
		    len < FCGI_REC_CONTENT_MAX ? len : FCGI_REC_CONTENT_MAX;

		parts_add_record(parts, type, id, content, part);
		content += part;
		len -= part;
	}
	parts_add_record(parts, type, id, NULL, 0);
}

/*
 * A request ends where the file does: what an earlier one left never lies
 * behind it, and nothing has to be cut.  What lies before, where that one was
 * longer, is written over.
 */
static bool
fill_memfd(struct codec *codec, const struct stream *stream)
{
	static char zeros[MEMFD_BYTES];
	const uint8_t begin[8] = { 0, (uint8_t)stream->role,
		FCGI_REC_KEEP_CONN };
	struct parts parts = { .count = 1 }; /* the first are the zeros */
	size_t whole;

	parts_add_record(
	    &parts, FCGI_REC_BEGIN, stream->id, begin, sizeof(begin));
	parts_add_stream(&parts, FCGI_REC_PARAMS, stream->id,
	    stream->room->params, stream->params_len);
	parts_add_stream(&parts, FCGI_REC_STDIN, stream->id, stream->room->body,
	    stream->body_len);
	whole = parts.total > codec->filled ? parts.total : codec->filled;
	parts.list[0].iov_base = zeros;
	parts.list[0].iov_len = whole - parts.total;
	codec->filled = whole;
	if (pwritev(codec->memfd, parts.list, parts.count,
		(off_t)(MEMFD_BYTES - whole)) != (ssize_t)whole)
		return false;
	codec->filled = parts.total;
	return lseek(codec->memfd, (off_t)(MEMFD_BYTES - parts.total),
		   SEEK_SET) >= 0;
}

static struct str
join(struct arena *arena, struct str head, struct str glue, struct str tail)
{
	struct buf buf = buf_open(arena, head.len + glue.len + tail.len);

	buf_add(&buf, head);
	buf_add(&buf, glue);
	buf_add(&buf, tail);
	return buf_str(&buf);
}

/* NAME=value; a name holds no '=' (fcgi/stream.c refuses it). */
static void
read_param(struct arena *arena, const char *text, struct request *request)
{
	const char *equals = strchr(text, '=');
	struct str name = { text, (size_t)(equals - text) };
	struct str value = str_from(equals + 1);
	const struct param *param = param_find(name);
	struct str *field;

	if (param == NULL) /* libfcgi adds one of its own */
		return;
	field = (void *)((char *)request + param->field);
	if (param->glue != NULL && !str_is_none(*field))
		value = join(arena, *field, str_from(param->glue), value);
	*field = value;
}

/* SCRIPT_NAME and PATH_INFO: one of them is often empty. */
static struct str
whole_path(struct arena *arena, struct str script_name, struct str path_info)
{
	if (path_info.len == 0)
		return script_name;
	if (script_name.len == 0)
		return path_info;
	return join(arena, script_name, STR_NONE, path_info);
}

static struct str
read_body(FCGX_Stream *in, struct arena *arena, size_t len)
{
	char *body;
	size_t at = 0;
	int got;

	if (len == 0)
		return STR("");
	body = arena_alloc(arena, len + 1);
	while (
	    at < len && (got = FCGX_GetStr(body + at, (int)(len - at), in)) > 0)
		at += (size_t)got;
	return (struct str){ body, at };
}

bool
codec_read(struct codec *codec, struct conn *conn, struct arena *arena,
    struct request *request)
{
	FCGX_Request *fcgx = &codec->request;
	const struct stream *stream = &conn->stream;

	if (!fill_memfd(codec, stream))
		return false;
	fcgx->ipcFd = codec->memfd;
	fcgx->listen_sock = -1; /* it accepts nothing */
	fcgx->keepConnection = 1;
	if (FCGX_Accept_r(fcgx) != 0) {
		fcgx->ipcFd = -1;
		return false;
	}
	*request = (struct request){
		.is_authorizer = stream->role == FCGI_REC_AUTHORIZER,
		.is_gate_only = conn->listener->is_gate_only,
	};
	for (char **param = fcgx->envp; *param != NULL; param++)
		read_param(arena, *param, request);
	if (conn->listener->site[0] != '\0')
		request->site = str_from(conn->listener->site);
	request->path =
	    whole_path(arena, request->script_name, request->path_info);
	request->body = read_body(fcgx->in, arena, stream->body_len);
	fcgx->ipcFd = -1;
	return true;
}

static bool
put(FCGX_Stream *out, struct str s)
{
	return FCGX_PutStr(s.ptr, (int)s.len, out) == (int)s.len;
}

bool
codec_write(
    struct codec *codec, struct conn *conn, const struct reply_text *text)
{
	FCGX_Request *fcgx = &codec->request;
	bool is_sound;

	fcgx->ipcFd = conn->fd;
	is_sound = put(fcgx->out, text->head) && put(fcgx->out, text->body);
	/* err first: closing the last writer ends the request */
	is_sound = FCGX_FClose(fcgx->err) == 0 && is_sound;
	is_sound = FCGX_FClose(fcgx->out) == 0 && is_sound;
	codec_discard(codec);
	return is_sound;
}

void
codec_discard(struct codec *codec)
{
	codec->request.ipcFd = -1;
	FCGX_Free(&codec->request, 0);
}
