#ifndef STORES_UP_H
#define STORES_UP_H

#include <stdbool.h>

#include "redis/wire/breaker.h"
#include "server/sites.h"

/* The stores that answer, as far as the process knows without asking them. */
enum store_up { UP_REDIS = 1, UP_MYSQL = 2, UP_ALL = 3 };

/*
 * Returns bits of enum store_up.  UP_MYSQL is set if MySQL answers for every
 * site.
 */
unsigned int stores_up_now(
    const struct breaker *breaker, const struct sites *sites);

/* True if the first probe of each store has a result. */
bool stores_up_are_known(
    const struct breaker *breaker, const struct sites *sites);

/* Returns the state in words, for STATUS= (server/notify.h). */
const char *stores_up_words(unsigned int stores);

#endif
