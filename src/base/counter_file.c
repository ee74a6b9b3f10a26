/* Opening, checking and mapping the counters' file. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/counter_file.h"
#include "base/file.h"

enum {
	LOCK_WAIT_MS = 1000,
	TRIES_MAX = 8, /* other processes may replace the file meanwhile */
	SITES_MIN = 8
};

/* The mapping that the handler of SIGBUS replaces by empty memory. */
static char *_Atomic mapped_at;
static _Atomic size_t mapped_size;
static atomic_bool is_lost;

static const char other_version[] = "it is of another version of sessgate";

bool
counter_file_path(const char *path, char found[COUNTER_PATH_MAX])
{
	const char *folder = getenv("RUNTIME_DIRECTORY");
	size_t len;
	int written;

	if (folder == NULL || folder[0] == '\0')
		folder = COUNTER_FILE_FOLDER;
	len = strcspn(folder, ":"); /* may be a list, systemd.exec(5) */
	if (path != NULL && path[0] != '\0')
		written = snprintf(found, COUNTER_PATH_MAX, "%s", path);
	else
		written = snprintf(
		    found, COUNTER_PATH_MAX, "%.*s/counters", (int)len, folder);
	return written < COUNTER_PATH_MAX;
}

bool
counter_file_has_folder(const char *path)
{
	char folder[COUNTER_PATH_MAX];
	char *end;

	snprintf(folder, sizeof(folder), "%s", path);
	end = strrchr(folder, '/');
	if (end == NULL)
		return true;
	*end = '\0';
	return access(folder, W_OK | X_OK) == 0;
}

static int
reject(int fd, const char *reason, char *why, size_t why_size)
{
	snprintf(why, why_size, "%s", reason);
	if (fd >= 0)
		close(fd);
	return -1;
}

static int
reject_errno(int fd, char *why, size_t why_size)
{
	return reject(fd, strerror(errno), why, why_size);
}

/*
 * Handles SIGBUS, which the kernel sends if the file was truncated under the
 * mapping or its file system is full.  The mapping becomes memory of this
 * process, and counting goes on from zero.
 */
static void
on_bus_error(int number, siginfo_t *info, void *context)
{
	char *at = atomic_load(&mapped_at);
	size_t size = atomic_load(&mapped_size);
	char *fault = info->si_addr;

	(void)context;
	if (at == NULL || fault < at || fault >= at + size ||
	    /* cppcheck-suppress leakReturnValNotUsed ; MAP_FIXED */
	    mmap(at, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1,
		0) == MAP_FAILED)
		signal(number, SIG_DFL); /* then the signal ends the process */
	else
		atomic_store(&is_lost, true);
}

bool
counter_file_was_lost(void)
{
	return atomic_exchange(&is_lost, false);
}

static bool
map_memory(int fd, size_t size, int protection, struct counter_map *map)
{
	int flags =
	    fd >= 0 ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	void *at = mmap(NULL, size, protection, flags, fd, 0);

	if (at == MAP_FAILED)
		return false;
	map->head = at;
	map->size = size;
	return true;
}

static bool
map_file(int fd, const struct counter_head *head, int protection,
    struct counter_map *map)
{
	struct sigaction action = { .sa_sigaction = on_bus_error,
		.sa_flags = SA_SIGINFO | SA_NODEFER };

	if (!map_memory(fd, head->size, protection, map))
		return false;
	map->sites = head->sites;
	map->slots = head->slots;
	atomic_store(&mapped_size, map->size);
	atomic_store(&mapped_at, (char *)map->head);
	sigemptyset(&action.sa_mask);
	return sigaction(SIGBUS, &action, NULL) == 0;
}

bool
counter_file_none(uint32_t sites, struct counter_map *map)
{
	if (!map_memory(
		-1, counter_layout_size(sites, 1), PROT_READ | PROT_WRITE, map))
		return false;
	map->sites = sites;
	map->slots = 1;
	counter_layout_init(map->head, sites, 1);
	return true;
}

void
counter_file_close(struct counter_map *map)
{
	if (map->head == NULL)
		return;
	if ((char *)map->head == atomic_load(&mapped_at))
		atomic_store(&mapped_at, NULL);
	munmap(map->head, map->size);
	map->head = NULL;
}

/* Returns NULL, or the fault of the file. */
static const char *
fault_of(const struct stat *file, bool is_to_write)
{
	if (!S_ISREG(file->st_mode))
		return "it is no regular file";
	if (!is_to_write)
		return NULL;
	if (file->st_uid != geteuid())
		return "it belongs to another user";
	if (file->st_nlink > 1)
		return "it has another name too";
	if (file->st_mode & (S_IWGRP | S_IWOTH))
		return "others may write to it";
	return NULL;
}

/* Reads the head.  Returns NULL, or its fault. */
static const char *
read_counter_head(int fd, struct counter_head *head)
{
	if (pread(fd, head, sizeof(*head), 0) != (ssize_t)sizeof(*head) ||
	    !counter_layout_is_ours(head))
		return "it is no file of counters";
	return NULL;
}

