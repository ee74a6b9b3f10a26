#ifndef LOG_LINE_H
#define LOG_LINE_H

#include "base/log.h"

/* How a target takes its lines. */
enum log_form {
	LOG_FORM_PLAIN,	 /* RFC 3339 time first, a newline at the end */
	LOG_FORM_PACKET, /* a datagram for syslog (RFC 3164) */
	LOG_FORM_STREAM	 /* the same on a stream: a NUL at the end */
};

enum { LOG_LINE_SIZE = 2048 };

/*
 * The line for body (log_format), with its head and its end; its length.  The
 * first byte is an end as well: a target whose last line was cut gets it, all
 * others leave it out.  What does not fit is cut.
 */
size_t log_line_write(char line[LOG_LINE_SIZE], enum log_form form,
    enum log_level level, struct str body);

/* log_format with the site, where there is one, as the first field. */
size_t log_line_body(char *ptr, size_t size, const char *words,
    const char *site, const struct log_field *fields);

#endif
