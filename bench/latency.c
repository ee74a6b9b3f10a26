/* 32 buckets for each power of two, so a bucket is 3 % of what it counts. */
#include "latency.h"

enum { FINE_BITS = 5, FINE = 1 << FINE_BITS };

static unsigned
bucket_of(uint64_t us)
{
	unsigned power, bucket;

	if (us < FINE)
		return (unsigned)us;
	power = 63 - (unsigned)__builtin_clzll(us);
	bucket = (power - FINE_BITS + 1) * FINE +
		 (unsigned)(us >> (power - FINE_BITS)) - FINE;
	return bucket < LATENCY_BUCKETS ? bucket : LATENCY_BUCKETS - 1;
}

/* The middle of a bucket. */
static uint64_t
value_of(unsigned bucket)
{
	unsigned power;

	if (bucket < FINE)
		return bucket;
	power = bucket / FINE - 1;
	return ((uint64_t)(FINE + bucket % FINE) << power) +
	       ((uint64_t)1 << power) / 2;
}

void
latency_add(struct latency *latency, uint64_t us)
{
	latency->counts[bucket_of(us)]++;
	latency->total++;
	if (us > latency->max_us)
		latency->max_us = us;
}

uint64_t
latency_quantile(const struct latency *latency, double share)
{
	uint64_t wanted = (uint64_t)(share * (double)latency->total);
	uint64_t seen = 0;

	for (unsigned i = 0; i < LATENCY_BUCKETS; i++) {
		seen += latency->counts[i];
		if (seen > wanted)
			return value_of(i);
	}
	return latency->max_us;
}
