/* Writing an answer as a CGI document (RFC 3875, 6.3). */
#include "config.h"

#include "http/reply.h"

enum { LINES_MAX = 96 }; /* Status, Content-Length, and the empty one */

static const struct reason {
	int status;
	const char *words;
} reasons[] = {
	{ 200, "OK" },
	{ 204, "No Content" },
	{ 303, "See Other" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 413, "Content Too Large" },
	{ 415, "Unsupported Media Type" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 503, "Service Unavailable" },
};

static struct str
reason_words(int status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return str_from(reasons[i].words);
	return STR("Status");
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
	buf_reserve(&reply->head, json_lines.len);
	buf_add(&reply->head, json_lines);
}

struct reply_text
reply_render(const struct reply *reply, bool with_body)
{
	struct buf head = buf_open(reply->head.arena, REPLY_MAX);
	struct str body = with_body ? buf_str(&reply->body) : STR("");

	buf_reserve(&head, LINES_MAX + reply->head.len);
	buf_add(&head, STR("Status: "));
	buf_add_int(&head, reply->status);
	buf_add_char(&head, ' ');
	buf_add(&head, reason_words(reply->status));
	buf_add(&head, STR("\r\n"));
	buf_add(&head, buf_str(&reply->head));
	if (reply->status != 204 && !reply->is_bare) {
		buf_add(&head, STR("Content-Length: "));
		buf_add_int(&head, (int64_t)reply->body.len);
		buf_add(&head, STR("\r\n"));
	}
	buf_add(&head, STR("\r\n"));
	return (struct reply_text){
		.head = buf_str(&head),
		.body = body,
		.is_cut = reply->head.is_full || reply->body.is_full ||
			  head.is_full || body.len > REPLY_MAX - head.len,
	};
}
