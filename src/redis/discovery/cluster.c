/* Finds the owner of one slot. */
#include "config.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "redis/discovery/cluster.h"
#include "redis/wire/error_reply.h"
#include "store/keys.h"

enum { HOPS_MAX = 5, HOST_MAX = 256 };

struct cluster {
	struct breaker *breaker;
	struct wire *wire;
	struct arena *names;	     /* holds the key */
	struct arena *arena;	     /* memory of one exchange */
	struct str key;		     /* any key of the slot; never written */
	struct server_address owner; /* the last owner; len 0: none yet */
	char why[WIRE_WHY_MAX];
};

struct cluster *
cluster_open(struct breaker *breaker)
{
	struct cluster *cluster = calloc(1, sizeof(*cluster));

	if (cluster == NULL)
		return NULL;
	cluster->breaker = breaker;
	cluster->wire = wire_open(breaker);
	cluster->names = arena_open();
	cluster->arena = arena_open();
	if (cluster->wire == NULL || cluster->names == NULL ||
	    cluster->arena == NULL) {
		cluster_close(cluster);
		return NULL;
	}
	cluster->key = keys_probe(cluster->names,
	    str_from(breaker_options(breaker)->key_prefix), STR("slot"));
	return cluster;
}

void
cluster_close(struct cluster *cluster)
{
	if (cluster == NULL)
		return;
	wire_close(cluster->wire);
	arena_close(cluster->names);
	arena_close(cluster->arena);
	free(cluster);
}

void
cluster_add_question(struct cluster *cluster, struct wire *wire)
{
	wire_add(wire, STR("GET"), cluster->key);
}

bool
cluster_owns(const struct resp_value *reply)
{
	enum error_meaning meaning;

	if (reply->type != RESP_ERROR)
		return true;
	meaning = error_reply_meaning(reply->text);
	return meaning != ERROR_ELSEWHERE && meaning != ERROR_SERVER &&
	       meaning != ERROR_LINK;
}

bool
cluster_read_moved(struct str text, struct str *host, int *port)
{
	if (!str_eq(str_cut(&text, ' '), STR("MOVED")))
		return false;
	str_cut(&text, ' ');
	return server_address_split(text, host, port);
}

static void
set_port(struct server_address *address, int port)
{
	if (address->sockaddr.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&address->sockaddr)->sin6_port =
		    htons((uint16_t)port);
	else
		((struct sockaddr_in *)&address->sockaddr)->sin_port =
		    htons((uint16_t)port);
}

/*
 * Replaces *address, of a node, by the one that its redirection names.  False:
 * the reply is no redirection, or its host cannot be resolved.
 */
static bool
follow(struct cluster *cluster, struct str text, struct server_address *address)
{
	struct server_address found[SERVER_ADDRESS_MAX];
	struct str host;
	int port;

	if (!cluster_read_moved(text, &host, &port))
		return false;
	if (host.len == 0) {
		set_port(address, port);
		return true;
	}
	if (host.len >= HOST_MAX ||
	    server_address_resolve(
		arena_cstr(cluster->arena, host), port, found) == 0)
		return false;
	*address = found[0];
	return true;
}

enum step { STEP_OWNER, STEP_MOVED, STEP_FAILED };

static enum step
step_fail(struct cluster *cluster, const char *why)
{
	snprintf(cluster->why, sizeof(cluster->why), "%s", why);
	return STEP_FAILED;
}

/*
 * Asks one node.  STEP_MOVED: *address is that of the node to ask next.
 * STEP_FAILED: cluster->why has the reason.
 */
static enum step
ask_node(struct cluster *cluster, struct server_address *address)
{
	const struct breaker_options *options =
	    breaker_options(cluster->breaker);
	struct call call = { .arena = cluster->arena,
		.deadline_ms = INT64_MAX };
	struct resp_value reply;
	enum wire_verdict verdict;

	arena_reset(cluster->arena);
	verdict = wire_connect_to(cluster->wire, &call, address);
	if (verdict == WIRE_DONE) {
		call.deadline_ms = clock_ms() + options->command_ms;
		cluster_add_question(cluster, cluster->wire);
		verdict = wire_converse(cluster->wire, &call, &reply);
	}
	wire_forget(cluster->wire);
	wire_disconnect(cluster->wire);
	if (verdict != WIRE_DONE)
		return step_fail(cluster, wire_why(cluster->wire));
	if (cluster_owns(&reply))
		return STEP_OWNER;
	if (follow(cluster, reply.text, address))
		return STEP_MOVED;
	return step_fail(cluster, arena_cstr(cluster->arena, reply.text));
}

static bool
find_from(struct cluster *cluster, struct server_address address)
{
	for (int i = 0; i <= HOPS_MAX; i++) {
		switch (ask_node(cluster, &address)) {
		case STEP_OWNER:
			cluster->owner = address;
			return true;
		case STEP_MOVED:
			break;
		case STEP_FAILED:
			return false;
		}
	}
	step_fail(cluster, "its nodes redirect in a circle");
	return false;
}

static bool
find_from_host(struct cluster *cluster, struct redis_host host)
{
	struct server_address found[SERVER_ADDRESS_MAX];
	size_t count = server_address_resolve(host.host, host.port, found);

	if (count == 0)
		step_fail(cluster, "its name cannot be resolved");
	for (size_t i = 0; i < count; i++)
		if (find_from(cluster, found[i]))
			return true;
	return false;
}

bool
cluster_find(struct cluster *cluster, struct server_address *address, char *why,
    size_t size)
{
	const struct redis_url *url = breaker_options(cluster->breaker)->url;
	bool is_found =
	    cluster->owner.len != 0 && find_from(cluster, cluster->owner);

	for (size_t i = 0; !is_found && i < url_redis_hosts(url); i++)
		is_found = find_from_host(cluster, url_redis_host(url, i));
	*address = cluster->owner;
	snprintf(why, size, "%s", cluster->why);
	return is_found;
}
