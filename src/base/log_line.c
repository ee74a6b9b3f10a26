/* Formats the lines of the log. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log_json.h"
#include "base/log_line.h"

/* Facilities of syslog, RFC 5424, 6.2.1. */
enum { FACILITY_DAEMON = 3 << 3, FACILITY_AUTHPRIV = 10 << 3 };

/* A line being written; cut at size bytes. */
struct line {
	char *ptr;
	size_t len, size;
	bool is_cut;
};

static bool is_json; /* set before there are threads */

void
log_set_format(enum log_format format)
{
	is_json = format == LOG_JSON;
}

static void
line_add(struct line *line, const char *ptr, size_t len)
{
	if (len > line->size - line->len) {
		len = line->size - line->len;
		line->is_cut = true;
	}
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

/* True if the value is written without quotes. */
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

static void
line_add_event(
    struct line *line, const char *words, const struct log_field *fields)
{
	line_add(line, words, strlen(words));
	for (; fields->key != NULL; fields++) {
		line_add(line, " ", 1);
		line_add(line, fields->key, strlen(fields->key));
		line_add(line, "=", 1);
		line_add_value(line, fields);
	}
}

size_t
log_format(
    char *ptr, size_t size, const char *words, const struct log_field *fields)
{
	struct line line = { .ptr = ptr, .size = size };

	line_add_event(&line, words, fields);
	return line.len;
}

size_t
log_line_body(char *ptr, size_t size, bool *is_cut, const char *words,
    const char *site, const struct log_field *fields)
{
	const struct log_field about[] = {
		{ .key = site ? "site" : NULL, .text = str_from(site) }, LOG_END
	};
	struct line line = { .ptr = ptr, .size = size };

	if (is_json)
		return log_json_members(ptr, size, is_cut, words, site, fields);
	line_add_event(&line, words, about);
	line_add_event(&line, "", fields);
	*is_cut = line.is_cut;
	return line.len;
}

size_t
log_line_add_count(char *ptr, size_t len, size_t size, int64_t count)
{
	int more;

	if (is_json)
		more = snprintf(
		    ptr + len, size - len, ",\"count\":%" PRId64, count);
	else
		more =
		    snprintf(ptr + len, size - len, " count=%" PRId64, count);
	return len + (size_t)more;
}

/* Writes the time of RFC 3339, in UTC. */
static void
format_time(char *text, size_t size)
{
	struct timespec now;
	struct tm tm;
	char day[32];

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, size, "%s.%03ldZ", day, now.tv_nsec / 1000000);
}

static int
priority_of(struct log_head head)
{
	static const int severity[] = {
		[LOG_ERROR] = 3, [LOG_WARN] = 4, [LOG_INFO] = 6
	};
	int facility = head.is_audit ? FACILITY_AUTHPRIV : FACILITY_DAEMON;

	/* the journal sets a facility of its own for the output of a unit */
	return severity[head.level] |
	       (head.layout == LOG_LAYOUT_JOURNAL ? 0 : facility);
}

/* Writes the head of a syslog packet, as syslog(3) of glibc does (RFC 3164). */
static size_t
head_syslog(char *ptr, size_t size, int priority)
{
	time_t now = time(NULL);
	struct tm tm;
	char day[32];

	localtime_r(&now, &tm);
	strftime(day, sizeof(day), "%b %e %H:%M:%S", &tm);
	return (size_t)snprintf(
	    ptr, size, "<%d>%s sessgate[%d]: ", priority, day, (int)getpid());
}

/*
 * Writes the head of a line.  The journal adds the time and the process id
 * itself.
 */
static size_t
head_line(char *ptr, size_t size, struct log_head head)
{
	char now[48];

	if (head.layout == LOG_LAYOUT_JOURNAL)
		return (size_t)snprintf(ptr, size, "<%d>", priority_of(head));
	if (head.layout != LOG_LAYOUT_PLAIN)
		return head_syslog(ptr, size, priority_of(head));
	if (is_json)
		return 0;
	format_time(now, sizeof(now));
	return (size_t)snprintf(
	    ptr, size, "%s sessgate[%d]: ", now, (int)getpid());
}

/* Writes the first members of a JSON line. */
static size_t
head_json(char *ptr, size_t size, struct log_head head)
{
	static const char *const names[] = {
		[LOG_ERROR] = "error", [LOG_WARN] = "warn", [LOG_INFO] = "info"
	};
	char now[48];

	if (head.layout != LOG_LAYOUT_PLAIN)
		return (size_t)snprintf(
		    ptr, size, "{\"level\":\"%s\",", names[head.level]);
	format_time(now, sizeof(now));
	return (size_t)snprintf(ptr, size,
	    "{\"time\":\"%s\",\"level\":\"%s\",\"pid\":%d,", now,
	    names[head.level], (int)getpid());
}

size_t
log_line_write(char line[LOG_LINE_SIZE], struct log_head head, struct str body)
{
	bool ends_with_newline = head.layout == LOG_LAYOUT_PLAIN ||
				 head.layout == LOG_LAYOUT_JOURNAL;
	const char end = ends_with_newline ? '\n' : '\0';
	/* `space` does not include the end and a } */
	size_t len = 1, space = LOG_LINE_SIZE - 2;

	line[0] = end;
	len += head_line(line + len, space - len, head);
	if (is_json)
		len += head_json(line + len, space - len, head);
	if (body.len > space - len)
		body.len = space - len;
	memcpy(line + len, body.ptr, body.len);
	len += body.len;
	if (is_json)
		line[len++] = '}';
	if (head.layout != LOG_LAYOUT_PACKET)
		line[len++] = end;
	return len;
}

size_t
log_line_dropped(
    char line[LOG_LINE_SIZE], struct log_head head, uint64_t dropped)
{
	const struct log_field fields[] = { log_num("lines", (int64_t)dropped),
		LOG_END };
	char body[64];
	bool is_cut;
	size_t len = log_line_body(
	    body, sizeof(body), &is_cut, "log lines dropped", NULL, fields);

	head.level = LOG_WARN;
	return log_line_write(line, head, (struct str){ body, len });
}
