/* The limit of open files. */
#include "config.h"

#include <sys/resource.h>

#include "base/log.h"
#include "server/descriptors.h"

enum { BESIDE = 64, CONNECTIONS_MIN = 16 };

/*
 * Returns the number of descriptors that are needed besides those of
 * connections: for stores, workers, the log.
 */
static rlim_t
needed_beside(const struct conf_all *conf)
{
	const struct conf *common = &conf->common;

	return (rlim_t)common->server_workers * 2 +
	       (rlim_t)(common->mysql_connections * 2) *
		   (rlim_t)conf_count(conf) +
	       BESIDE;
}

/* Raises RLIMIT_NOFILE to wanted, if allowed.  Returns the effective limit. */
static rlim_t
raise_limit(rlim_t wanted)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return wanted;
	if (limit.rlim_cur >= wanted)
		return limit.rlim_cur;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		getrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_cur;
}

int
descriptors_for_connections(const struct conf_all *conf)
{
	int connections = conf->common.server_connections;
	rlim_t beside = needed_beside(conf);
	rlim_t wanted = (rlim_t)connections + beside;
	rlim_t limit = raise_limit(wanted);

	if (limit >= wanted)
		return connections;
	connections = limit > beside + CONNECTIONS_MIN ? (int)(limit - beside)
						       : CONNECTIONS_MIN;
	if (connections > conf->common.server_connections)
		connections = conf->common.server_connections;
	log_event(LOG_WARN, "descriptors few", log_num("limit", (int64_t)limit),
	    log_num("wanted", (int64_t)wanted),
	    log_num("connections", connections), LOG_END);
	return connections;
}
