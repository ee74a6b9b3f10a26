/* One way to find the primary for each kind of URL. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "redis/discovery/cluster.h"
#include "redis/discovery/finder.h"
#include "redis/discovery/sentinels.h"

struct finder {
	const struct redis_url *url;
	struct sentinels *sentinels; /* REDIS_SENTINEL only */
	struct cluster *cluster;     /* REDIS_CLUSTER only */
};

struct finder *
finder_open(struct breaker *breaker)
{
	struct finder *finder = calloc(1, sizeof(*finder));

	if (finder == NULL)
		return NULL;
	finder->url = breaker_options(breaker)->url;
	if (finder->url->way == REDIS_SENTINEL)
		finder->sentinels = sentinels_open(breaker);
	else if (finder->url->way == REDIS_CLUSTER)
		finder->cluster = cluster_open(breaker);
	if (finder->url->way == REDIS_DIRECT || finder->sentinels != NULL ||
	    finder->cluster != NULL)
		return finder;
	free(finder);
	return NULL;
}

void
finder_close(struct finder *finder)
{
	if (finder == NULL)
		return;
	sentinels_close(finder->sentinels);
	cluster_close(finder->cluster);
	free(finder);
}

size_t
finder_find(struct finder *finder,
    struct server_address found[SERVER_ADDRESS_MAX], char *why, size_t size)
{
	const struct redis_url *url = finder->url;

	if (finder->sentinels != NULL)
		return sentinels_find(finder->sentinels, found, why, size);
	if (finder->cluster != NULL)
		return cluster_find(finder->cluster, found, why, size);
	if (url->is_unix) {
		snprintf(why, size, "its path is too long");
		return server_address_of_path(url->path, found);
	}
	snprintf(why, size, "its name cannot be resolved");
	return server_address_resolve(url->host, url->port, found);
}

bool
finder_names(const struct finder *finder, const struct server_address *address)
{
	return finder->sentinels == NULL ||
	       sentinels_names(finder->sentinels, address);
}

bool
finder_is_down(const struct finder *finder)
{
	return finder->sentinels != NULL &&
	       sentinels_is_down(finder->sentinels);
}

bool
finder_promoted(const struct finder *finder, struct server_address *promoted)
{
	return finder->sentinels != NULL &&
	       sentinels_promoted(finder->sentinels, promoted);
}

void
finder_follow_promoted(struct finder *finder)
{
	sentinels_follow_promoted(finder->sentinels);
}

int
finder_add_probe(struct finder *finder, struct wire *wire)
{
	if (finder->cluster == NULL)
		return 0;
	cluster_add_question(finder->cluster, wire);
	return 1;
}

bool
finder_accepts(const struct resp_value *reply)
{
	return cluster_owns(reply);
}
