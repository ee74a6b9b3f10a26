#define _GNU_SOURCE

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "answer.h"

/* FastCGI 1.0, sections 3.3 and 8. */
enum { RECORD_HEAD = 8, END_REQUEST = 3, STDOUT = 6, REQUEST_COMPLETE = 0 };

/* Three digits, or -1. */
static int
read_status(const char *bytes, const char *end)
{
	int status = 0;

	if (end - bytes < 3)
		return -1;
	for (int i = 0; i < 3; i++) {
		if (bytes[i] < '0' || bytes[i] > '9')
			return -1;
		status = status * 10 + bytes[i] - '0';
	}
	return status;
}

/* The Status line of a CGI answer; without one it is 200. */
static int
cgi_status(const char *bytes, size_t len)
{
	static const char name[] = "Status: ";
	const char *end = bytes + len, *line = bytes;

	while (line < end && *line != '\r' && *line != '\n') {
		const char *next = memchr(line, '\n', (size_t)(end - line));

		if ((size_t)(end - line) >= sizeof(name) - 1 &&
		    strncasecmp(line, name, sizeof(name) - 1) == 0)
			return read_status(line + sizeof(name) - 1, end);
		if (next == NULL)
			break;
		line = next + 1;
	}
	return 200;
}

enum answer_state
answer_read_fcgi(const char *bytes, size_t len, struct answer *answer)
{
	const unsigned char *record = (const unsigned char *)bytes;
	const unsigned char *end = record + len;

	answer->status = 0;
	answer->is_last = false;
	while (end - record >= RECORD_HEAD) {
		size_t content = (size_t)record[4] << 8 | record[5];
		size_t size = RECORD_HEAD + content + record[6];

		if (record[0] != 1)
			return ANSWER_BAD;
		if ((size_t)(end - record) < size)
			break;
		if (record[1] == STDOUT && answer->status == 0 && content > 0)
			answer->status = cgi_status(
			    (const char *)record + RECORD_HEAD, content);
		if (record[1] == END_REQUEST)
			return content == 8 && record[12] == REQUEST_COMPLETE &&
				       answer->status > 0
				   ? ANSWER_WHOLE
				   : ANSWER_BAD;
		record += size;
	}
	return ANSWER_MORE;
}

/* The value of a header, or NULL. */
static const char *
http_header(const char *head, size_t len, const char *name)
{
	size_t name_len = strlen(name);
	const char *end = head + len;
	const char *line = memchr(head, '\n', len);

	while (line != NULL && ++line + name_len < end) {
		if (strncasecmp(line, name, name_len) == 0)
			return line + name_len;
		line = memchr(line, '\n', (size_t)(end - line));
	}
	return NULL;
}

enum answer_state
answer_read_http(const char *bytes, size_t len, struct answer *answer)
{
	const char *body = memmem(bytes, len, "\r\n\r\n", 4);
	const char *value;
	size_t head_len, body_len;

	if (body == NULL)
		return ANSWER_MORE;
	body += 4;
	head_len = (size_t)(body - bytes);
	body_len = len - head_len;
	if (head_len < 16 || memcmp(bytes, "HTTP/1.", 7) != 0)
		return ANSWER_BAD;
	answer->status = read_status(bytes + 9, body);
	value = http_header(bytes, head_len, "Connection: ");
	answer->is_last = value != NULL && strncasecmp(value, "close", 5) == 0;
	value = http_header(bytes, head_len, "Content-Length: ");
	if (value != NULL) {
		size_t wanted = strtoul(value, NULL, 10);

		if (body_len > wanted)
			return ANSWER_BAD;
		return body_len == wanted ? ANSWER_WHOLE : ANSWER_MORE;
	}
	if (http_header(bytes, head_len, "Transfer-Encoding: ") == NULL)
		return answer->status == 204 ? ANSWER_WHOLE : ANSWER_BAD;
	if (body_len >= 5 && memcmp(bytes + len - 5, "0\r\n\r\n", 5) == 0)
		return ANSWER_WHOLE;
	return ANSWER_MORE;
}
