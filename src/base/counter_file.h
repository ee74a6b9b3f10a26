#ifndef COUNTER_FILE_H
#define COUNTER_FILE_H

#include "base/counter_layout.h"

/*
 * The folder of the file `counters`, unless [ops] counters names another file.
 */
#define COUNTER_FILE_FOLDER "/run/sessgate"

enum { COUNTER_PATH_MAX = 1024 };

/*
 * Finds the path that counters_open uses: path or, if that is NULL or empty,
 * the file `counters` in the run-time folder of systemd or in
 * COUNTER_FILE_FOLDER.  False: it is too long.
 */
bool counter_file_path(const char *path, char found[COUNTER_PATH_MAX]);

/* True if the folder of the path exists and this user may write to it. */
bool counter_file_has_folder(const char *path);

/*
 * The action of counter_file_open if the file is missing, or has another table.
 */
enum counter_file_use {
	COUNTER_FILE_JOIN,  /* create it, or replace one of another table */
	COUNTER_FILE_RENEW, /* create it, or replace it in any case */
	COUNTER_FILE_KEEP   /* fail */
};

/*
 * Opens, locks and maps the file at path, created or replaced as `use` says.
 * JOIN also replaces a file without space for `sites` names.  The path is
 * refused if it is anything but a file of counters that this user alone may
 * write.  Returns a descriptor for counter_file_unlock.  -1: why has the
 * reason.
 */
int counter_file_open(const char *path, uint32_t sites,
    enum counter_file_use use, struct counter_map *map, char *why,
    size_t why_size);

/*
 * Ends the lock and closes the descriptor.  close(2) alone would not end the
 * lock, because the mapping keeps the open file.
 */
void counter_file_unlock(int fd);

/*
 * Maps a file for reading, of any owner and without its lock.  False: why has
 * the reason, and errno is that of open(2), or 0 if the file could be opened.
 */
bool counter_file_read(
    const char *path, struct counter_map *map, char *why, size_t why_size);

/* Makes memory of the same layout for this process alone.  False: no memory. */
bool counter_file_none(uint32_t sites, struct counter_map *map);

/* Ends a mapping. */
void counter_file_close(struct counter_map *map);

/*
 * True once after the file was truncated under the mapping.  The mapping is
 * empty memory from then on, and its former content is lost.
 */
bool counter_file_was_lost(void);

#endif
