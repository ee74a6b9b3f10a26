/* The log: formatting one line, and the target it goes to. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define LINE_MAX_LEN 2048
#define SYSLOG_PATH "/dev/log"
#define SYSLOG_FACILITY (3 << 3) /* daemon, RFC 5424, 6.2.1 */

enum { LOCK_WAIT_MS = 100, SYSLOG_RETRY_MS = 1000 };

static struct {
	pthread_mutex_t lock; /* guards what follows, and keeps lines whole */
	int fd;		      /* -1: the system log is away */
	bool is_syslog, is_stream,
	    is_socket;	     /* SOCK_STREAM: a NUL ends each line */
	bool is_torn;	     /* the last line lacks its end */
	int64_t tried_ms;    /* when the system log was last tried */
	char path[PATH_MAX]; /* of a file target, else empty */
	uint64_t dropped;

	/* for those who do not get the lock */
	atomic_bool is_stuck;
	_Atomic uint64_t missed;
} target = { .lock = PTHREAD_MUTEX_INITIALIZER, .fd = STDERR_FILENO };

/*
 * A write to a file on a server that hangs may take for ever, and nothing can
 * be set against that: the others then wait for it once, and not again until it
 * returns.
 */
static bool
lock_target(void)
{
	int64_t until_ms = clock_ms() + LOCK_WAIT_MS;
	struct timespec until = { .tv_sec = until_ms / 1000,
		.tv_nsec = until_ms % 1000 * 1000000 };

	if (pthread_mutex_trylock(&target.lock) == 0)
		return true;
	if (!atomic_load(&target.is_stuck)) {
		if (pthread_mutex_clocklock(
			&target.lock, CLOCK_MONOTONIC, &until) == 0)
			return true;
		atomic_store(&target.is_stuck, true);
	}
	return false;
}

static void
unlock_target(void)
{
	atomic_store(&target.is_stuck, false);
	pthread_mutex_unlock(&target.lock);
}

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

static int
connect_syslog(int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX,
		.sun_path = SYSLOG_PATH };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int saved_errno;

	if (fd < 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	saved_errno = errno;
	close(fd);
	errno = saved_errno;
	return -1;
}

/* Of either type, as syslog(3) does it; -1 with errno. */
static int
open_syslog(bool *is_stream)
{
	int fd = connect_syslog(SOCK_DGRAM);

	*is_stream = fd < 0 && errno == EPROTOTYPE;
	return *is_stream ? connect_syslog(SOCK_STREAM) : fd;
}

/* Under the lock: a new link to the system log, at most once a second. */
static bool
reconnect_syslog(void)
{
	int64_t now_ms = clock_ms();

	if (target.fd >= 0)
		close(target.fd);
	target.fd = -1;
	target.is_torn = false;
	if (now_ms < target.tried_ms + SYSLOG_RETRY_MS)
		return false;
	target.tried_ms = now_ms;
	target.fd = open_syslog(&target.is_stream);
	return target.fd >= 0;
}

