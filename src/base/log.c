/* The log: one event, one line. */
#include "config.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/log_audit.h"
#include "base/log_target.h"
#include "base/log_throttle.h"

/*
 * LOG_BODY_MAX leaves space for the other parts of a line.  The longest are
 * those of JSON in a file: 67 bytes for the head, 29 for the count, 3 for the
 * ends.
 */
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

static enum log_which
log_of(const char *words)
{
	return log_target_has_audit() &&
		       !str_is_none(log_audit_event(str_from(words)))
		   ? LOG_OF_AUDIT
		   : LOG_OF_EVENTS;
}

static void
write_counted(
    enum log_level level, const char *words, struct str body, int64_t count)
{
	char line[LOG_LINE_SIZE];
	size_t len = body.len;

	memcpy(line, body.ptr, len);
	if (count > 1)
		len = log_line_add_count(line, len, sizeof(line), count);
	log_target_write(log_of(words), level, (struct str){ line, len });
}

static void
write_event(
    enum log_level level, const char *words, const struct log_field *fields)
{
	int64_t count = log_throttle_admit(level, words, this_site, fields);
	char body[LOG_BODY_MAX];
	bool is_cut;
	size_t len;

	if (count == 0)
		return;
	len = log_line_body(
	    body, sizeof(body), &is_cut, words, this_site, fields);
	write_counted(level, words, (struct str){ body, len }, count);
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
		if (!one.is_shared)
			write_counted(one.level, one.words,
			    (struct str){ one.body, one.len }, one.count);
		else
			log_event(LOG_WARN, "log lines merged",
			    log_text("kind", one.words),
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
