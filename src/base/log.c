/* The log: one event, one line. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/log_target.h"
#include "base/log_throttle.h"

/* LOG_BODY_MAX leaves space for the head, count= and the line ends. */
enum { LOG_BODY_MAX = LOG_LINE_SIZE - 128, LOG_CLOSE_MS = 1000 };

static _Thread_local const char *this_site;
static void (*_Atomic event_sink)(
    enum log_level level, const char *words, const struct log_field *fields);

const char *
log_set_site(const char *name)
{
	const char *last = this_site;

	this_site = name;
	return last;
}

void
log_set_sink(void (*sink)(
    enum log_level level, const char *words, const struct log_field *fields))
{
	atomic_store(&event_sink, sink);
}

struct log_field
log_str(const char *key, struct str value)
{
	if (str_is_none(value))
		value = STR("-");
	return (struct log_field){ .key = key, .text = value };
}

struct log_field
log_text(const char *key, const char *value)
{
	return log_str(key, str_from(value));
}

struct log_field
log_num(const char *key, int64_t value)
{
	return (struct log_field){ .key = key, .number = value };
}

static void
write_counted(enum log_level level, struct str body, int64_t count)
{
	char line[LOG_LINE_SIZE];
	size_t len = body.len;

	if (len > LOG_BODY_MAX)
		len = LOG_BODY_MAX;
	memcpy(line, body.ptr, len);
	if (count > 1)
		len += (size_t)snprintf(
		    line + len, sizeof(line) - len, " count=%" PRId64, count);
	log_target_write(level, (struct str){ line, len });
}

static void
write_event(
    enum log_level level, const char *words, const struct log_field *fields)
{
	int64_t count = log_throttle_admit(level, words, this_site, fields);
	char body[LOG_BODY_MAX];
	size_t len;

	if (count > 0) {
		len =
		    log_line_body(body, sizeof(body), words, this_site, fields);
		write_counted(level, (struct str){ body, len }, count);
	}
}

void
log_fields(
    enum log_level level, const char *words, const struct log_field *fields)
{
	void (*sink)(enum log_level, const char *, const struct log_field *) =
	    atomic_load(&event_sink);
	int saved_errno = errno;

	if (sink != NULL)
		sink(level, words, fields);
	else
		write_event(level, words, fields);
	errno = saved_errno;
}

/* Writes the throttled lines that are due at now_ms. */
static void
write_throttled(int64_t now_ms)
{
	struct log_pending one;

	while (log_throttle_next(now_ms, &one))
		if (one.shared_by == NULL)
			write_counted(one.level,
			    (struct str){ one.body, one.len }, one.count);
		else
			log_event(LOG_WARN, "log lines merged",
			    log_text("event", one.shared_by),
			    log_num("count", one.count), LOG_END);
}

void
log_tick(void)
{
	write_throttled(clock_ms());
}

void
log_close(void)
{
	write_throttled(INT64_MAX / 2);
	log_target_flush(LOG_CLOSE_MS);
}
