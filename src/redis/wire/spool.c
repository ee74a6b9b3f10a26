/* The file of logouts that Redis could not take. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "redis/wire/spool.h"

enum { CRC_LEN = 8 };

/* CRC-32C (RFC 3720, appendix B.4), bit by bit: lines are short and rare. */
static uint32_t
crc32c(struct str s)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < s.len; i++) {
		crc ^= (unsigned char)s.ptr[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0x82f63b78) : 0);
	}
	return ~crc;
}

static int
close_for(int fd, int why)
{
	close(fd);
	errno = why;
	return -1;
}

int
spool_open(const char *path, int64_t wait_ms)
{
	int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 && errno == EROFS) /* it can at least be read */
		fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && !file_lock(fd, wait_ms))
		return close_for(fd, errno);
	return fd;
}

void
spool_close(int fd)
{
	close(fd); /* ends the lock */
}

static int
open_folder(const char *path, int flags)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%.*s",
	    slash == NULL ? 1 : (int)(slash - path + 1),
	    slash == NULL ? "." : path);
	return open(folder, flags | O_CLOEXEC, 0600);
}

/*
 * Syncs the folder of a new file: without that the entry of the file may be
 * lost in a crash of the host.
 */
static bool
sync_folder(const char *path)
{
	int fd = open_folder(path, O_RDONLY | O_DIRECTORY);
	bool is_synced;

	if (fd < 0)
		return false;
	is_synced = fsync(fd) == 0;
	close(fd);
	return is_synced;
}

/* False with errno; EINVAL: it is no regular file. */
static bool
is_regular(int fd)
{
	struct stat is;

	if (fstat(fd, &is) != 0)
		return false;
	errno = EINVAL;
	return S_ISREG(is.st_mode);
}

bool
spool_check(const char *path)
{
	int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return false;
	if (!is_regular(fd)) {
		(void)close_for(fd, errno);
		return false;
	}
	close(fd);
	return sync_folder(path);
}

/*
 * Writes an unnamed file (O_TMPFILE) to the folder, to test if the spool could
 * be created there.
 */
static bool
try_folder(const char *path)
{
	int fd = open_folder(path, O_TMPFILE | O_RDWR);
	bool is_written;

	if (fd < 0)
		return false;
	errno = ENOSPC;
	is_written = write(fd, "\n", 1) == 1 && fdatasync(fd) == 0;
	close(fd);
	return is_written;
}

bool
spool_try(const char *path, int64_t wait_ms)
{
	int fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT && try_folder(path);
	if (!is_regular(fd) || !file_lock(fd, wait_ms)) {
		(void)close_for(fd, errno);
		return false;
	}
	close(fd);
	return true;
}

/*
 * Writes the line and returns its length; 0: it is too long.  is_cut: the file
 * ends within a line, so a line end is written first.
 */
static size_t
write_line(
    char line[SPOOL_LINE_MAX], bool is_cut, const char *site, struct str key)
{
	int start = is_cut ? 1 : 0;
	int len = snprintf(line, SPOOL_LINE_MAX, "%sv1 %s del %.*s %" PRId64,
	    is_cut ? "\n" : "", site, (int)key.len, key.ptr, clock_wall_ms());

	if (len < 0 || len + CRC_LEN + 3 > SPOOL_LINE_MAX)
		return 0;
	len += snprintf(line + len, SPOOL_LINE_MAX - (size_t)len,
	    " %08" PRIx32 "\n",
	    crc32c((struct str){ line + start, (size_t)(len - start) }));
	return (size_t)len;
}

/*
 * Appends a line.  False with errno; a part that was written is removed again.
 */
static bool
append(int fd, const char *site, struct str key)
{
	char line[SPOOL_LINE_MAX], last = '\n';
	struct stat is;
	size_t len;
	int why;

	if (fstat(fd, &is) != 0 ||
	    (is.st_size > 0 && pread(fd, &last, 1, is.st_size - 1) != 1))
		return false;
	len = write_line(line, last != '\n', site, key);
	errno = EFBIG;
	if (len == 0 || is.st_size + (off_t)len > SPOOL_MAX)
		return false;
	errno = ENOSPC;
	if (write(fd, line, len) == (ssize_t)len && fdatasync(fd) == 0)
		return true;
	why = errno;
	(void)!ftruncate(fd, is.st_size);
	errno = why;
	return false;
}

bool
spool_add(const char *path, const char *site, struct str key, int64_t wait_ms)
{
	bool is_written;
	int fd;

	if (path == NULL)
		return false;
	fd = spool_open(path, wait_ms);
	is_written = fd >= 0 && append(fd, site, key);
	if (!is_written)
		log_event(LOG_ERROR, "spool failed", log_text("file", path),
		    log_text("reason", strerror(errno)), LOG_END);
	if (fd >= 0)
		spool_close(fd);
	return is_written;
}

bool
spool_is_empty(const char *path)
{
	struct stat is;

	return path == NULL || stat(path, &is) != 0 || is.st_size == 0;
}

bool
spool_read(int fd, char *bytes, size_t *len)
{
	ssize_t came = 0;

	*len = 0;
	while (*len < SPOOL_MAX && (came = pread(fd, bytes + *len,
					SPOOL_MAX - *len, (off_t)*len)) > 0)
		*len += (size_t)came;
	return came >= 0;
}

bool
spool_clear(int fd)
{
	return ftruncate(fd, 0) == 0 && fdatasync(fd) == 0;
}

/* Removes the last word from *s and returns it. */
static struct str
cut_last(struct str *s)
{
	size_t at = s->len;
	struct str word;

	while (at > 0 && s->ptr[at - 1] != ' ')
		at--;
	word = str_from_byte(*s, at);
	s->len = at > 0 ? at - 1 : 0;
	return word;
}

static bool
read_spool_line(struct str line, struct str *key)
{
	char crc[CRC_LEN + 1];
	struct str found = cut_last(&line);

	snprintf(crc, sizeof(crc), "%08" PRIx32, crc32c(line));
	if (!str_eq(found, str_from(crc)))
		return false;
	(void)cut_last(&line);
	if (!str_eq(str_cut(&line, ' '), STR("v1")))
		return false;
	str_cut(&line, ' ');
	*key = line;
	return str_eq(str_cut(key, ' '), STR("del")) && key->len > 0;
}

bool
spool_next(struct str *text, struct str *key)
{
	while (!str_is_none(*text))
		if (read_spool_line(str_cut(text, '\n'), key))
			return true;
	return false;
}
