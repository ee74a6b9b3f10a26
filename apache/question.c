/* Encodes a question as FastCGI records (FastCGI 1.0, 3 and 6.3). */
#include <string.h>

#include "apache/question.h"
#include "fcgi/protocol.h"

/*
 * The header fields that sessgate reads; a test compares them with those of
 * fcgi/params.c.  No others are sent: they would count for its limit of 64 KiB,
 * and some are secrets.
 */
static const struct header {
	const char *param, *name;
} headers[] = {
	{ "HTTP_ACCEPT", "Accept" },
	{ "HTTP_ACCEPT_LANGUAGE", "Accept-Language" },
	{ "HTTP_CONTENT_ENCODING", "Content-Encoding" },
	{ "HTTP_COOKIE", "Cookie" },
	{ "HTTP_HOST", "Host" },
	{ "HTTP_ORIGIN", "Origin" },
	{ "HTTP_REFERER", "Referer" },
	{ "HTTP_SEC_FETCH_MODE", "Sec-Fetch-Mode" },
	{ "HTTP_SEC_FETCH_SITE", "Sec-Fetch-Site" },
	{ "HTTP_USER_AGENT", "User-Agent" },
	{ "HTTP_X_FORWARDED_FOR", "X-Forwarded-For" },
	{ "HTTP_X_REQUESTED_WITH", "X-Requested-With" },
};

static const struct kind {
	const char *role; /* SESSGATE_ROLE */
	char fcgi_role;
} kinds[] = {
	[QUESTION_GATE] = { "gate", FCGI_REC_AUTHORIZER },
	[QUESTION_LOGIN] = { "login-redirect", FCGI_REC_RESPONDER },
};

enum {
	HEADERS = sizeof(headers) / sizeof(headers[0]),
	PARAMS_MAX = HEADERS + 5,
	SHORT_MAX = 127,
	BEGIN_BYTES = 8
};

struct param {
	const char *name, *value;
	size_t name_len, value_len;
};

struct params {
	struct param params[PARAMS_MAX];
	size_t count;
	size_t bytes; /* of all pairs */
};

static size_t
length_bytes(size_t len)
{
	return len > SHORT_MAX ? 4 : 1;
}

static void
add_param(struct params *params, const char *name, const char *value)
{
	struct param *param = &params->params[params->count];

	if (value == NULL)
		return;
	*param = (struct param){ name, value, strlen(name), strlen(value) };
	params->bytes += length_bytes(param->name_len) +
			 length_bytes(param->value_len) + param->name_len +
			 param->value_len;
	params->count++;
}

static void
collect_params(struct params *params, const request_rec *r,
    const struct question *question)
{
	add_param(params, "SESSGATE_ROLE", kinds[question->kind].role);
	add_param(params, "SESSGATE_SITE", question->site);
	add_param(params, "REQUEST_METHOD", r->method);
	add_param(params, "REQUEST_URI", question->target);
	add_param(params, "REMOTE_ADDR", r->useragent_ip);
	for (size_t i = 0; i < HEADERS; i++)
		add_param(params, headers[i].param,
		    apr_table_get(r->headers_in, headers[i].name));
}

static void
put_length(char **at, size_t len)
{
	if (len > SHORT_MAX) {
		*(*at)++ = (char)(0x80 | (len >> 24 & 0x7f));
		*(*at)++ = (char)(len >> 16 & 0xff);
		*(*at)++ = (char)(len >> 8 & 0xff);
	}
	*(*at)++ = (char)(len & 0xff);
}

static void
put_text(char **at, const char *text, size_t len)
{
	memcpy(*at, text, len);
	*at += len;
}

static void
put_pairs(char *at, const struct params *params)
{
	for (size_t i = 0; i < params->count; i++) {
		const struct param *param = &params->params[i];

		put_length(&at, param->name_len);
		put_length(&at, param->value_len);
		put_text(&at, param->name, param->name_len);
		put_text(&at, param->value, param->value_len);
	}
}

static void
put_record(char **at, enum fcgi_rec_type type, const char *content, size_t len)
{
	const char head[FCGI_REC_HEADER] = { FCGI_REC_VERSION, (char)type, 0, 1,
		(char)(len >> 8), (char)(len & 0xff), 0, 0 };

	put_text(at, head, sizeof(head));
	if (len > 0)
		put_text(at, content, len);
}

/* Pairs may continue in the next record. */
static void
put_params(char **at, const char *pairs, size_t left)
{
	while (left > 0) {
		size_t part =
		    left < FCGI_REC_CONTENT_MAX ? left : FCGI_REC_CONTENT_MAX;

		put_record(at, FCGI_REC_PARAMS, pairs, part);
		pairs += part;
		left -= part;
	}
	put_record(at, FCGI_REC_PARAMS, NULL, 0);
}

struct ask_bytes
question_make(const request_rec *r, const struct question *question)
{
	const char begin[BEGIN_BYTES] = { 0, kinds[question->kind].fcgi_role,
		FCGI_REC_KEEP_CONN };
	struct params params = { .count = 0 };
	struct ask_bytes made;
	char *pairs, *at;

	collect_params(&params, r, question);
	pairs = apr_palloc(r->pool, params.bytes);
	put_pairs(pairs, &params);
	/* heads: BEGIN, the ends of PARAMS and STDIN, and those with pairs */
	made.ptr = at = apr_palloc(r->pool,
	    BEGIN_BYTES + params.bytes +
		FCGI_REC_HEADER * (4 + params.bytes / FCGI_REC_CONTENT_MAX));
	put_record(&at, FCGI_REC_BEGIN, begin, sizeof(begin));
	put_params(&at, pairs, params.bytes);
	put_record(&at, FCGI_REC_STDIN, NULL, 0);
	made.len = (size_t)(at - made.ptr);
	return made;
}
