#ifndef HANDLE_METRICS_H
#define HANDLE_METRICS_H

#include "app/app.h"

/*
 * GET /metrics: the counters of this host's processes in the text format of
 * Prometheus.  Asks no store and takes no place.
 */
enum result handle_metrics(struct context *c);

#endif
