/* How long answers took: a histogram of microseconds, 3 % fine. */
#ifndef LATENCY_H
#define LATENCY_H

#include <stdint.h>

enum { LATENCY_BUCKETS = 1024 };

struct latency {
	uint64_t counts[LATENCY_BUCKETS];
	uint64_t total;
	uint64_t max_us;
};

void latency_add(struct latency *latency, uint64_t us);

/* The time that this share of the answers, 0 to 1, did not exceed; 0: none. */
uint64_t latency_quantile(const struct latency *latency, double share);

#endif
