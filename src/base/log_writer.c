/* The only thread that writes to a log file. */
#include "config.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/counters.h"
#include "base/log_line.h"
#include "base/log_target.h"
#include "base/log_writer.h"
#include "base/monotonic.h"
#include "base/thread.h"

enum { BUFFER_SIZE = 128 * 1024 };

/*
 * A buffer of consecutive lines, with at most one change of the file between
 * two of them.
 */
struct batch {
	char lines[BUFFER_SIZE];
	size_t len;
	uint64_t last; /* the number of the last line */
	bool has_change;
	size_t change_at; /* its offset in lines */
	int fd;		  /* the new file; -1: keep the current one */
	bool is_reopened; /* reopen the file (the new one, if fd >= 0) */
	char path[PATH_MAX];
};

/* Used by the writer thread only. */
struct file {
	int fd;
	bool is_torn; /* the last line of this process was cut */
	uint64_t dropped;
	char path[PATH_MAX];
};

struct log_writer {
	pthread_mutex_t lock; /* guards the fields below; not held across I/O */
	pthread_cond_t has_work, has_written;
	bool is_stuck;
	/* numbers of the last line queued, and written */
	uint64_t number, written;
	struct batch *filling;

	struct batch batches[2];
	struct file file;
};

static _Thread_local bool is_writer;

static size_t
count_lines(const char *ptr, size_t len)
{
	size_t lines = 0;

	for (size_t i = 0; i < len; i++)
		lines += ptr[i] == '\n';
	return lines;
}

/*
 * True if the next line would continue a cut one, of this or of another
 * process.
 */
static bool
is_torn(const struct file *file)
{
	/* lseek fails unless fd is a regular file */
	off_t size = lseek(file->fd, 0, SEEK_END);
	char last;

	if (size == 0)
		return false;
	if (size < 0 || pread(file->fd, &last, 1, size - 1) != 1)
		return file->is_torn;
	return last != '\n';
}

/* Ends a line that was cut.  False: it could not be ended. */
static bool
end_torn(struct file *file)
{
	file->is_torn = is_torn(file) && write(file->fd, "\n", 1) != 1;
	return !file->is_torn;
}

/* Writes whole lines.  Counts those that the file did not accept in full. */
static void
append_lines(struct file *file, const char *ptr, size_t len)
{
	ssize_t done = 0;

	if (len == 0)
		return;
	if (end_torn(file))
		done = write(file->fd, ptr, len);
	if (done > 0)
		file->is_torn = ptr[done - 1] != '\n';
	else
		done = 0;
	file->dropped += count_lines(ptr + done, len - (size_t)done);
}

static void
append_dropped(struct file *file)
{
	uint64_t dropped = file->dropped;
	char line[LOG_LINE_SIZE];
	size_t len;

	if (dropped == 0)
		return;
	file->dropped = 0;
	len = log_line_dropped(
	    line, (struct log_head){ .layout = LOG_LAYOUT_PLAIN }, dropped);
	append_lines(file, line + 1, len - 1);
	if (file->dropped > 0)
		file->dropped = dropped;
}

static void
use_file(struct file *file, int fd)
{
	if (file->fd > STDERR_FILENO)
		close(file->fd);
	file->fd = fd;
	file->is_torn = false;
}

static bool
open_anew(struct file *file)
{
	int fd;

	if (file->path[0] == '\0')
		return true;
	fd = log_target_open_file(file->path);
	if (fd < 0)
		return false;
	use_file(file, fd);
	return true;
}

static void
change_file(struct file *file, const struct batch *batch)
{
	if (batch->fd >= 0) {
		use_file(file, batch->fd);
		snprintf(file->path, sizeof(file->path), "%s", batch->path);
	}
	if (batch->is_reopened)
		log_target_log_reopened(
		    file->path, open_anew(file) ? 0 : errno);
}

/* Appends lines of the log, and counts those that were dropped. */
static void
append_counted(struct file *file, const char *ptr, size_t len)
{
	uint64_t before = file->dropped;

	append_lines(file, ptr, len);
	if (file->dropped > before)
		counter_add(COUNTER_LOG_DROPPED, file->dropped - before);
}

static void
write_batch(struct file *file, struct batch *batch)
{
	size_t at = batch->has_change ? batch->change_at : batch->len;

	append_dropped(file);
	append_counted(file, batch->lines, at);
	if (batch->has_change)
		change_file(file, batch);
	append_counted(file, batch->lines + at, batch->len - at);
}

