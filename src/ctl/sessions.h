#ifndef CTL_SESSIONS_H
#define CTL_SESSIONS_H

#include "ctl/open.h"

/*
 * Reads the live sessions of a user, last seen first, at most
 * SESSIONS_LISTED_MAX.  *standing: the generation and the account of the user,
 * and the time.
 */
enum result ctl_sessions_list(struct ctl *ctl, struct str id,
    struct session_list *list, struct session_facts *standing);

/*
 * Ends all sessions of a user: replaces the generation, which makes them
 * invalid, then deletes their records.  *count: the records that existed.
 */
enum result ctl_sessions_end_all(
    struct ctl *ctl, struct str id, int64_t *count);

/* Adds to the counter of ended sessions (ctl/counts.h), prints the number. */
void ctl_sessions_print_ended(struct ctl *ctl, int64_t count);

#endif
