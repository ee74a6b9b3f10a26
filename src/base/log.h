#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/*
 * One line per event: TIME sessgate[PID]: WORDS key=value ...
 *
 *	log_event(LOG_WARN, "redis lost", log_text("reason", why), LOG_END);
 *
 * Values are quoted and escaped where they hold anything but plain
 * characters, so that input can neither forge a key nor start a line.
 * Tokens, passwords and cookies are never passed here.
 *
 * Lines that a client can cause are throttled (base/log_throttle.h); a line
 * with count= stands for so many events.
 *
 * Logging does not hang: where the target takes no more, or is away, the line
 * is dropped and counted, and the count is told once it takes lines again.  A
 * line that a full disk cut is ended before the next one.  Where the target is
 * a regular file a thread of its own writes to it, and the caller waits for it
 * for 100 ms at most, once for each time it hangs (base/log_writer.h).  errno
 * is kept.  Any thread may log.
 */
enum log_level {
	LOG_ERROR, /* someone must act */
	LOG_WARN,  /* degraded */
	LOG_INFO   /* lifecycle and audit */
};

struct log_field {
	const char *key; /* NULL ends the list */
	struct str text; /* absent: number counts */
	int64_t number;
};

#define LOG_END ((struct log_field){ 0 })

struct log_field log_text(const char *key, const char *value);
struct log_field log_str(const char *key, struct str value);
struct log_field log_num(const char *key, int64_t value);

#define LOG_FIELDS_MAX 12

/* words: fixed text of ours.  At most LOG_FIELDS_MAX fields, then LOG_END. */
#define log_event(level, words, ...) \
	log_fields(level, words, (const struct log_field[]){ __VA_ARGS__ })
void log_fields(
    enum log_level level, const char *words, const struct log_field *fields);

/*
 * From here on the lines of this thread name the site, as their first field;
 * NULL: none, as at first.  The name stays the caller's.  Returns the last.
 */
const char *log_set_site(const char *name);

/*
 * Opens the target: "auto" (fd 2, or syslog where fd 2 is /dev/null),
 * "stderr", "syslog" or "file:PATH".  Before the first call lines go to fd 2.
 * False with errno: the old target stays.
 */
bool log_open(const char *target);

/*
 * Writes what was throttled and is due; to be called a few times a second.
 */
void log_tick(void);

/*
 * Before the process ends: writes all that was throttled, and waits for lines
 * under way for at most a second.
 */
void log_close(void);

/*
 * Opens a file target anew, after it was moved away, or connects to the system
 * log anew, and says so; of a regular file the thread does it that writes to
 * it.  Where that fails, says so: an old file
 * stays, the system log is tried again with the lines that follow, once a
 * second.
 */
void log_reopen(void);

/*
 * The line for the event into line, without a newline; its length.  What does
 * not fit is cut.  Pure.
 */
size_t log_format(
    char *line, size_t size, const char *words, const struct log_field *fields);

#endif