/*
 * Called with the lock held.  Waits for work and swaps the buffers: new lines
 * go to the other one.  Returns the buffer to write.
 */
static struct batch *
take_batch(struct log_writer *writer)
{
	struct batch *batch = writer->filling;

	while (batch->len == 0 && !batch->has_change)
		pthread_cond_wait(&writer->has_work, &writer->lock);
	writer->filling = &writer->batches[batch == &writer->batches[0]];
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
	struct log_writer *writer = arg;

	is_writer = true;
	pthread_mutex_lock(&writer->lock);
	for (;;) {
		struct batch *batch = take_batch(writer);

		pthread_mutex_unlock(&writer->lock);
		write_batch(&writer->file, batch);
		pthread_mutex_lock(&writer->lock);
		writer->written = batch->last;
		writer->is_stuck = false;
		empty_batch(batch);
		pthread_cond_broadcast(&writer->has_written);
	}
	return arg;
}

struct log_writer *
log_writer_open(void)
{
	struct log_writer *writer = calloc(1, sizeof(*writer));
	pthread_t thread;

	if (writer == NULL)
		return NULL;
	pthread_mutex_init(&writer->lock, NULL);
	monotonic_cond_open(&writer->has_work);
	monotonic_cond_open(&writer->has_written);
	empty_batch(&writer->batches[0]);
	empty_batch(&writer->batches[1]);
	writer->file.fd = -1;
	writer->filling = &writer->batches[0];
	if (thread_start(&thread, writer_thread, writer)) {
		pthread_detach(thread);
		return writer;
	}
	free(writer);
	return NULL;
}

/*
 * Called with the lock held.  Notes that the file changes after the lines
 * queued so far.  If a change is pending already, the two become one, at the
 * place of the first.  Returns the buffer, in which the caller describes the
 * change.
 */
static struct batch *
note_change(struct log_writer *writer)
{
	struct batch *batch = writer->filling;

	if (!batch->has_change)
		batch->change_at = batch->len;
	batch->has_change = true;
	batch->last = writer->number;
	pthread_cond_signal(&writer->has_work);
	return batch;
}

void
log_writer_use(struct log_writer *writer, int fd, const char *path)
{
	struct batch *batch;

	pthread_mutex_lock(&writer->lock);
	batch = note_change(writer);
	if (batch->fd > STDERR_FILENO)
		close(batch->fd); /* a pending file without a line */
	batch->fd = fd;
	batch->is_reopened = false;
	snprintf(batch->path, sizeof(batch->path), "%s", path);
	pthread_mutex_unlock(&writer->lock);
}

void
log_writer_reopen(struct log_writer *writer)
{
	pthread_mutex_lock(&writer->lock);
	note_change(writer)->is_reopened = true;
	pthread_mutex_unlock(&writer->lock);
}

uint64_t
log_writer_put(struct log_writer *writer, struct str line)
{
	struct batch *batch;
	uint64_t number = 0;

	pthread_mutex_lock(&writer->lock);
	batch = writer->filling;
	if (line.len <= sizeof(batch->lines) - batch->len) {
		memcpy(batch->lines + batch->len, line.ptr, line.len);
		batch->len += line.len;
		batch->last = number = ++writer->number;
	}
	pthread_cond_signal(&writer->has_work);
	pthread_mutex_unlock(&writer->lock);
	return number;
}

/*
 * Called with the lock held.  Waits until the line with this number is written.
 * False: deadline_ms (clock_ms) has passed.
 */
static bool
await_line(struct log_writer *writer, uint64_t number, int64_t deadline_ms)
{
	while (writer->written < number)
		if (!monotonic_cond_wait(
			&writer->has_written, &writer->lock, deadline_ms))
			return writer->written >= number;
	return true;
}

void
log_writer_wait(struct log_writer *writer, uint64_t number)
{
	if (number == 0 || is_writer)
		return;
	pthread_mutex_lock(&writer->lock);
	if (!writer->is_stuck &&
	    !await_line(writer, number, clock_ms() + LOG_WRITER_WAIT_MS))
		writer->is_stuck = true;
	pthread_mutex_unlock(&writer->lock);
}

bool
log_writer_flush(struct log_writer *writer, int64_t deadline_ms)
{
	bool is_done;

	if (writer == NULL)
		return true;
	pthread_mutex_lock(&writer->lock);
	is_done = await_line(writer, writer->number, deadline_ms);
	pthread_mutex_unlock(&writer->lock);
	return is_done;
}
