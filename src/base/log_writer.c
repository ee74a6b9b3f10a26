/* The only thread that writes to a log file. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log_line.h"
#include "base/log_target.h"
#include "base/log_writer.h"
#include "base/monotonic.h"

enum { BUFFER_SIZE = 128 * 1024 };

/* Consecutive lines, and at most one change of the file between two of them. */
struct batch {
	char lines[BUFFER_SIZE];
	size_t len;
	uint64_t last; /* the number of the last line */
	bool has_change;
	size_t change_at; /* in lines */
	int fd;		  /* the new file; -1: keep the current one */
	bool is_torn;
	bool is_reopened; /* reopen the file (the new one, if fd >= 0) */
	char path[PATH_MAX];
};

static struct {
	pthread_mutex_t lock; /* guards what follows; not held across I/O */
	pthread_cond_t has_work, has_written;
	bool has_thread, is_stuck;
	uint64_t number, written; /* the last line's number: queued, written */
	struct batch *filling;
} queue = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct batch batches[2] = { { .fd = -1 }, { .fd = -1 } };

/* Used by the writer thread only. */
static struct {
	int fd;
	bool is_torn;
	uint64_t dropped;
	char path[PATH_MAX];
} file = { .fd = -1 };

static _Thread_local bool is_writer;

static size_t
count_lines(const char *ptr, size_t len)
{
	size_t lines = 0;

	for (size_t i = 0; i < len; i++)
		lines += ptr[i] == '\n';
	return lines;
}

/* Writes whole lines.  Counts those that the file did not accept in full. */
static void
append_lines(const char *ptr, size_t len)
{
	ssize_t done;

	if (len == 0)
		return;
	if (file.is_torn && write(file.fd, "\n", 1) == 1)
		file.is_torn = false;
	done = file.is_torn ? -1 : write(file.fd, ptr, len);
	if (done > 0)
		file.is_torn = ptr[done - 1] != '\n';
	else
		done = 0;
	file.dropped += count_lines(ptr + done, len - (size_t)done);
}

static void
append_dropped(void)
{
	uint64_t dropped = file.dropped;
	char line[LOG_LINE_SIZE];
	size_t len;

	if (dropped == 0)
		return;
	file.dropped = 0;
	len = log_target_dropped_line(line, LOG_LAYOUT_PLAIN, dropped);
	append_lines(line + 1, len - 1);
	if (file.dropped > 0)
		file.dropped = dropped;
}

static void
use_file(int fd, bool is_torn)
{
	if (file.fd > STDERR_FILENO)
		close(file.fd);
	file.fd = fd;
	file.is_torn = is_torn;
}

static bool
open_anew(void)
{
	int fd;

	if (file.path[0] == '\0')
		return true;
	fd = log_target_open_file(file.path);
	if (fd < 0)
		return false;
	use_file(fd, log_target_is_torn(file.path));
	return true;
}

static void
change_file(const struct batch *batch)
{
	if (batch->fd >= 0) {
		use_file(batch->fd, batch->is_torn);
		snprintf(file.path, sizeof(file.path), "%s", batch->path);
	}
	if (batch->is_reopened)
		log_target_log_reopened(open_anew() ? 0 : errno);
}

static void
write_batch(struct batch *batch)
{
	size_t at = batch->has_change ? batch->change_at : batch->len;

	append_dropped();
	append_lines(batch->lines, at);
	if (batch->has_change)
		change_file(batch);
	append_lines(batch->lines + at, batch->len - at);
}

/*
 * Called under the lock.  Waits for work and swaps the buffers: new lines go to
 * the other one.  Returns the buffer to write.
 */
static struct batch *
take_batch(void)
{
	struct batch *batch = queue.filling;

	while (batch->len == 0 && !batch->has_change)
		pthread_cond_wait(&queue.has_work, &queue.lock);
	queue.filling = &batches[batch == &batches[0]];
	return batch;
}

