#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/*
 * The log: one line per event, TIME sessgate[PID]: WORDS key=value ..., or the
 * same fields as a JSON object (log_set_format).
 *
 *	log_event(LOG_WARN, "redis lost", log_text("reason", why), LOG_END);
 *
 * A value with other than plain characters is quoted and escaped, so that input
 * can neither forge a key nor start a line.  No field may have the name time,
 * level, pid, event or site, which are members of each JSON line.  Never pass a
 * token, a password or a cookie.
 *
 * Lines that a client can cause are throttled (base/log_throttle.h); count=N in
 * a line means that it stands for N events.
 *
 * Logging never blocks for long.  If the target is full or unavailable, the
 * line is dropped and counted, and the count is logged when the target accepts
 * lines again.  A line that a full disk cut short is ended with a newline
 * before the next one.  A regular file is written by a thread of its own; the
 * caller waits for it for at most 100 ms, once each time the file system hangs
 * (base/log_writer.h).  errno is preserved.  Any thread may log.
 */
enum log_level {
	LOG_ERROR, /* an operator must act */
	LOG_WARN,  /* the service is degraded */
	LOG_INFO   /* lifecycle and audit */
};

struct log_field {
	const char *key; /* NULL ends the list */
	struct str text; /* absent: the value is number */
	int64_t number;
};

#define LOG_END ((struct log_field){ 0 })

/*
 * Make a field of a line, for log_event.  A field is a view and copies nothing.
 * An absent value is logged as -.
 */
struct log_field log_text(const char *key, const char *value);
struct log_field log_str(const char *key, struct str value);
struct log_field log_num(const char *key, int64_t value);

#define LOG_FIELDS_MAX 12

/*
 * Logs an event.  words is a constant text, followed by at most LOG_FIELDS_MAX
 * fields and LOG_END.
 */
#define log_event(level, words, ...) \
	log_fields(level, words, (const struct log_field[]){ __VA_ARGS__ })
void log_fields(
    enum log_level level, const char *words, const struct log_field *fields);

/*
 * Sets the site that all further lines of this thread name as their first
 * field; NULL (the initial value): none.  The caller keeps name valid.  Returns
 * the previous name.
 */
const char *log_set_site(const char *name);

/*
 * Opens the target: "auto" (fd 2, or syslog if fd 2 is /dev/null), "stderr",
 * "syslog" or "file:PATH".  Before the first call lines go to fd 2.  If fd 2 is
 * the journal of systemd, lines begin with their priority and have no time.
 * False with errno: the previous target stays.
 */
bool log_open(const char *target);

/*
 * Sends the audit trail (base/log_audit.h) to "syslog", with the facility
 * authpriv, to "file:PATH" or, if the target is "same", to that of log_open.
 * False with errno: the previous target stays.
 */
bool log_open_audit(const char *target);

enum log_format { LOG_PLAIN, LOG_JSON };

/* Sets the format of all lines.  Call it while no other thread logs. */
void log_set_format(enum log_format format);

/*
 * Passes every further event to sink and writes no line; NULL: writes lines
 * again.  Several threads may call sink at once.  It is for a program that
 * itself reports failures to its user.
 */
void log_set_sink(void (*sink)(
    enum log_level level, const char *words, const struct log_field *fields));

/* Writes the throttled lines that are due.  Call it a few times a second. */
void log_tick(void);

/*
 * Writes all throttled lines, and waits for unwritten lines for at most a
 * second.  Call it before the process ends.
 */
void log_close(void);

/*
 * Reopens the targets, for log rotation: opens a file again, or reconnects to
 * the system log, and logs the result.  The writer thread reopens a regular
 * file.  If that fails the old file stays in use.  The system log is tried
 * again with later lines, at most once a second.
 */
void log_reopen(void);

/*
 * Formats the event as text into ptr, without a newline, and cuts it at size
 * bytes.  Returns its length.  Pure.
 */
size_t log_format(
    char *ptr, size_t size, const char *words, const struct log_field *fields);

#endif
