#ifndef SESSION_LIFE_H
#define SESSION_LIFE_H

#include <stdbool.h>
#include <stdint.h>

#include "app/app.h"

/* How long sessions live ([session] life, short, idle, fresh). */

/* Of a new one, from its login to its end, however much it is used. */
int64_t session_life_whole_ms(const struct conf *conf, bool is_remembered);

/* Of its key at first: the same, or until it has been idle for too long. */
int64_t session_life_first_ms(const struct conf *conf, int64_t whole_ms);

/* Was it opened to live longer than the browser runs? */
bool session_life_is_remembered(
    const struct conf *conf, const struct session *session);

/* Is the login recent enough for what [session] fresh protects? */
bool session_life_is_fresh(
    const struct conf *conf, const struct session *session, int64_t now_ms);

/*
 * What a check that let facts in has to write; none most of the time.  ttl_ms:
 * how long the key should live from now on, 0 where it will do as it is.
 */
struct session_life_touch {
	bool is_due;
	int64_t ttl_ms;
};
struct session_life_touch session_life_touch_of(
    const struct conf *conf, const struct session_facts *facts);

/* Writes it.  Where that fails the session is as good as before. */
void session_life_touch(struct context *c, const struct session_facts *facts);

#endif
