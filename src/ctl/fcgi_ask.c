/* A client of FastCGI for one small request (FastCGI 1.0, 3 and 5). */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/fcgi_ask.h"
#include "fcgi/protocol.h"

enum { REQUEST_SIZE = 4096, ANSWER_SIZE = 8192, PAIR_MAX = 127 };

struct bytes {
	unsigned char at[REQUEST_SIZE];
	size_t len;
};

static void
add_record(
    struct bytes *out, enum fcgi_rec_type type, const void *content, size_t len)
{
	const unsigned char head[FCGI_REC_HEADER] = { FCGI_REC_VERSION,
		(unsigned char)type, 0, 1, (unsigned char)(len >> 8),
		(unsigned char)len, 0, 0 };

	memcpy(out->at + out->len, head, sizeof(head));
	out->len += sizeof(head);
	if (len > 0)
		memcpy(out->at + out->len, content, len);
	out->len += len;
}

/* Adds pairs with lengths of one byte; a longer pair is left out. */
static void
add_params(struct bytes *out, const struct fcgi_param *params, size_t count)
{
	unsigned char pairs[REQUEST_SIZE / 2];
	size_t len = 0;

	for (size_t i = 0; i < count; i++) {
		size_t name = strlen(params[i].name);
		size_t value = strlen(params[i].value);

		if (name > PAIR_MAX || value > PAIR_MAX ||
		    len + name + value + 2 > sizeof(pairs))
			continue;
		pairs[len++] = (unsigned char)name;
		pairs[len++] = (unsigned char)value;
		memcpy(pairs + len, params[i].name, name);
		memcpy(pairs + len + name, params[i].value, value);
		len += name + value;
	}
	add_record(out, FCGI_REC_PARAMS, pairs, len);
	add_record(out, FCGI_REC_PARAMS, NULL, 0);
}

static int
connect_to(const char *path, char *why, size_t why_size)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(why, why_size, "the path of the socket is too long");
	if (strlen(path) >= sizeof(address.sun_path) || fd < 0)
		goto fail;
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	snprintf(why, why_size, "%s: %s", path, strerror(errno));
fail:
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Reads until the peer closes.  Returns the bytes read; -1: too late. */
static ssize_t
read_answer(int fd, unsigned char *bytes, size_t size, int64_t deadline_ms)
{
	size_t len = 0;

	while (len < size) {
		struct pollfd poller = { .fd = fd, .events = POLLIN };
		ssize_t got;

		if (poll(&poller, 1, clock_left_ms(deadline_ms)) != 1)
			return -1;
		got = read(fd, bytes + len, size - len);
		if (got <= 0)
			break;
		len += (size_t)got;
	}
	return (ssize_t)len;
}

/* Joins the contents of the STDOUT records in place.  Returns their length. */
static size_t
join_stdout(unsigned char *bytes, size_t len)
{
	size_t at = 0, joined = 0;

	while (at + FCGI_REC_HEADER <= len) {
		size_t content =
		    (size_t)bytes[at + 4] << 8 | (size_t)bytes[at + 5];
		size_t pad = bytes[at + 6];
		bool is_stdout = bytes[at + 1] == FCGI_REC_STDOUT;

		at += FCGI_REC_HEADER;
		if (content > len - at)
			break;
		if (is_stdout) {
			memmove(bytes + joined, bytes + at, content);
			joined += content;
		}
		at += content + pad;
	}
	return joined;
}

/* Returns the status of a CGI answer: 200 without a Status line, 0 if empty. */
static int
status_in(const unsigned char *head, size_t len)
{
	struct str rest = { (const char *)head, len };

	while (!str_is_none(rest)) {
		struct str line = str_cut(&rest, '\n');
		int64_t status;

		if (line.len >= 11 && str_starts(line, STR("Status: ")) &&
		    str_to_int(
			(struct str){ line.ptr + 8, 3 }, 100, 999, &status))
			return (int)status;
		if (line.len <= 1)
			break;
	}
	return len > 0 ? 200 : 0;
}

int
fcgi_ask(const char *path, const struct fcgi_param *params, size_t count,
    int64_t deadline_ms, char *why, size_t why_size)
{
	const unsigned char begin[8] = { 0, FCGI_REC_RESPONDER };
	unsigned char answer[ANSWER_SIZE];
	struct bytes request = { .len = 0 };
	int fd = connect_to(path, why, why_size);
	ssize_t len;
	int status;

	if (fd < 0)
		return 0;
	add_record(&request, FCGI_REC_BEGIN, begin, sizeof(begin));
	add_params(&request, params, count);
	add_record(&request, FCGI_REC_STDIN, NULL, 0);
	len = -1;
	if (send(fd, request.at, request.len, MSG_NOSIGNAL) ==
	    (ssize_t)request.len)
		len = read_answer(fd, answer, sizeof(answer), deadline_ms);
	close(fd);
	snprintf(why, why_size,
	    len < 0 ? "no answer in time" : "the answer is no FastCGI");
	if (len <= 0)
		return 0;
	status = status_in(answer, join_stdout(answer, (size_t)len));
	return status;
}
