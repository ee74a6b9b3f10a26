#ifndef LOG_LINE_H
#define LOG_LINE_H

#include "base/log.h"

/* The layout of a line that the target expects. */
enum log_layout {
	LOG_LAYOUT_PLAIN,   /* the time first, a newline at the end */
	LOG_LAYOUT_JOURNAL, /* <priority> first (sd-daemon(3)), a newline */
	LOG_LAYOUT_PACKET,  /* a datagram for syslog (RFC 3164) */
	LOG_LAYOUT_STREAM   /* RFC 3164 on a stream socket, a NUL at the end */
};

struct log_head {
	enum log_layout layout;
	bool is_audit; /* syslog's facility authpriv, else daemon */
	enum log_level level;
};

enum { LOG_LINE_SIZE = 2048 };

/*
 * Writes body (of log_line_body) with head and end, cut to fit.  Returns the
 * length.  line[0] is an end byte too: for a target whose last line was cut it
 * is sent first, else it is skipped.
 */
size_t log_line_write(
    char line[LOG_LINE_SIZE], struct log_head head, struct str body);

/* The `log lines dropped` line; as log_line_write. */
size_t log_line_dropped(
    char line[LOG_LINE_SIZE], struct log_head head, uint64_t dropped);

/*
 * The words and the fields in the format of log_set_format, the site as the
 * first field; site may be NULL.  At most size bytes; *is_cut: not all of it
 * fitted.  In JSON it is the members of an object without its braces: only
 * values and last members are cut.  Returns the length.
 */
size_t log_line_body(char *ptr, size_t size, bool *is_cut, const char *words,
    const char *site, const struct log_field *fields);

/* Appends count=N to a body of len bytes in size.  Returns the new length. */
size_t log_line_add_count(char *ptr, size_t len, size_t size, int64_t count);

#endif
