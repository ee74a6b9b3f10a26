#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log_line.h"

#define SYSLOG_FACILITY (3 << 3) /* daemon, RFC 5424, 6.2.1 */

/* A line being written; cut at size bytes. */
struct line {
	char *ptr;
	size_t len, size;
};

static void
line_add(struct line *line, const char *ptr, size_t len)
{
	if (len > line->size - line->len)
		len = line->size - line->len;
	memcpy(line->ptr + line->len, ptr, len);
	line->len += len;
}

static void
line_add_escaped(struct line *line, unsigned char c)
{
	char hex[8];

	if (c == '"' || c == '\\') {
		line_add(line, "\\", 1);
		line_add(line, (const char *)&c, 1);
	} else if (c < 0x20 || c >= 0x7f) {
		int len = snprintf(hex, sizeof(hex), "\\x%02x", c);

		line_add(line, hex, (size_t)len);
	} else {
		line_add(line, (const char *)&c, 1);
	}
}

/* Plain values are written without quotes. */
static bool
is_plain_text(struct str s)
{
	return s.len > 0 && str_only(s, STR_LETTERS STR_DIGITS "-._~@:/+,");
}

static void
line_add_value(struct line *line, const struct log_field *field)
{
	char digits[24];

	if (str_is_none(field->text)) {
		int len =
		    snprintf(digits, sizeof(digits), "%" PRId64, field->number);

		line_add(line, digits, (size_t)len);
	} else if (is_plain_text(field->text)) {
		line_add(line, field->text.ptr, field->text.len);
	} else {
		line_add(line, "\"", 1);
		for (size_t i = 0; i < field->text.len; i++)
			line_add_escaped(
			    line, (unsigned char)field->text.ptr[i]);
		line_add(line, "\"", 1);
	}
}

size_t
log_format(
    char *ptr, size_t size, const char *words, const struct log_field *fields)
{
	struct line line = { .ptr = ptr, .size = size };

	line_add(&line, words, strlen(words));
	for (; fields->key != NULL; fields++) {
		line_add(&line, " ", 1);
		line_add(&line, fields->key, strlen(fields->key));
		line_add(&line, "=", 1);
		line_add_value(&line, fields);
	}
	return line.len;
}

size_t
log_line_body(char *ptr, size_t size, const char *words, const char *site,
    const struct log_field *fields)
{
	const struct log_field about[] = {
		{ .key = site ? "site" : NULL, .text = str_from(site) }, LOG_END
	};
	size_t len = log_format(ptr, size, words, about);

	return len + log_format(ptr + len, size - len, "", fields);
}

/* The head of a LOG_LAYOUT_PLAIN line: RFC 3339 time in UTC. */
static size_t
head_plain(char *ptr, size_t size)
{
	struct timespec now;
	struct tm tm;
	char day[32];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	return (size_t)snprintf(ptr, size, "%s.%03ldZ sessgate[%d]: ", day,
	    now.tv_nsec / 1000000, (int)getpid());
}

/* The head of a syslog packet as syslog(3) of glibc writes it (RFC 3164). */
static size_t
head_syslog(char *ptr, size_t size, enum log_level level)
{
	static const int severity[] = {
		[LOG_ERROR] = 3, [LOG_WARN] = 4, [LOG_INFO] = 6
	};
	time_t now = time(NULL);
	struct tm tm;
	char day[32];

	localtime_r(&now, &tm);
	strftime(day, sizeof(day), "%b %e %H:%M:%S", &tm);
	return (size_t)snprintf(ptr, size,
	    "<%d>%s sessgate[%d]: ", SYSLOG_FACILITY | severity[level], day,
	    (int)getpid());
}

size_t
log_line_write(char line[LOG_LINE_SIZE], enum log_layout layout,
    enum log_level level, struct str body)
{
	const char end = layout == LOG_LAYOUT_PLAIN ? '\n' : '\0';
	size_t len = 1, space = LOG_LINE_SIZE - 1;

	line[0] = end;
	if (layout == LOG_LAYOUT_PLAIN)
		len += head_plain(line + len, space - len);
	else
		len += head_syslog(line + len, space - len, level);
	if (body.len > space - len)
		body.len = space - len;
	memcpy(line + len, body.ptr, body.len);
	len += body.len;
	if (layout != LOG_LAYOUT_PACKET)
		line[len++] = end;
	return len;
}
