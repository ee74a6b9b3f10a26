#ifndef LOG_LINE_H
#define LOG_LINE_H

#include "base/log.h"

/* The layout of a line, which depends on the target. */
enum log_layout {
	LOG_LAYOUT_PLAIN,   /* the time first, a newline at the end */
	LOG_LAYOUT_JOURNAL, /* <priority> first (sd-daemon(3)), a newline */
	LOG_LAYOUT_PACKET,  /* a datagram for syslog (RFC 3164) */
	LOG_LAYOUT_STREAM   /* RFC 3164 on a stream socket, a NUL at the end */
};

struct log_head {
	enum log_layout layout;
	bool is_audit; /* with the syslog facility authpriv, else daemon */
	enum log_level level;
};

enum { LOG_LINE_SIZE = 2048 };

/*
 * Writes a line with its head, body (of log_line_body) and end, cut to fit.
 * Returns the length.  line[0] is an additional end byte.  It is sent only if
 * the last line to this target was cut, to end that line.
 */
size_t log_line_write(
    char line[LOG_LINE_SIZE], struct log_head head, struct str body);

/* log_line_write for the line `log lines dropped`. */
size_t log_line_dropped(
    char line[LOG_LINE_SIZE], struct log_head head, uint64_t dropped);

/*
 * Writes the words, the site and the fields in the format of log_set_format;
 * site may be NULL.  At most size bytes; *is_cut: something was left out.  In
 * JSON these are the members of an object without its braces, and only values
 * and last members are cut.  Returns the length.
 */
size_t log_line_body(char *ptr, size_t size, bool *is_cut, const char *words,
    const char *site, const struct log_field *fields);

/* Appends count=N to a body of len bytes in size.  Returns the new length. */
size_t log_line_add_count(char *ptr, size_t len, size_t size, int64_t count);

#endif
