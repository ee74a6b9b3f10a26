#ifndef LOG_LINE_H
#define LOG_LINE_H

#include "base/log.h"

/* The layout of a line that the target expects. */
enum log_layout {
	LOG_LAYOUT_PLAIN,  /* RFC 3339 time first, a newline at the end */
	LOG_LAYOUT_PACKET, /* a datagram for syslog (RFC 3164) */
	LOG_LAYOUT_STREAM  /* RFC 3164 on a stream socket, a NUL at the end */
};

enum { LOG_LINE_SIZE = 2048 };

/*
 * Writes body (of log_format) with head and end, cut to fit.  Returns the
 * length.  line[0] is an end byte too: for a target whose last line was cut it
 * is sent first, else it is skipped.
 */
size_t log_line_write(char line[LOG_LINE_SIZE], enum log_layout layout,
    enum log_level level, struct str body);

/* log_format with the site as the first field; site may be NULL. */
size_t log_line_body(char *ptr, size_t size, const char *words,
    const char *site, const struct log_field *fields);

#endif
