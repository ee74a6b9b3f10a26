#ifndef CTL_SCAN_H
#define CTL_SCAN_H

#include "ctl/open.h"

/*
 * Walks over the keys of one kind (config/key_kind.h) with SCAN, COUNT 1000, so
 * that Redis serves others in between.  A key may come twice.
 *
 * visit is called for each batch of keys, which are without [redis] key_prefix
 * and kind; ctl->arena is wiped after it.  Where stderr is a terminal, the
 * number of keys is shown there while it counts.
 */
enum result scan_keys(struct ctl *ctl, const char *kind,
    enum result (*visit)(
	struct ctl *ctl, void *arg, const struct str *names, size_t count),
    void *arg);

/* The whole key of a name that visit was given, in the arena. */
struct str scan_key(struct ctl *ctl, const char *kind, struct str name);

/* The id in `{id}`, the name of a user's key; STR_NONE: it is none. */
struct str scan_id(const struct ctl *ctl, struct str name);

#endif
