/*
 * Reading configuration files, which may be pipes or devices; locks of files.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

enum { WAIT_MS = 5000, LOCK_PAUSE_MS = 5 };

/* Returns the number of bytes read, 0 at the end, -1 with errno. */
static ssize_t
read_until(int fd, char *bytes, size_t size, int64_t deadline_ms)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	int ready = poll(&poller, 1, clock_left_ms(deadline_ms));

	if (ready == 0)
		errno = ETIMEDOUT;
	return ready == 1 ? read(fd, bytes, size) : -1;
}

static bool
read_whole(int fd, char *bytes, size_t size, size_t *len)
{
	int64_t deadline_ms = clock_ms() + WAIT_MS;
	ssize_t got = 1;

	*len = 0;
	while (got > 0 && *len < size) {
		got = read_until(fd, bytes + *len, size - *len, deadline_ms);
		if (got > 0)
			*len += (size_t)got;
	}
	if (got > 0)
		errno = EFBIG;
	return got == 0;
}

bool
file_read(const char *path, char *bytes, size_t size, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	bool is_whole = fd >= 0 && read_whole(fd, bytes, size, len);
	int saved_errno = errno;

	if (fd >= 0)
		close(fd);
	errno = saved_errno;
	return is_whole;
}

char *
file_read_new(const char *path, size_t size, size_t *len)
{
	char *bytes = malloc(size);

	if (bytes == NULL || file_read(path, bytes, size, len))
		return bytes;
	free(bytes);
	return NULL;
}

bool
file_lock(int fd, int64_t wait_ms)
{
	int64_t deadline_ms = clock_ms() + wait_ms;

	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK || clock_ms() >= deadline_ms)
			return false;
		poll(NULL, 0, LOCK_PAUSE_MS);
	}
	return true;
}