static int
open_to(const char *path, int mode, char *why, size_t why_size)
{
	int fd =
	    open(path, mode | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	int saved = errno;

	if (fd < 0)
		snprintf(why, why_size, "%s",
		    saved == ELOOP ? "it is a symbolic link" : strerror(saved));
	errno = saved;
	return fd;
}

static bool
is_still_there(const char *path, const struct stat *file)
{
	struct stat there;

	return lstat(path, &there) == 0 && there.st_dev == file->st_dev &&
	       there.st_ino == file->st_ino;
}

/*
 * Writes the head of an empty file.  The pages of a slot are reserved when a
 * process takes the slot.
 */
static bool
lay_out(int fd, uint32_t sites)
{
	struct counter_head head;
	struct counter_map map = { .sites = sites, .slots = COUNTER_SLOTS };
	off_t size = (off_t)counter_layout_size(sites, COUNTER_SLOTS);
	struct rlimit limit;

	memset(&head, 0, sizeof(head));
	counter_layout_init(&head, sites, COUNTER_SLOTS);
	if (getrlimit(RLIMIT_FSIZE, &limit) == 0 &&
	    limit.rlim_cur < (rlim_t)size) {
		errno = EFBIG; /* ftruncate would raise SIGXFSZ */
		return false;
	}
	return ftruncate(fd, size) == 0 &&
	       (fallocate(fd, 0, 0, (off_t)counter_slot_offset(&map, 0)) == 0 ||
		   errno == EOPNOTSUPP) &&
	       pwrite(fd, &head, sizeof(head), 0) == (ssize_t)sizeof(head);
}

/*
 * Makes a complete file under another name and moves it to path.  If path
 * exists and is_replaced is false, the file there stays, and the result is
 * true, too.  False with errno.
 */
static bool
make(const char *path, uint32_t sites, bool is_replaced)
{
	char other[COUNTER_PATH_MAX + 16];
	bool is_made = false;
	int fd, saved;

	snprintf(other, sizeof(other), "%s.%d", path, (int)getpid());
	(void)unlink(other); /* may be left by a process that was killed */
	fd = open(other, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    S_IRUSR | S_IWUSR);
	if (fd < 0)
		return false;
	if (lay_out(fd, sites))
		is_made = is_replaced ? rename(other, path) == 0
				      : link(other, path) == 0;
	saved = errno;
	(void)unlink(other);
	close(fd);
	errno = saved;
	return is_made || (!is_replaced && errno == EEXIST);
}

static uint32_t
capacity_for(uint32_t sites)
{
	uint32_t capacity = 2 * sites;

	if (capacity < SITES_MIN)
		capacity = SITES_MIN;
	if (capacity > COUNTER_SITES_MAX)
		capacity = COUNTER_SITES_MAX;
	return capacity + 1; /* one more for counts that belong to no site */
}

/*
 * Tries to open the file once.  -1 with why "": another process has changed the
 * file meanwhile, or this one has replaced it; try again.
 */
static int
try_open(const char *path, uint32_t sites, enum counter_file_use use,
    struct counter_map *map, char *why, size_t why_size)
{
	struct counter_head head;
	struct stat file;
	const char *fault;
	bool is_other;
	int fd = open_to(path, O_RDWR, why, why_size);

	if (fd < 0 && (errno != ENOENT || use == COUNTER_FILE_KEEP))
		return -1;
	if (fd < 0)
		return make(path, capacity_for(sites), false)
			   ? reject(-1, "", why, why_size)
			   : reject_errno(-1, why, why_size);
	if (fstat(fd, &file) != 0)
		return reject_errno(fd, why, why_size);
	fault = fault_of(&file, true);
	if (fault == NULL)
		fault = read_counter_head(fd, &head);
	if (fault != NULL)
		return reject(fd, fault, why, why_size);
	if (!file_lock(fd, LOCK_WAIT_MS))
		return reject(
		    fd, "another process holds its lock", why, why_size);
	if (!is_still_there(path, &file))
		return reject(fd, "", why, why_size);
	is_other = head.table != metric_table_hash();
	if (is_other && use == COUNTER_FILE_KEEP)
		return reject(fd, other_version, why, why_size);
	if (use == COUNTER_FILE_RENEW || is_other || head.sites < sites + 1) {
		if (!make(path, capacity_for(sites), true))
			return reject_errno(fd, why, why_size);
		return reject(fd, "", why, why_size);
	}
	if (!counter_layout_fits(&head, (uint64_t)file.st_size))
		return reject(fd, "it has the wrong size", why, why_size);
	if (!map_file(fd, &head, PROT_READ | PROT_WRITE, map))
		return reject_errno(fd, why, why_size);
	return fd;
}

int
counter_file_open(const char *path, uint32_t sites, enum counter_file_use use,
    struct counter_map *map, char *why, size_t why_size)
{
	for (int tries = 0; tries < TRIES_MAX; tries++) {
		int fd = try_open(path, sites, use, map, why, why_size);

		if (fd >= 0 || why[0] != '\0')
			return fd;
		if (use == COUNTER_FILE_RENEW)
			use = COUNTER_FILE_JOIN; /* it has just been replaced */
	}
	return reject(-1, "others replace it all the time", why, why_size);
}

void
counter_file_unlock(int fd)
{
	(void)flock(fd, LOCK_UN);
	close(fd);
}

bool
counter_file_read(
    const char *path, struct counter_map *map, char *why, size_t why_size)
{
	struct counter_head head;
	struct stat file;
	const char *fault = NULL;
	int fd = open_to(path, O_RDONLY, why, why_size);
	bool is_mapped;

	if (fd < 0)
		return false;
	if (fstat(fd, &file) != 0)
		fault = strerror(errno);
	if (fault == NULL)
		fault = fault_of(&file, false);
	if (fault == NULL)
		fault = read_counter_head(fd, &head);
	if (fault == NULL && head.table != metric_table_hash())
		fault = other_version;
	if (fault == NULL &&
	    !counter_layout_fits(&head, (uint64_t)file.st_size))
		fault = "it has the wrong size";
	is_mapped = fault == NULL && map_file(fd, &head, PROT_READ, map);
	if (!is_mapped)
		snprintf(why, why_size, "%s",
		    fault != NULL ? fault : strerror(errno));
	close(fd);
	errno = 0;
	return is_mapped;
}
