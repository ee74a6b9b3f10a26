/*
 * Preloaded into a program under test: the n-th allocation from now on fails,
 * once.  n stands in the file that FAIL_AT names, as an int; below 0 none does.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static _Atomic int *left;
static void *(*next_malloc)(size_t);
static void *(*next_calloc)(size_t, size_t);
static void *(*next_realloc)(void *, size_t);
static char early[4096]; /* dlsym itself wants a little */
static size_t early_used;

__attribute__((constructor)) static void
begin(void)
{
	const char *path = getenv("FAIL_AT");
	int fd = path != NULL ? open(path, O_RDWR) : -1;
	void *map;

	next_malloc = dlsym(RTLD_NEXT, "malloc");
	next_realloc = dlsym(RTLD_NEXT, "realloc");
	next_calloc = dlsym(RTLD_NEXT, "calloc");
	if (fd < 0)
		return;
	map =
	    mmap(NULL, sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (map != MAP_FAILED)
		left = map;
}

static int
fails(void)
{
	if (left == NULL || *left < 0 || (*left)-- != 0)
		return 0;
	errno = ENOMEM;
	return 1;
}

void *
malloc(size_t size)
{
	if (next_malloc == NULL)
		begin();
	return fails() ? NULL : next_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
	if (next_calloc == NULL) {
		early_used += (count * size + 15) / 16 * 16;
		return early_used <= sizeof(early)
			   ? early + early_used - (count * size + 15) / 16 * 16
			   : NULL;
	}
	return fails() ? NULL : next_calloc(count, size);
}

void *
realloc(void *old, size_t size)
{
	if (next_realloc == NULL)
		begin();
	return fails() ? NULL : next_realloc(old, size);
}
