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
#include "fcgi/protocol.h"

struct codec {
	FCGX_Request request;
	int memfd;
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
	if (codec->memfd < 0 || FCGX_InitRequest(&codec->request, -1, 0) != 0) {
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
enum { PARTS_MAX = 16 };

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

/* Cut to length after writing, or the last request would shine through. */
static bool
fill_memfd(const struct codec *codec, const struct stream *stream)
{
	const uint8_t begin[8] = { 0, (uint8_t)stream->role,
		FCGI_REC_KEEP_CONN };
	struct parts parts = { .count = 0 };

	parts_add_record(
	    &parts, FCGI_REC_BEGIN, stream->id, begin, sizeof(begin));
	parts_add_stream(&parts, FCGI_REC_PARAMS, stream->id,
	    stream->room->params, stream->params_len);
	parts_add_stream(&parts, FCGI_REC_STDIN, stream->id, stream->room->body,
	    stream->body_len);
	return pwritev(codec->memfd, parts.list, parts.count, 0) ==
		   (ssize_t)parts.total &&
	       ftruncate(codec->memfd, (off_t)parts.total) == 0 &&
	       lseek(codec->memfd, 0, SEEK_SET) == 0;
}

/* Where a parameter goes; all others are not read. */
static const struct param_row {
	struct str name;
	size_t offset;
} param_rows[] = {
	/* clang-format off */
	{ STR_INIT("REQUEST_METHOD"), offsetof(struct request, method) },
	{ STR_INIT("REQUEST_URI"), offsetof(struct request, target) },
	{ STR_INIT("QUERY_STRING"), offsetof(struct request, query) },
	{ STR_INIT("CONTENT_TYPE"), offsetof(struct request, content_type) },
	{ STR_INIT("REMOTE_ADDR"), offsetof(struct request, remote_addr) },
	{ STR_INIT("HTTP_USER_AGENT"), offsetof(struct request, user_agent) },
	{ STR_INIT("SESSGATE_ROLE"), offsetof(struct request, role) },
	{ STR_INIT("SESSGATE_SITE"), offsetof(struct request, site) },
	{ STR_INIT("HTTP_HOST"), offsetof(struct request, host) },
	{ STR_INIT("HTTP_SEC_FETCH_SITE"), offsetof(struct request, sec_fetch_site) },
	{ STR_INIT("HTTP_SEC_FETCH_MODE"), offsetof(struct request, sec_fetch_mode) },
	{ STR_INIT("HTTP_ACCEPT"), offsetof(struct request, accept) },
	{ STR_INIT("HTTP_ORIGIN"), offsetof(struct request, origin) },
	{ STR_INIT("HTTP_COOKIE"), offsetof(struct request, cookie) },
	{ STR_INIT("HTTP_X_FORWARDED_FOR"), offsetof(struct request, forwarded_for) },
	{ STR_INIT("SCRIPT_NAME"), offsetof(struct request, script_name) },
	{ STR_INIT("PATH_INFO"), offsetof(struct request, path_info) },
	/* clang-format on */
};

static struct str
join(struct arena *arena, struct str head, struct str glue, struct str tail)
{
	struct buf buf = buf_open(arena, REPLY_MAX * 2);

	if (str_is_none(head))
		return arena_dup(arena, tail);
	buf_add(&buf, head);
	buf_add(&buf, glue);
	buf_add(&buf, tail);
	return buf_str(&buf);
}

/* What joins the values of one name; absent: the last of them counts. */
static struct str
glue_of(const struct request *request, const struct str *field)
{
	if (field == &request->cookie)
		return STR("; ");
	if (field == &request->forwarded_for)
		return STR(", ");
	return STR_NONE;
}

/* NAME=value; a name holds no '=' (fcgi/stream.c refuses it). */
static void
read_param(struct arena *arena, const char *text, struct request *request)
{
	struct str value = str_from(text);
	struct str name = str_cut(&value, '=');

	for (size_t i = 0; i < sizeof(param_rows) / sizeof(param_rows[0]);
	     i++) {
		struct str *field =
		    (void *)((char *)request + param_rows[i].offset);
		struct str glue;

		if (!str_eq(name, param_rows[i].name))
			continue;
		glue = glue_of(request, field);
		if (str_is_none(glue))
			*field = arena_dup(arena, value);
		else
			*field = join(arena, *field, glue, value);
		return;
	}
}

static struct str
read_body(FCGX_Stream *in, struct arena *arena, size_t len)
{
	char *body = arena_alloc(arena, len + 1);
	size_t at = 0;
	int got;

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
	    join(arena, request->script_name, STR_NONE, request->path_info);
	request->body = read_body(fcgx->in, arena, stream->body_len);
	fcgx->ipcFd = -1;
	return true;
}

bool
codec_write(struct codec *codec, struct conn *conn, struct str answer)
{
	FCGX_Request *fcgx = &codec->request;
	bool is_sound;

	fcgx->ipcFd = conn->fd;
	is_sound = FCGX_PutStr(answer.ptr, (int)answer.len, fcgx->out) ==
		   (int)answer.len;
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
