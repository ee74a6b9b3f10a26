/* Opening configuration files that may be pipes or devices. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

enum { WAIT_MS = 5000, COPY_MAX = 64 * 1024 * 1024 };

/*
 * One read(2), once bytes are available.  0: end of file; -1 with errno
 * (ETIMEDOUT at the deadline).
 */
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
copy(int from, int to)
{
	int64_t deadline_ms = clock_ms() + WAIT_MS;
	char bytes[4096];
	size_t total = 0;
	ssize_t got;

	do {
		got = read_until(from, bytes, sizeof(bytes), deadline_ms);
		if (got > 0 && write(to, bytes, (size_t)got) != got)
			got = -1;
		total += got > 0 ? (size_t)got : 0;
	} while (got > 0 && total <= COPY_MAX);
	explicit_bzero(bytes, sizeof(bytes));
	if (got > 0)
		errno = EFBIG;
	return got == 0 && lseek(to, 0, SEEK_SET) == 0;
}

/* Closes fd.  Returns a memfd with its whole content, or -1 with errno. */
static int
take_copy(int fd)
{
	int made = memfd_create("sessgate-file", MFD_CLOEXEC);
	bool is_whole = made >= 0 && copy(fd, made);
	int saved_errno = errno;

	close(fd);
	if (is_whole)
		return made;
	if (made >= 0)
		close(made);
	errno = saved_errno;
	return -1;
}

FILE *
file_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		fd = take_copy(fd);
	return fd < 0 ? NULL : fdopen(fd, "r");
}
