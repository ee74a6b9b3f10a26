#ifndef CTL_SCAN_H
#define CTL_SCAN_H

#include "ctl/open.h"

/*
 * Walks over the keys of one kind (config/key_kind.h) with SCAN, COUNT 1000, so
 * that Redis serves others in between.  A key may come twice.
 *
 * visit is called for each batch of keys, given without [redis] key_prefix and
 * kind.  A result other than OK ends the walk and is returned.  ctl->arena is
 * wiped before each batch.  If stderr is a terminal the number of keys is shown
 * there.
 */
enum result scan_keys(struct ctl *ctl, const char *kind,
    enum result (*visit)(
	struct ctl *ctl, void *arg, const struct str *names, size_t count),
    void *arg);

/* The whole key of a name that visit was given, in the arena. */
struct str scan_key(struct ctl *ctl, const char *kind, struct str name);

/* The id in a user's key name, `{id}`; STR_NONE: there is no valid id. */
struct str scan_id(const struct ctl *ctl, struct str name);

#endif
