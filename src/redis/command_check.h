#ifndef COMMAND_CHECK_H
#define COMMAND_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "config/conf.h"
#include "redis/wire/link.h"

/*
 * Checks whether Redis allows all commands that the program uses.  Each is sent
 * as the program sends it, to keys of every kind with random names, which no
 * session, user or limit has.  So nothing changes except a probe key, which is
 * deleted again.
 */

/*
 * For /readyz: runs TIME, and a SET and a DEL of the probe key.  DOWN as in
 * link_exchange, which logs the error; then *why, in call->arena, has the
 * reason in the words of --check-config (prober_try, command_check_all).
 * FAULT: no randomness for the name of the key.
 */
MUST_CHECK enum result command_check_write(
    struct link *link, struct call *call, struct str prefix, struct str *why);

/*
 * For --check-config: all commands, then scripts.  False: why names the refused
 * command, the kind of key, and the error.  True: all needed commands work;
 * notice, if not empty, names an optional one that does not (scripts).
 */
bool command_check_all(struct link *link, const struct conf *conf, char *why,
    size_t why_size, char *notice, size_t notice_size);

/*
 * For --check-config: true if a session without the member "v" is among the
 * first that SCAN returns.  Such a session was written by a Node application,
 * or with [session] key = plain.  False too if SCAN is forbidden.
 */
bool command_check_finds_plain(struct link *link, const struct conf *conf);

/*
 * Lists what a Redis ACL has to allow: the rows of command_check_all, and the
 * commands of other links and of transactions, which it cannot try.  visit gets
 * the key patterns without [redis] key_prefix (`sess:*`), then the commands as
 * an ACL has them (`get`, `client|id`), then the channels; each once.
 */
enum command_right {
	COMMAND_RIGHT_KEY,
	COMMAND_RIGHT_COMMAND,
	COMMAND_RIGHT_CHANNEL
};
void command_check_rights(
    void (*visit)(void *arg, enum command_right kind, struct str right),
    void *arg);

/* Lists the further commands that sessgatectl needs. */
void command_check_admin_rights(
    void (*visit)(void *arg, enum command_right kind, struct str right),
    void *arg);

#endif
