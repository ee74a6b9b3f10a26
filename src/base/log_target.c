/* The targets of the log: a descriptor, the system log, or a writer thread. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log_syslog.h"
#include "base/log_target.h"
#include "base/log_writer.h"

enum { LOCK_WAIT_MS = 100, SYSLOG_RETRY_MS = 1000 };

struct target {
	/* guards the fields below, and keeps lines whole */
	pthread_mutex_t lock;
	int fd; /* -1: the system log is unavailable, or is_file is set */
	bool is_syslog, is_stream; /* is_stream: a NUL ends each line */
	bool is_socket, is_journal;
	bool is_file;	  /* a regular file: the writer thread writes it */
	bool is_torn;	  /* the last line was cut and lacks its end */
	int64_t tried_ms; /* clock_ms of the last connect to the system log */
	char path[PATH_MAX]; /* path of `file:PATH`, else empty */
	uint64_t dropped;

	/* Also read without the lock. */
	/* NULL: the target was never a file */
	struct log_writer *_Atomic writer;
	/* Used by threads that do not get the lock: see lock_target. */
	atomic_bool is_stuck;
	_Atomic uint64_t missed;
};

static struct target targets[LOGS] = {
	[LOG_OF_EVENTS] = { .lock = PTHREAD_MUTEX_INITIALIZER,
	    .fd = STDERR_FILENO },
	[LOG_OF_AUDIT] = { .lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1 },
};

static atomic_bool has_audit;

/*
 * Takes the lock.  A write to fd 2 may still block, because another program may
 * use up the space that poll(2) reported.  Then a thread waits at most
 * LOCK_WAIT_MS for the lock and sets is_stuck; while that is set no thread
 * waits.  False: the lock is not held.
 */
static bool
lock_target(struct target *target)
{
	int64_t until_ms = clock_ms() + LOCK_WAIT_MS;
	struct timespec until = { .tv_sec = until_ms / 1000,
		.tv_nsec = until_ms % 1000 * 1000000 };

	if (pthread_mutex_trylock(&target->lock) == 0)
		return true;
	if (!atomic_load(&target->is_stuck)) {
		if (pthread_mutex_clocklock(
			&target->lock, CLOCK_MONOTONIC, &until) == 0)
			return true;
		atomic_store(&target->is_stuck, true);
	}
	return false;
}

static void
unlock_target(struct target *target)
{
	atomic_store(&target->is_stuck, false);
	pthread_mutex_unlock(&target->lock);
}

/*
 * Called with the lock held.  Reconnects to the system log, at most once a
 * second.  False: it is not connected.
 */
static bool
reconnect_syslog(struct target *target)
{
	int64_t now_ms = clock_ms();

	if (target->fd >= 0)
		close(target->fd);
	target->fd = -1;
	target->is_torn = false;
	if (now_ms < target->tried_ms + SYSLOG_RETRY_MS)
		return false;
	target->tried_ms = now_ms;
	target->fd = log_syslog_open(&target->is_stream);
	return target->fd >= 0;
}

