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

/*
 * Opens and locks the file at path, made if it is not there, and replaced if it
 * is one of another table of metrics or has no space for `sites` names.  The
 * path is refused if it is anything but a file of counters that this user alone
 * may write.  Returns a descriptor, which holds the lock until it is closed;
 * the mapping stays.  -1: why has the reason.
 */
int counter_file_open(const char *path, uint32_t sites, bool is_replaced,
    struct counter_map *map, char *why, size_t why_size);

/*
 * Maps a file for reading, whoever owns it, without its lock.  False: why has
 * the reason; *is_absent: there is no such file.
 */
bool counter_file_read(const char *path, struct counter_map *map,
    bool *is_absent, char *why, size_t why_size);

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
