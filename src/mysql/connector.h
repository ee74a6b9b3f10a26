#ifndef CONNECTOR_H
#define CONNECTOR_H

#include <stdbool.h>

#include "mysql/slots.h"

/*
 * The thread that alone opens links: one at start, others when a worker waits
 * for one, and one from time to time while MySQL is away.  Each change of
 * state is a line in the log.
 */
struct connector;

/* slots stay the caller's.  NULL: no memory or no thread. */
struct connector *connector_open(struct slots *slots);

/* Tells it to leave, and does not wait. */
void connector_stop(struct connector *connector);

/*
 * After connector_stop.  True: it has gone.  False: it hangs in a handshake for
 * longer than the library's time-outs and was left behind, with the slots and
 * all they refer to in its hands; the process is to end.
 */
bool connector_close(struct connector *connector);

#endif
