/* The log: formatting one line, and the target it goes to. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

#define LINE_MAX_LEN 2048
#define SYSLOG_PATH "/dev/log"
#define SYSLOG_FACILITY (3 << 3) /* daemon, RFC 5424, 6.2.1 */

static struct {
	pthread_mutex_t lock; /* guards all below, and keeps lines whole */
	int fd;
	bool is_syslog;
	char path[PATH_MAX]; /* of a file target, else empty */
	uint64_t dropped;
} target = { .lock = PTHREAD_MUTEX_INITIALIZER, .fd = STDERR_FILENO };

static _Thread_local const char *this_site;

const char *
log_set_site(const char *name)
{
	const char *last = this_site;

	this_site = name;
	return last;
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

/* A line being written; what does not fit is cut. */
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

/* Plain values stand bare; all others in quotes. */
static bool
is_plain(struct str s)
{
	return s.len > 0 &&
	       str_only(s,
		   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		   "0123456789-._~@:/+,");
}

static void
line_add_value(struct line *line, const struct log_field *field)
{
	char digits[24];

	if (str_is_none(field->text)) {
		int len =
		    snprintf(digits, sizeof(digits), "%" PRId64, field->number);

		line_add(line, digits, (size_t)len);
	} else if (is_plain(field->text)) {
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

/* The head of a line for a file or a terminal: RFC 3339 time in UTC. */
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

/* Under the lock.  POLLOUT on a pipe means room for a line of this length. */
static bool
write_line(const char *ptr, size_t len)
{
	struct pollfd poller = { .fd = target.fd, .events = POLLOUT };

	if (target.is_syslog)
		return send(target.fd, ptr, len, MSG_DONTWAIT | MSG_NOSIGNAL) ==
		       (ssize_t)len;
	if (poll(&poller, 1, 0) != 1 || !(poller.revents & POLLOUT))
		return false;
	return write(target.fd, ptr, len) == (ssize_t)len;
}

static bool
write_event(enum log_level level, const char *words,
    const struct log_field *fields, const char *site)
{
	const struct log_field about[] = {
		{ .key = site ? "site" : NULL, .text = str_from(site) }, LOG_END
	};
	char line[LINE_MAX_LEN];
	size_t len;

	if (target.is_syslog)
		len = head_syslog(line, sizeof(line), level);
	else
		len = head_plain(line, sizeof(line));
	len += log_format(line + len, sizeof(line) - len - 1, words, about);
	len += log_format(line + len, sizeof(line) - len - 1, "", fields);
	if (!target.is_syslog)
		line[len++] = '\n';
	return write_line(line, len);
}

void
log_fields(
    enum log_level level, const char *words, const struct log_field *fields)
{
	int saved_errno = errno;

	pthread_mutex_lock(&target.lock);
	if (target.dropped > 0) {
		struct log_field dropped[] = {
			log_num("lines", (int64_t)target.dropped), LOG_END
		};

		if (write_event(LOG_WARN, "log lines dropped", dropped, NULL))
			target.dropped = 0;
	}
	if (!write_event(level, words, fields, this_site))
		target.dropped++;
	pthread_mutex_unlock(&target.lock);
	errno = saved_errno;
}

static int
open_syslog(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path, SYSLOG_PATH, sizeof(SYSLOG_PATH));
	if (fd >= 0 &&
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		int saved_errno = errno;

		close(fd);
		errno = saved_errno;
		return -1;
	}
	return fd;
}

static int
open_file(const char *path)
{
	return open(path,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
	    0640);
}

/* spawn-fcgi and lighttpd give their children /dev/null as fd 2. */
static bool
stderr_is_null(void)
{
	struct stat st;

	return fstat(STDERR_FILENO, &st) != 0 ||
	       (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3));
}

/* Under the lock. */
static void
set_target(int fd, bool is_syslog, const char *path)
{
	if (target.fd != STDERR_FILENO)
		close(target.fd);
	target.fd = fd;
	target.is_syslog = is_syslog;
	snprintf(target.path, sizeof(target.path), "%s", path);
}

bool
log_open(const char *name)
{
	bool is_auto = strcmp(name, "auto") == 0;
	bool wants_syslog =
	    strcmp(name, "syslog") == 0 || (is_auto && stderr_is_null());
	const char *path = strncmp(name, "file:", 5) == 0 ? name + 5 : "";
	int fd = STDERR_FILENO;

	if (wants_syslog)
		fd = open_syslog();
	else if (path[0] != '\0')
		fd = open_file(path);
	if (fd < 0 && is_auto) { /* no syslog here: fd 2 is all there is */
		fd = STDERR_FILENO;
		wants_syslog = false;
	}
	if (fd < 0)
		return false;
	pthread_mutex_lock(&target.lock);
	set_target(fd, wants_syslog, path);
	pthread_mutex_unlock(&target.lock);
	return true;
}

void
log_reopen(void)
{
	int fd;

	pthread_mutex_lock(&target.lock);
	if (target.path[0] != '\0') {
		char path[PATH_MAX];

		memcpy(path, target.path, sizeof(path));
		fd = open_file(path);
		if (fd >= 0)
			set_target(fd, false, path);
	}
	pthread_mutex_unlock(&target.lock);
}
