#ifndef READINESS_H
#define READINESS_H

#include "store/store.h"

/*
 * The state of the stores of a site, for /readyz.  They are asked once in
 * READINESS_AGE_MS at most, however often somebody wants to know; meanwhile
 * the last answer counts.  One lock, not held while they are asked.
 */
struct readiness;

enum { READINESS_AGE_MS = 1000, READINESS_WHY_SIZE = 512 };

/* NULL: no memory. */
struct readiness *readiness_open(void);
/* Accepts NULL. */
void readiness_close(struct readiness *readiness);

/* The reason why a store does not serve, without secrets; empty: it does. */
struct readiness_report {
	char redis[READINESS_WHY_SIZE], mysql[READINESS_WHY_SIZE];
};

/* FULL: no place for SQL (base/places.h).  OK: *report is filled. */
MUST_CHECK enum result readiness_read(struct readiness *readiness,
    const struct stores *stores, struct call *call,
    struct readiness_report *report);

#endif
