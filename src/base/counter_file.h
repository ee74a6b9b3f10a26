#ifndef COUNTER_FILE_H
#define COUNTER_FILE_H

#include "base/counter_layout.h"

/* The file `counters` in this folder, unless [ops] counters names another. */
#define COUNTER_FILE_FOLDER "/run/sessgate"

enum { COUNTER_PATH_MAX = 1024 };

/*
 * The path that counters_open uses: path, or the file `counters` of the
 * run-time folder of systemd or COUNTER_FILE_FOLDER.  False: it is too long.
 */
bool counter_file_path(const char *path, char found[COUNTER_PATH_MAX]);

/* True if the folder of the path is there and this user may write to it. */
bool counter_file_has_folder(const char *path);

/* The way out where the path has no file that can be used as it is. */
enum counter_file_use {
	COUNTER_FILE_JOIN,  /* make it, or replace one of another table */
	COUNTER_FILE_RENEW, /* replace it in any case */
	COUNTER_FILE_KEEP   /* fail */
};

/*
 * Opens, locks and maps the file at path, made or replaced as `use` says; JOIN
 * also replaces a file without space for `sites` names.  The path is refused if
 * it is anything but a file of counters that this user alone may write.
 * Returns a descriptor for counter_file_unlock.  -1: why has the reason.
 */
int counter_file_open(const char *path, uint32_t sites,
    enum counter_file_use use, struct counter_map *map, char *why,
    size_t why_size);

/*
 * Ends the lock.  To close the descriptor would not do: the mapping keeps what
 * flock(2) has locked.
 */
void counter_file_unlock(int fd);

/*
 * Maps a file for reading, whoever owns it, without its lock.  False: why has
 * the reason, and errno is that of open(2), or 0 if the file is not as it
 * should be.
 */
bool counter_file_read(
    const char *path, struct counter_map *map, char *why, size_t why_size);

/* Memory of the same layout for one process.  False: there is no memory. */
bool counter_file_none(uint32_t sites, struct counter_map *map);

/* Ends a mapping. */
void counter_file_close(struct counter_map *map);

/*
 * True once after the file was cut short under the mapping, which is empty
 * memory since then: its former content is lost.
 */
bool counter_file_was_lost(void);

#endif
