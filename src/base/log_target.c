/* The target of the log: a descriptor, the system log, or the writer thread. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
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
#include "base/counters.h"
#include "base/log_target.h"
#include "base/log_writer.h"

#define SYSLOG_PATH "/dev/log"

enum { LOCK_WAIT_MS = 100, SYSLOG_RETRY_MS = 1000 };

static struct {
	pthread_mutex_t lock; /* guards the fields below, keeps lines whole */
	int fd; /* -1: the system log is unavailable, or is_file */
	bool is_syslog, is_stream; /* is_stream: SOCK_STREAM, NUL ends a line */
	bool is_socket, is_file;   /* is_file: base/log_writer.h writes it */
	bool is_torn;		   /* the last line lacks its end */
	int64_t tried_ms; /* clock_ms of the last connect to the system log */
	char path[PATH_MAX]; /* of `file:PATH`, else empty */
	uint64_t dropped;

	/* for threads that do not get the lock */
	atomic_bool is_stuck;
	_Atomic uint64_t missed;
} target = { .lock = PTHREAD_MUTEX_INITIALIZER, .fd = STDERR_FILENO };

/*
 * A write to fd 2 may still block: another program may use up the space that
 * poll(2) reported.  Threads then wait LOCK_WAIT_MS for the lock, only once
 * (is_stuck) until that write returns.
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

/* A datagram or else a stream socket, as syslog(3) does it.  -1 with errno. */
static int
open_syslog(bool *is_stream)
{
	int fd = connect_syslog(SOCK_DGRAM);

	*is_stream = fd < 0 && errno == EPROTOTYPE;
	return *is_stream ? connect_syslog(SOCK_STREAM) : fd;
}

/*
 * Called under the lock: reconnects to the system log, at most once a second.
 */
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
 * POLLOUT on a pipe means space for a line of this length (PIPE_BUF), unless
 * another writer uses it first.  On a socket MSG_DONTWAIT avoids the wait.
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
 * Called under the lock.  line[0] ends a line that was cut before; it is
 * skipped if none was.  *number is set for a line that the writer thread has
 * accepted.
 */
static bool
put_line(struct str line, uint64_t *number)
{
	size_t skip = target.is_torn ? 0 : 1;
	ssize_t sent;

	if (target.is_file) {
		*number = log_writer_put(str_from_byte(line, 1));
		return *number > 0;
	}
	line = str_from_byte(line, skip);
	sent = target.is_syslog ? send_syslog(line.ptr, line.len)
				: write_plain(line.ptr, line.len);
	if (sent > 0)
		target.is_torn = (size_t)sent + skip > 1 &&
				 (size_t)sent < line.len &&
				 (!target.is_syslog || target.is_stream);
	return sent == (ssize_t)line.len;
}

size_t
log_target_dropped_line(
    char line[LOG_LINE_SIZE], enum log_layout layout, uint64_t dropped)
{
	struct log_field fields[] = { log_num("lines", (int64_t)dropped),
		LOG_END };
	char body[64];
	size_t len =
	    log_format(body, sizeof(body), "log lines dropped", fields);

	return log_line_write(
	    line, layout, LOG_WARN, (struct str){ body, len });
}

static enum log_layout
layout_of_target(void)
{
	if (!target.is_syslog)
		return LOG_LAYOUT_PLAIN;
	return target.is_stream ? LOG_LAYOUT_STREAM : LOG_LAYOUT_PACKET;
}

/*
 * Called under the lock.  Returns the number of a line that the writer thread
 * has accepted, else 0.
 */
static uint64_t
write_lines(enum log_level level, struct str body)
{
	enum log_layout layout = layout_of_target();
	uint64_t number = 0, missed;
	char line[LOG_LINE_SIZE];
	size_t len;

	missed = atomic_exchange(&target.missed, 0);
	target.dropped += missed;
	if (missed > 0)
		counter_add(COUNTER_LOG_DROPPED, missed);
	if (target.dropped > 0) {
		len = log_target_dropped_line(line, layout, target.dropped);
		if (put_line((struct str){ line, len }, &number))
			target.dropped = 0;
	}
	len = log_line_write(line, layout, level, body);
	if (!put_line((struct str){ line, len }, &number)) {
		target.dropped++;
		counter_add(COUNTER_LOG_DROPPED, 1);
	}
	return number;
}

void
log_target_write(enum log_level level, struct str body)
{
	uint64_t number;

	if (!lock_target()) {
		atomic_fetch_add(&target.missed, 1);
		return;
	}
	number = write_lines(level, body);
	unlock_target();
	log_writer_wait(number);
}

void
log_target_flush(int timeout_ms)
{
	(void)log_writer_flush(clock_ms() + timeout_ms);
}

int
log_target_open_file(const char *path)
{
	return open(path,
	    O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK,
	    0640);
}

bool
log_target_is_torn(const char *path)
{
	struct stat st;
	char last = '\n';
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return false;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size == 0 ||
	    pread(fd, &last, 1, st.st_size - 1) != 1)
		last = '\n';
	close(fd);
	return last != '\n';
}

/* spawn-fcgi and lighttpd start their children with /dev/null as fd 2. */
static bool
stderr_is_null(void)
{
	struct stat st;

	return fstat(STDERR_FILENO, &st) != 0 ||
	       (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3));
}

/*
 * Called under the lock.  False with errno: the old target stays, fd is closed.
 */
static bool
set_target(int fd, const char *path)
{
	struct stat st = { .st_size = 0 };
	int former = target.fd, saved_errno;

	if (fd >= 0 && fstat(fd, &st) != 0)
		st.st_mode = 0;
	if (S_ISREG(st.st_mode) &&
	    !log_writer_use(
		fd, path, path[0] != '\0' && log_target_is_torn(path))) {
		saved_errno = errno;
		if (fd != STDERR_FILENO)
			close(fd);
		errno = saved_errno;
		return false;
	}
	target.is_file = S_ISREG(st.st_mode);
	target.is_socket = S_ISSOCK(st.st_mode);
	target.is_torn = false;
	target.fd = target.is_file ? -1 : fd;
	snprintf(target.path, sizeof(target.path), "%s", path);
	if (former != STDERR_FILENO && former >= 0)
		close(former);
	return true;
}

/*
 * If fd 2 is a pipe, opens it once more: other processes share its open file
 * description, and O_NONBLOCK must not affect them.
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

/* Called under the lock, which is released. */
static bool
use_target(int fd, const char *path, bool is_syslog, bool is_stream)
{
	bool is_set = set_target(fd, path);

	if (is_set) {
		target.is_syslog = is_syslog;
		target.is_stream = is_stream;
		target.tried_ms = clock_ms();
	}
	unlock_target();
	return is_set;
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
		fd = path[0] != '\0' ? log_target_open_file(path)
				     : open_stderr();
	if (fd < 0 && !is_auto)
		return false;
	return lock_target() && use_target(fd, path, is_syslog, is_stream);
}

void
log_target_log_reopened(int error)
{
	if (error == 0)
		log_event(LOG_INFO, "log reopened", LOG_END);
	else
		log_event(LOG_WARN, "log not reopened",
		    log_text("reason", strerror(error)), LOG_END);
}

/* Called under the lock.  False with errno. */
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
	fd = log_target_open_file(path);
	return fd >= 0 && set_target(fd, path);
}

void
log_reopen(void)
{
	int error = 0;
	bool is_file;

	if (!lock_target())
		return;
	is_file = target.is_file;
	if (!is_file && !reopen())
		error = errno;
	unlock_target();
	if (is_file)
		log_writer_reopen();
	else
		log_target_log_reopened(error);
}
