/*
 * Slots of the counters' file: tests whether their processes run, and folds
 * those of dead processes into the past.
 *
 * A slot is folded in four steps.  The process may be killed after any of them:
 *
 *	1. the other copy of the past = this copy + the slot
 *	2. one store of `commit`: that copy is valid, and includes the slot
 *	3. the slot is cleared
 *	4. one store of `commit`: no slot is included any more
 *
 * After step 1 nothing has changed.  After step 2 readers skip the slot, and
 * the next process that has the lock goes on with step 3.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/counter_slots.h"

enum { STAT_SIZE = 1024, FIELDS_TO_START = 19 /* after the state */ };

/*
 * Reads the state of a process and its start in clock ticks since boot
 * (proc(5)).  False: there is no such process, or /proc does not show it.
 */
static bool
read_stat(int64_t pid, char *state, uint64_t *start)
{
	char path[64], text[STAT_SIZE];
	const char *at;
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%lld/stat", (long long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (got <= 0)
		return false;
	text[got] = '\0';
	at = strrchr(text, ')'); /* the name before it may hold one, too */
	if (at == NULL || at[1] != ' ')
		return false;
	*state = at[2];
	for (int i = 0; i < FIELDS_TO_START && at != NULL; i++)
		at = strchr(at + 2, ' ');
	if (at == NULL)
		return false;
	*start = strtoull(at, NULL, 10);
	return true;
}

/* True if the process runs.  Without /proc any process with this id counts. */
static bool
process_is_live(int64_t pid, uint64_t start)
{
	uint64_t found;
	char state;

	if (pid <= 0 || (kill((pid_t)pid, 0) != 0 && errno != EPERM))
		return false;
	if (!read_stat(pid, &state, &found))
		return true;
	return found == start && state != 'Z' && state != 'X';
}

bool
counter_slot_is_live(const struct counter_map *map, int slot)
{
	const struct counter_slot *one = counter_slot_at(map, slot);

	return process_is_live(atomic_load(&one->pid), one->start);
}

uint32_t
counter_slot_blocks(const struct counter_slot *slot)
{
	uint32_t blocks = atomic_load(&slot->blocks);

	return blocks < COUNTER_BLOCKS ? blocks : COUNTER_BLOCKS;
}

uint32_t
counter_slot_sites(
    const struct counter_map *map, const struct counter_slot *slot)
{
	return slot->sites < map->sites ? slot->sites : map->sites;
}

/* Sets `to` to the sum of `from` and the cells of a block (NULL: no block). */
static void
fold_cells(_Atomic uint64_t *to, const _Atomic uint64_t *from,
    const _Atomic uint64_t *block, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t sum =
		    atomic_load_explicit(&from[i], memory_order_relaxed);

		if (block != NULL)
			sum += atomic_load_explicit(
			    &block[i], memory_order_relaxed);
		atomic_store_explicit(&to[i], sum, memory_order_relaxed);
	}
}

/* Performs step 1. */
static void
add_up(
    const struct counter_map *map, unsigned int from, unsigned int to, int slot)
{
	const struct counter_slot *one = counter_slot_at(map, slot);
	uint32_t blocks = counter_slot_blocks(one);
	uint32_t sites = counter_slot_sites(map, one);
	_Atomic uint64_t *sum = counter_past_cells(map, to);

	fold_cells(sum, counter_past_cells(map, from), NULL, COUNTERS);
	for (uint32_t block = 0; block < blocks; block++)
		fold_cells(sum, sum, counter_cells(map, slot, block), COUNTERS);
	for (uint32_t site = 0; site < map->sites; site++) {
		sum = counter_past_site_cells(map, to, site);
		fold_cells(sum, counter_past_site_cells(map, from, site), NULL,
		    SITE_COUNTERS);
		for (uint32_t block = 0; site < sites && block < blocks;
		     block++)
			fold_cells(sum, sum,
			    counter_site_cells(map, slot, site, block),
			    SITE_COUNTERS);
	}
}

/* Performs steps 3 and 4, also for a process that was killed after step 2. */
static void
clear_folded(const struct counter_map *map)
{
	struct counter_commit commit = counter_commit_read(map);
	struct counter_slot *slot;

	if (commit.folded < 0)
		return;
	slot = counter_slot_at(map, commit.folded);
	memset((void *)slot, 0,
	    counter_slot_used(map, counter_slot_sites(map, slot)));
	commit.folded = -1;
	commit.turn++;
	counter_commit_write(map, commit);
}

static void
fold(const struct counter_map *map, int slot)
{
	struct counter_commit commit = counter_commit_read(map);
	unsigned int to = 1 - commit.past;

	add_up(map, commit.past, to, slot);
	commit.past = to;
	commit.folded = slot;
	commit.turn++;
	counter_commit_write(map, commit);
	clear_folded(map);
}

static void
fold_dead(const struct counter_map *map)
{
	clear_folded(map);
	for (int i = 0; i < (int)map->slots; i++) {
		int64_t pid = atomic_load(&counter_slot_at(map, i)->pid);

		if (pid != 0 &&
		    (pid == getpid() || !counter_slot_is_live(map, i)))
			fold(map, i);
	}
}

void
counter_slot_begin(const struct counter_map *map, int slot, uint32_t sites)
{
	struct counter_slot *one = counter_slot_at(map, slot);
	char state;

	if (!read_stat(getpid(), &state, &one->start))
		one->start = 0;
	one->started_s = (int64_t)time(NULL);
	one->sites = sites;
	atomic_store(&one->blocks, 1);
	atomic_store(&one->pid, getpid());
}

/*
 * Reserves the pages before they are used: a full file system would raise
 * SIGBUS later.
 */
int
counter_slots_take(const struct counter_map *map, int fd, uint32_t sites,
    char *why, size_t why_size)
{
	int slot = 0;

	fold_dead(map);
	while (slot < (int)map->slots &&
	       atomic_load(&counter_slot_at(map, slot)->pid) != 0)
		slot++;
	if (slot == (int)map->slots) {
		snprintf(why, why_size, "%u processes count in it already",
		    (unsigned int)map->slots);
		return -1;
	}
	if (fd >= 0 &&
	    fallocate(fd, 0, (off_t)counter_slot_offset(map, slot),
		(off_t)counter_slot_used(map, sites)) != 0 &&
	    errno != EOPNOTSUPP) {
		snprintf(why, why_size, "%s", strerror(errno));
		return -1;
	}
	counter_slot_begin(map, slot, sites);
	return slot;
}
