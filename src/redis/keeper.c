/* Probing Redis, and resolving where it is. */
#include "config.h"

#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/clock.h"
#include "base/log.h"
#include "redis/keeper.h"
#include "redis/link.h"

enum {
	START_TRIES = 3,
	PROBE_FIRST_MS = 100,
	PROBE_LAST_MS = 1000,
	JITTER_PERCENT = 20
};

struct keeper {
	struct breaker *breaker;
	struct link *link;
	pthread_t thread;
	unsigned int seed;
};

static socklen_t
resolve_unix(const struct redis_url *url, struct sockaddr_storage *address)
{
	struct sockaddr_un *un = (struct sockaddr_un *)address;

	if (strlen(url->path) >= sizeof(un->sun_path))
		return 0;
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, url->path, strlen(url->path) + 1);
	return sizeof(*un);
}

static socklen_t
resolve_host(const struct redis_url *url, struct sockaddr_storage *address)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *info = NULL;
	char port[8];
	socklen_t len;

	snprintf(port, sizeof(port), "%d", url->port);
	if (getaddrinfo(url->host, port, &hints, &info) != 0)
		return 0;
	memcpy(address, info->ai_addr, info->ai_addrlen);
	len = info->ai_addrlen;
	freeaddrinfo(info);
	return len;
}

/* Anew before each probe: after a fail-over a name may lead elsewhere. */
static bool
resolve(struct breaker *breaker)
{
	const struct redis_url *url = breaker_options(breaker)->url;
	struct sockaddr_storage address = { 0 };
	socklen_t len = url->is_unix ? resolve_unix(url, &address)
				     : resolve_host(url, &address);

	if (len == 0)
		return false;
	breaker_set_address(breaker, &address, len);
	return true;
}

static bool
probe(struct breaker *breaker, struct link *link, char *why, size_t size)
{
	if (resolve(breaker))
		return link_probe(link, why, size);
	snprintf(why, size, "its name cannot be resolved");
	return false;
}

/* So that the gates of many hosts do not knock in step. */
static int64_t
with_jitter(struct keeper *keeper, int64_t pause_ms)
{
	int percent = rand_r(&keeper->seed) % (2 * JITTER_PERCENT + 1);

	return pause_ms * (100 - JITTER_PERCENT + percent) / 100;
}

/* At the start a busy machine gets three tries: nobody is served meanwhile. */
static bool
probe_and_tell(struct keeper *keeper, int tries)
{
	char why[LINK_WHY_MAX] = "";
	bool answers = false;

	while (!answers && tries-- > 0)
		answers =
		    probe(keeper->breaker, keeper->link, why, sizeof(why));
	breaker_probed(keeper->breaker, answers, why);
	return answers;
}

static void *
keeper_thread(void *arg)
{
	struct keeper *keeper = arg;
	int64_t pause_ms = PROBE_FIRST_MS;
	int tries = START_TRIES;

	while (true) {
		if (probe_and_tell(keeper, tries))
			pause_ms = PROBE_FIRST_MS;
		tries = 1;
		if (!breaker_wait_open(keeper->breaker) ||
		    !breaker_wait_until(keeper->breaker,
			clock_ms() + with_jitter(keeper, pause_ms)))
			return NULL;
		pause_ms *= 2;
		if (pause_ms > PROBE_LAST_MS)
			pause_ms = PROBE_LAST_MS;
	}
}

struct keeper *
keeper_open(struct breaker *breaker)
{
	const struct redis_url *url = breaker_options(breaker)->url;
	struct keeper *keeper = calloc(1, sizeof(*keeper));

	if (keeper == NULL)
		return NULL;
	log_event(LOG_INFO, "redis connecting",
	    log_text("server", url->is_unix ? url->path : url->host), LOG_END);
	keeper->breaker = breaker;
	keeper->seed = (unsigned int)clock_ms();
	keeper->link = link_open(breaker);
	if (keeper->link != NULL &&
	    pthread_create(&keeper->thread, NULL, keeper_thread, keeper) == 0)
		return keeper;
	link_close(keeper->link);
	free(keeper);
	return NULL;
}

void
keeper_close(struct keeper *keeper)
{
	if (keeper == NULL)
		return;
	breaker_stop(keeper->breaker);
	pthread_join(keeper->thread, NULL);
	link_close(keeper->link);
	free(keeper);
}

bool
keeper_try(const struct breaker_options *options, char *why, size_t size)
{
	struct breaker *breaker = breaker_open(options);
	struct link *link = breaker != NULL ? link_open(breaker) : NULL;
	bool works = link != NULL && probe(breaker, link, why, size);

	link_close(link);
	breaker_close(breaker);
	return works;
}
