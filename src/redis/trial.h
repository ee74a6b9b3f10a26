#ifndef TRIAL_H
#define TRIAL_H

#include <stdbool.h>
#include <stddef.h>

#include "config/conf.h"
#include "redis/wire/link.h"

/*
 * Does Redis do for us what the program needs of it?  Every command is sent as
 * the program sends it, to keys of every kind that no session, user or limit
 * has (their names are random), so that it changes nothing but a probe key,
 * which is deleted again.
 */

/*
 * For /readyz: the time, and a write and a DEL of the probe key.  DOWN as
 * link_exchange says, with its line in the log.
 */
MUST_CHECK enum result trial_write(
    struct link *link, struct call *call, struct str prefix);

/*
 * For --check-config: all commands, then scripts.  False: why says which
 * command on which kind of key is refused, and with which words.  True: all
 * works; notice, where it is not empty, says what works less well (scripts
 * that are refused).
 */
bool trial_all(struct link *link, const struct conf *conf, char *why,
    size_t why_size, char *notice, size_t notice_size);

/*
 * For --check-config: is a session without the member "v" among those that
 * SCAN names first?  A Node application wrote it, or [session] key = plain.
 * False too where SCAN is not allowed.
 */
bool trial_finds_plain(struct link *link, const struct conf *conf);

#endif
