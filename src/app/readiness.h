#ifndef READINESS_H
#define READINESS_H

#include "store/store.h"

/*
 * The state of the stores of a site, for /readyz.  The stores are asked at most
 * once in READINESS_AGE_MS; in between the last report is returned.  One lock
 * guards the report and is not held while the stores are asked.
 */
struct readiness;

enum { READINESS_AGE_MS = 1000, READINESS_WHY_SIZE = 512 };

/* Opens the state, without a report.  NULL: no memory. */
struct readiness *readiness_open(void);
/* Frees the state; NULL is allowed. */
void readiness_close(struct readiness *readiness);

/*
 * The reason why each store does not serve, without secrets; empty: it serves.
 */
struct readiness_report {
	char redis[READINESS_WHY_SIZE], mysql[READINESS_WHY_SIZE];
};

/*
 * Reads the last report, or asks the stores for a new one.  OK: *report is
 * filled.  FULL: there is no free place for SQL (base/places.h).
 */
MUST_CHECK enum result readiness_read(struct readiness *readiness,
    const struct stores *stores, struct call *call,
    struct readiness_report *report);

#endif
