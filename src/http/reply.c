/* Writing an answer as a CGI document (RFC 3875, 6.3). */
#include "config.h"

#include "base/counters.h"
#include "http/json_write.h"
#include "http/reply.h"

enum { TAIL_MAX = 40 }; /* Content-Length and the empty line */

#define STATUS_ROW(unused, code, phrase) \
	{ code, STR_INIT("Status: " #code " " phrase "\r\n") },
static const struct status_row {
	int status;
	struct str line;
} statuses[] = { STATUS_CODES(STATUS_ROW, ) };

static struct str
status_line(struct arena *arena, int status)
{
	struct buf line;

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (statuses[i].status == status)
			return statuses[i].line;
	line = buf_open(arena, TAIL_MAX);
	buf_add(&line, STR("Status: "));
	buf_add_int(&line, status);
	buf_add(&line, STR(" Status\r\n"));
	return buf_str(&line);
}

struct reply
reply_open(struct arena *arena)
{
	return (struct reply){
		.status = 500,
		.head = buf_open(arena, REPLY_MAX),
		.body = buf_open(arena, REPLY_MAX),
	};
}

void
reply_allow(struct reply *reply, size_t more)
{
	reply->body.max = REPLY_MAX + more;
}

void
reply_reset(struct reply *reply)
{
	*reply = reply_open(reply->head.arena);
}

void
reply_header(struct reply *reply, const char *name, struct str value)
{
	for (size_t i = 0; i < value.len; i++)
		if (value.ptr[i] == '\r' || value.ptr[i] == '\n' ||
		    value.ptr[i] == '\0')
			return;
	buf_add(&reply->head, str_from(name));
	buf_add(&reply->head, STR(": "));
	buf_add(&reply->head, value);
	buf_add(&reply->head, STR("\r\n"));
}

void
reply_bare(struct reply *reply, int status)
{
	reply->status = status;
	reply->is_bare = true;
}

static const struct str json_lines =
    STR_INIT("Content-Type: application/json; charset=utf-8\r\n"
	     "Cache-Control: no-store\r\n"
	     "Vary: Cookie\r\n"
	     "X-Content-Type-Options: nosniff\r\n");

void
reply_json(struct reply *reply, int status)
{
	reply->status = status;
	buf_reserve(&reply->head, json_lines.len + TAIL_MAX);
	buf_add(&reply->head, json_lines);
}

void
reply_code(struct reply *reply, const char *code)
{
	reply_header(reply, "X-Sessgate-Code", str_from(code));
}

void
reply_message(struct reply *reply, int status, struct str message)
{
	struct json_writer writer = { .buf = &reply->body };

	reply_json(reply, status);
	json_write_object(&writer);
	json_write_constant(&writer, STR("message"), message);
	json_write_object_end(&writer);
}

/*
 * Adds lines after the head, in the memory of the arena; *reply itself is
 * unchanged.
 */
struct reply_text
reply_render(const struct reply *reply, bool with_body)
{
	struct buf head = reply->head;

	if (reply->status != 204 && !reply->is_bare) {
		buf_add(&head, STR("Content-Length: "));
		buf_add_int(&head, (int64_t)reply->body.len);
		buf_add(&head, STR("\r\n"));
	}
	buf_add(&head, STR("\r\n"));
	return (struct reply_text){
		.status = status_line(head.arena, reply->status),
		.head = buf_str(&head),
		.body = with_body ? buf_str(&reply->body) : STR(""),
		.is_cut = head.is_full || reply->body.is_full,
	};
}
