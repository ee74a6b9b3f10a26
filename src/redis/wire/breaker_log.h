#ifndef BREAKER_LOG_H
#define BREAKER_LOG_H

#include "base/log.h"
#include "redis/wire/breaker.h"

/*
 * Logs a change of state, with the name of the server, its current address and
 * the reason.  Called without the lock of the breaker.
 */
void breaker_log(struct breaker *breaker, enum log_level level,
    const char *words, const char *reason);

/*
 * Logs `redis ready`; over TLS with the protocol and the date at which the
 * certificate expires.
 */
void breaker_log_ready(struct breaker *breaker);

#endif