static void
empty_batch(struct batch *batch)
{
	batch->len = 0;
	batch->has_change = batch->is_reopened = false;
	batch->fd = -1;
}

static void *
writer_thread(void *arg)
{
	is_writer = true;
	pthread_mutex_lock(&queue.lock);
	for (;;) {
		struct batch *batch = take_batch();

		pthread_mutex_unlock(&queue.lock);
		write_batch(batch);
		pthread_mutex_lock(&queue.lock);
		queue.written = batch->last;
		queue.is_stuck = false;
		empty_batch(batch);
		pthread_cond_broadcast(&queue.has_written);
	}
	return arg;
}

/* Blocks all signals in the new thread: the main thread handles them. */
static int
start_thread(void)
{
	sigset_t all, former;
	pthread_t thread;
	int error;

	monotonic_cond_open(&queue.has_work);
	monotonic_cond_open(&queue.has_written);
	queue.filling = &batches[0];
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &former);
	error = pthread_create(&thread, NULL, writer_thread, NULL);
	pthread_sigmask(SIG_SETMASK, &former, NULL);
	if (error == 0)
		pthread_detach(thread);
	queue.has_thread = error == 0;
	return error;
}

/*
 * Called under the lock.  Merges this change of the file with one that is still
 * pending; the merged change precedes all lines since the first.
 */
static struct batch *
note_change(void)
{
	struct batch *batch = queue.filling;

	if (!batch->has_change)
		batch->change_at = batch->len;
	batch->has_change = true;
	batch->last = queue.number;
	pthread_cond_signal(&queue.has_work);
	return batch;
}

bool
log_writer_use(int fd, const char *path, bool is_torn)
{
	struct batch *batch;
	int error = 0;

	pthread_mutex_lock(&queue.lock);
	if (!queue.has_thread)
		error = start_thread();
	if (error == 0) {
		batch = note_change();
		if (batch->fd > STDERR_FILENO)
			close(batch->fd); /* a pending file that got no line */
		batch->fd = fd;
		batch->is_torn = is_torn;
		batch->is_reopened = false;
		snprintf(batch->path, sizeof(batch->path), "%s", path);
	}
	pthread_mutex_unlock(&queue.lock);
	errno = error;
	return error == 0;
}

void
log_writer_reopen(void)
{
	pthread_mutex_lock(&queue.lock);
	note_change()->is_reopened = true;
	pthread_mutex_unlock(&queue.lock);
}

uint64_t
log_writer_put(struct str line)
{
	struct batch *batch;
	uint64_t number = 0;

	pthread_mutex_lock(&queue.lock);
	batch = queue.filling;
	if (line.len <= sizeof(batch->lines) - batch->len) {
		memcpy(batch->lines + batch->len, line.ptr, line.len);
		batch->len += line.len;
		batch->last = number = ++queue.number;
	}
	pthread_cond_signal(&queue.has_work);
	pthread_mutex_unlock(&queue.lock);
	return number;
}

/* Called under the lock. */
static bool
await_line(uint64_t number, int64_t deadline_ms)
{
	while (queue.written < number)
		if (!monotonic_cond_wait(
			&queue.has_written, &queue.lock, deadline_ms))
			return queue.written >= number;
	return true;
}

void
log_writer_wait(uint64_t number)
{
	if (number == 0 || is_writer)
		return;
	pthread_mutex_lock(&queue.lock);
	if (!queue.is_stuck &&
	    !await_line(number, clock_ms() + LOG_WRITER_WAIT_MS))
		queue.is_stuck = true;
	pthread_mutex_unlock(&queue.lock);
}

bool
log_writer_flush(int64_t deadline_ms)
{
	bool is_done;

	pthread_mutex_lock(&queue.lock);
	is_done = !queue.has_thread || await_line(queue.number, deadline_ms);
	pthread_mutex_unlock(&queue.lock);
	return is_done;
}