static ssize_t
send_syslog(struct target *target, struct str line)
{
	ssize_t sent = -1;

	if (target->fd >= 0)
		sent = send(target->fd, line.ptr, line.len,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (target->fd >= 0 && (sent >= 0 || errno == EAGAIN ||
				   errno == ENOBUFS || errno == EMSGSIZE))
		return sent;
	if (!reconnect_syslog(target))
		return -1;
	return send(
	    target->fd, line.ptr, line.len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/*
 * Writes a line, or returns -1 if that would block.  POLLOUT on a pipe means
 * space for a line of this length (PIPE_BUF), unless another writer uses it
 * first.  On a socket MSG_DONTWAIT avoids the wait.
 */
static ssize_t
write_plain(const struct target *target, struct str line)
{
	struct pollfd poller = { .fd = target->fd, .events = POLLOUT };

	if (target->is_socket)
		return send(target->fd, line.ptr, line.len,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (poll(&poller, 1, 0) != 1 || !(poller.revents & POLLOUT))
		return -1;
	return write(target->fd, line.ptr, line.len);
}

/*
 * Called with the lock held.  Writes a line; line[0] is written only if the
 * line before was cut.  *number is set if the writer thread has accepted the
 * line.  False: the target has not accepted the whole line.
 */
static bool
put_line(struct target *target, struct str line, uint64_t *number)
{
	size_t skip = target->is_torn ? 0 : 1;
	ssize_t sent;

	if (target->is_file) {
		*number =
		    log_writer_put(target->writer, str_from_byte(line, 1));
		return *number > 0;
	}
	line = str_from_byte(line, skip);
	sent = target->is_syslog ? send_syslog(target, line)
				 : write_plain(target, line);
	if (sent > 0)
		target->is_torn = (size_t)sent + skip > 1 &&
				  (size_t)sent < line.len &&
				  (!target->is_syslog || target->is_stream);
	return sent == (ssize_t)line.len;
}

static enum log_layout
layout_of(const struct target *target)
{
	if (!target->is_syslog)
		return target->is_journal ? LOG_LAYOUT_JOURNAL
					  : LOG_LAYOUT_PLAIN;
	return target->is_stream ? LOG_LAYOUT_STREAM : LOG_LAYOUT_PACKET;
}

/*
 * Called with the lock held.  Writes a line, and before it the count of dropped
 * ones.  Returns the number of the line if the writer thread has accepted it,
 * else 0.
 */
static uint64_t
write_lines(struct target *target, enum log_level level, struct str body)
{
	struct log_head head = { .layout = layout_of(target),
		.is_audit = target == &targets[LOG_OF_AUDIT],
		.level = level };
	uint64_t number = 0, missed = atomic_exchange(&target->missed, 0);
	char line[LOG_LINE_SIZE];
	size_t len;

	target->dropped += missed;
	if (missed > 0)
		counter_add(COUNTER_LOG_DROPPED, missed);
	if (target->dropped > 0) {
		len = log_line_dropped(line, head, target->dropped);
		if (put_line(target, (struct str){ line, len }, &number))
			target->dropped = 0;
	}
	len = log_line_write(line, head, body);
	if (!put_line(target, (struct str){ line, len }, &number)) {
		target->dropped++;
		counter_add(COUNTER_LOG_DROPPED, 1);
	}
	return number;
}

void
log_target_write(enum log_which which, enum log_level level, struct str body)
{
	struct target *target = &targets[which];
	uint64_t number;

	if (!lock_target(target)) {
		atomic_fetch_add(&target->missed, 1);
		return;
	}
	number = write_lines(target, level, body);
	unlock_target(target);
	log_writer_wait(target->writer, number);
}

bool
log_target_has_audit(void)
{
	return atomic_load(&has_audit);
}

void
log_target_flush(int timeout_ms)
{
	int64_t until_ms = clock_ms() + timeout_ms;

	for (int i = 0; i < LOGS; i++)
		(void)log_writer_flush(targets[i].writer, until_ms);
}

int
log_target_open_file(const char *path)
{
	const int flags =
	    O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	int fd = open(path, O_RDWR | flags, 0640);

	/*
	 * O_RDWR is for base/log_writer.c, which reads the last byte, and for a
	 * FIFO
	 */
	if (fd < 0)
		fd = open(path, O_WRONLY | flags, 0640);
	return fd;
}

/*
 * True if fd 2 is /dev/null, as spawn-fcgi and lighttpd start their children.
 */
static bool
stderr_is_null(void)
{
	struct stat st;

	return fstat(STDERR_FILENO, &st) != 0 ||
	       (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3));
}

/*
 * True if fd 2 is the stream that systemd has connected to the journal:
 * JOURNAL_STREAM then is its DEVICE:INODE (systemd.exec(5)).
 */
static bool
stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char own[64];
	struct stat st;

	if (stream == NULL || fstat(STDERR_FILENO, &st) != 0)
		return false;
	snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino);
	return strcmp(stream, own) == 0;
}

/* Starts the writer thread when the target is a file for the first time. */
static bool
ensure_writer(struct target *target)
{
	if (target->writer == NULL)
		target->writer = log_writer_open();
	return target->writer != NULL;
}

/*
 * Called with the lock held.  Makes fd the target.  False with errno: the old
 * target stays, and fd is closed.
 */
static bool
set_target(struct target *target, int fd, const char *path)
{
	struct stat st = { .st_size = 0 };
	int former = target->fd, saved_errno;

	if (fd >= 0 && fstat(fd, &st) != 0)
		st.st_mode = 0;
	if (S_ISREG(st.st_mode) && !ensure_writer(target)) {
		saved_errno = errno;
		if (fd != STDERR_FILENO)
			close(fd);
		errno = saved_errno;
		return false;
	}
	if (S_ISREG(st.st_mode))
		log_writer_use(target->writer, fd, path);
	target->is_file = S_ISREG(st.st_mode);
	target->is_socket = S_ISSOCK(st.st_mode);
	target->is_journal = fd == STDERR_FILENO && stderr_is_journal();
	target->is_torn = false;
	target->fd = target->is_file ? -1 : fd;
	snprintf(target->path, sizeof(target->path), "%s", path);
	if (former > STDERR_FILENO)
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

/*
 * Called with the lock held, which it releases.  Makes fd the target and notes
 * its kind.  The results are those of set_target.
 */
static bool
use_target(struct target *target, int fd, const char *path, bool is_syslog,
    bool is_stream)
{
	bool is_set = set_target(target, fd, path);

	if (is_set) {
		target->is_syslog = is_syslog;
		target->is_stream = is_stream;
		target->tried_ms = clock_ms();
	}
	unlock_target(target);
	return is_set;
}

static bool
open_target(struct target *target, const char *name)
{
	bool is_auto = strcmp(name, "auto") == 0;
	bool is_syslog =
	    strcmp(name, "syslog") == 0 || (is_auto && stderr_is_null());
	const char *path = strncmp(name, "file:", 5) == 0 ? name + 5 : "";
	bool is_stream = false;
	int fd;

	if (is_syslog)
		fd = log_syslog_open(&is_stream);
	else
		fd = path[0] != '\0' ? log_target_open_file(path)
				     : open_stderr();
	if (fd < 0 && !is_auto)
		return false;
	return lock_target(target) &&
	       use_target(target, fd, path, is_syslog, is_stream);
}

bool
log_open(const char *target)
{
	return open_target(&targets[LOG_OF_EVENTS], target);
}

bool
log_open_audit(const char *target)
{
	bool is_same = strcmp(target, "same") == 0;

	if (!is_same && !open_target(&targets[LOG_OF_AUDIT], target))
		return false;
	atomic_store(&has_audit, !is_same);
	return true;
}

void
log_target_log_reopened(const char *path, int error)
{
	const char *name = path[0] != '\0' ? path : "stderr";

	if (error == 0)
		log_event(LOG_INFO, "log reopened", log_text("target", name),
		    LOG_END);
	else
		log_event(LOG_WARN, "log not reopened",
		    log_text("target", name),
		    log_text("reason", strerror(error)), LOG_END);
}

/*
 * Called with the lock held.  Reopens a target that is no regular file.  False
 * with errno.
 */
static bool
reopen(struct target *target)
{
	char path[PATH_MAX];
	int fd;

	if (target->is_syslog) {
		target->tried_ms = clock_ms() - SYSLOG_RETRY_MS;
		return reconnect_syslog(target);
	}
	if (target->path[0] == '\0') {
		target->is_journal =
		    target->fd == STDERR_FILENO && stderr_is_journal();
		return true;
	}
	memcpy(path, target->path, sizeof(path));
	fd = log_target_open_file(path);
	return fd >= 0 && set_target(target, fd, path);
}

static void
reopen_target(struct target *target)
{
	char path[PATH_MAX];
	int error = 0;
	bool is_file;

	if (!lock_target(target))
		return;
	is_file = target->is_file;
	if (!is_file && !reopen(target))
		error = errno;
	snprintf(path, sizeof(path), "%s",
	    target->is_syslog ? "syslog" : target->path);
	unlock_target(target);
	if (is_file)
		log_writer_reopen(target->writer);
	else
		log_target_log_reopened(path, error);
}

void
log_reopen(void)
{
	reopen_target(&targets[LOG_OF_EVENTS]);
	if (log_target_has_audit())
		reopen_target(&targets[LOG_OF_AUDIT]);
}
