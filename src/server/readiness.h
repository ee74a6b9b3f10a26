#ifndef READINESS_H
#define READINESS_H

#include <stdbool.h>

#include "redis/wire/breaker.h"
#include "server/sites.h"

/* Which stores answer, as far as the process knows without asking them. */
enum ready { READY_REDIS = 1, READY_MYSQL = 2, READY_ALL = 3 };

/* Bits of enum ready; MySQL counts if it answers for every site. */
unsigned int readiness_stores(
    struct breaker *breaker, const struct sites *sites);

/* True if the first probe of each store has a result. */
bool readiness_is_settled(struct breaker *breaker, const struct sites *sites);

/* The state in words, for STATUS= (server/notify.h). */
const char *readiness_words(unsigned int stores);

#endif
