#ifndef SESSION_LIFE_H
#define SESSION_LIFE_H

#include <stdbool.h>
#include <stdint.h>

#include "app/app.h"

/* The lifetime of sessions ([session] life, short, idle, fresh), in ms. */

/*
 * Returns the time from the login to the end of the session, however much it is
 * used.
 */
int64_t session_life_whole_ms(const struct conf *conf, bool is_remembered);

/*
 * Returns the first TTL of the key: whole_ms, or [session] idle if that is
 * shorter.
 */
int64_t session_life_first_ms(const struct conf *conf, int64_t whole_ms);

/* True if the session was opened to outlive the browser (`remember`). */
bool session_life_is_remembered(
    const struct conf *conf, const struct session *session);

/* True if the login is recent enough for [session] fresh. */
bool session_life_is_fresh(
    const struct conf *conf, const struct session *session, int64_t now_ms);

/*
 * The write that is due after a successful check; mostly there is none.
 * ttl_ms: the new TTL of the key; 0: the TTL stays.
 */
struct session_life_touch {
	bool is_due;
	int64_t ttl_ms;
};
struct session_life_touch session_life_touch_of(
    const struct conf *conf, const struct session_facts *facts);

/* Writes the touch if one is due.  A failure leaves the session as it was. */
void session_life_touch(struct context *c, const struct session_facts *facts);

#endif
