#ifndef CONNECTOR_H
#define CONNECTOR_H

#include <stdbool.h>

#include "mysql/slots.h"

/*
 * The only thread that opens links: the first at the start, others when a
 * worker waits for a link.  While MySQL is unavailable it tries again after
 * each delay of the breaker.  Each change of state is logged.
 */
struct connector;

/* The slots must outlive the connector.  NULL: no memory or no thread. */
struct connector *connector_open(struct slots *slots);

/* Asks the thread to stop; does not wait. */
void connector_stop(struct connector *connector);

/*
 * Call after connector_stop.  True: the thread has ended.  False: it hangs in a
 * handshake beyond all time-outs and was detached.  It still uses the slots and
 * everything they point to, so free none of it; the process is about to exit.
 */
bool connector_close(struct connector *connector);

#endif