static ssize_t
send_syslog(const char *ptr, size_t len)
{
	ssize_t sent = -1;

	if (target.fd >= 0)
		sent = send(target.fd, ptr, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (target.fd >= 0 && (sent >= 0 || errno == EAGAIN ||
				  errno == ENOBUFS || errno == EMSGSIZE))
		return sent;
	if (!reconnect_syslog())
		return -1;
	return send(target.fd, ptr, len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/*
 * POLLOUT on a pipe means room for a line of this length, unless somebody else
 * who writes there takes it; a socket is asked not to wait.
 */
static ssize_t
write_plain(const char *ptr, size_t len)
{
	struct pollfd poller = { .fd = target.fd, .events = POLLOUT };

	if (target.is_socket)
		return send(target.fd, ptr, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (poll(&poller, 1, 0) != 1 || !(poller.revents & POLLOUT))
		return -1;
	return write(target.fd, ptr, len);
}

/*
 * Under the lock.  The first byte ends a line before it that was cut, and is
 * left out where none was.
 */
static bool
write_line(const char *ptr, size_t len)
{
	size_t skip = target.is_torn ? 0 : 1;
	ssize_t sent = target.is_syslog ? send_syslog(ptr + skip, len - skip)
					: write_plain(ptr + skip, len - skip);

	if (sent > 0)
		target.is_torn = (size_t)sent + skip > 1 &&
				 (size_t)sent < len - skip &&
				 (!target.is_syslog || target.is_stream);
	return sent == (ssize_t)(len - skip);
}

static bool
write_event(enum log_level level, const char *words,
    const struct log_field *fields, const char *site)
{
	const struct log_field about[] = {
		{ .key = site ? "site" : NULL, .text = str_from(site) }, LOG_END
	};
	const char end = target.is_syslog ? '\0' : '\n';
	char line[LINE_MAX_LEN];
	size_t len = 1;

	line[0] = end;
	if (target.is_syslog)
		len += head_syslog(line + len, sizeof(line) - len, level);
	else
		len += head_plain(line + len, sizeof(line) - len);
	len += log_format(line + len, sizeof(line) - len - 1, words, about);
	len += log_format(line + len, sizeof(line) - len - 1, "", fields);
	if (!target.is_syslog || target.is_stream)
		line[len++] = end;
	return write_line(line, len);
}

void
log_fields(
    enum log_level level, const char *words, const struct log_field *fields)
{
	int saved_errno = errno;

	if (!lock_target()) {
		atomic_fetch_add(&target.missed, 1);
		errno = saved_errno;
		return;
	}
	target.dropped += atomic_exchange(&target.missed, 0);
	if (target.dropped > 0) {
		struct log_field dropped[] = {
			log_num("lines", (int64_t)target.dropped), LOG_END
		};

		if (write_event(LOG_WARN, "log lines dropped", dropped, NULL))
			target.dropped = 0;
	}
	if (!write_event(level, words, fields, this_site))
		target.dropped++;
	unlock_target();
	errno = saved_errno;
}

static int
open_file(const char *path)
{
	return open(path,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
	    0640);
}

/* A disk that was full may have left a line without its end. */
static bool
is_file_torn(const char *path, const struct stat *st)
{
	char last = '\n';
	int fd;

	if (!S_ISREG(st->st_mode) || st->st_size == 0)
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return false;
	if (pread(fd, &last, 1, st->st_size - 1) != 1)
		last = '\n';
	close(fd);
	return last != '\n';
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
set_target(int fd, const char *path)
{
	struct stat st = { .st_size = 0 };

	if (target.fd != STDERR_FILENO && target.fd >= 0)
		close(target.fd);
	target.fd = fd;
	if (fd >= 0 && fstat(fd, &st) != 0)
		st.st_mode = 0;
	target.is_socket = S_ISSOCK(st.st_mode);
	target.is_torn = path[0] != '\0' && is_file_torn(path, &st);
	snprintf(target.path, sizeof(target.path), "%s", path);
}

/*
 * Where fd 2 is a pipe or a terminal that others write to as well, it is opened
 * once more: O_NONBLOCK is then ours alone.
 */
static int
open_stderr(void)
{
	struct stat st;
	int fd = -1;

	if (fstat(STDERR_FILENO, &st) == 0 && S_ISFIFO(st.st_mode))
		fd = open("/proc/self/fd/2",
		    O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	return fd >= 0 ? fd : STDERR_FILENO;
}

bool
log_open(const char *name)
{
	bool is_auto = strcmp(name, "auto") == 0;
	bool is_syslog =
	    strcmp(name, "syslog") == 0 || (is_auto && stderr_is_null());
	const char *path = strncmp(name, "file:", 5) == 0 ? name + 5 : "";
	bool is_stream = false;
	int fd;

	if (is_syslog)
		fd = open_syslog(&is_stream);
	else
		fd = path[0] != '\0' ? open_file(path) : open_stderr();
	if (fd < 0 && !is_auto)
		return false;
	if (!lock_target())
		return false;
	set_target(fd, path);
	target.is_syslog = is_syslog;
	target.is_stream = is_stream;
	target.tried_ms = clock_ms();
	unlock_target();
	return true;
}

/* Under the lock; false with errno. */
static bool
reopen(void)
{
	char path[PATH_MAX];
	int fd;

	if (target.is_syslog) {
		target.tried_ms = clock_ms() - SYSLOG_RETRY_MS;
		return reconnect_syslog();
	}
	if (target.path[0] == '\0')
		return true;
	memcpy(path, target.path, sizeof(path));
	fd = open_file(path);
	if (fd >= 0)
		set_target(fd, path);
	return fd >= 0;
}

void
log_reopen(void)
{
	int error = 0;

	if (!lock_target())
		return;
	if (!reopen())
		error = errno;
	unlock_target();
	if (error == 0)
		log_event(LOG_INFO, "log reopened", LOG_END);
	else
		log_event(LOG_WARN, "log not reopened",
		    log_text("reason", strerror(error)), LOG_END);
}
