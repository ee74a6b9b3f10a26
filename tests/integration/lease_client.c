/*
 * Leases of redis/lease.c at the keyboard of a test: one command a line, one
 * answer a line.
 *
 *	lease_client SOCKET KEY
 *
 *	take MS, seize MS	ok TEXT, or miss FOUND
 *	replace VALUE MS	ok
 *	claim OLD NEW		ok, or miss
 *	release			ok
 *	count TIMES COUNTER	ok: so often reads a number, and writes one
 *more, with the lease held meanwhile and nothing else
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "config/url.h"
#include "redis/discovery/prober.h"
#include "redis/lease.h"

enum { WORDS_MAX = 3, COUNT_LIFE_MS = 10000, DEADLINE_MS = 20000 };

struct client {
	struct link *link;
	struct call call;
	struct str key;
	struct lease lease;
};

static int64_t
number_of(const char *word)
{
	int64_t number = 0;

	(void)str_to_int(str_from(word), 0, INT64_MAX, &number);
	return number;
}

static void
tell(enum result result, struct str text)
{
	printf("%s %.*s\n",
	    result == RESULT_OK	    ? "ok"
	    : result == RESULT_MISS ? "miss"
				    : "down",
	    STR_ARG(text));
	fflush(stdout);
}

static enum result
take_once_free(struct client *client)
{
	const struct timespec pause = { .tv_nsec = 200 * 1000 };
	struct str found;
	enum result result;

	while ((result = lease_take(client->link, &client->call, client->key,
		    COUNT_LIFE_MS, &client->lease, &found)) == RESULT_MISS)
		nanosleep(&pause, NULL);
	return result;
}

static enum result
add_one(struct client *client, struct str counter)
{
	struct call *call = &client->call;
	struct resp_value value;
	int64_t number = 0;
	enum result result;

	link_add(client->link, STR("GET"), counter);
	result = link_exchange(client->link, call, &value);
	if (result != RESULT_OK)
		return result;
	(void)str_to_int(value.text, 0, INT64_MAX, &number);
	link_add(client->link, STR("SET"), counter,
	    buf_int_str(call->arena, number + 1));
	return link_exchange(client->link, call, &value);
}

static enum result
count(struct client *client, int64_t times, struct str counter)
{
	enum result result = RESULT_OK;

	for (int64_t i = 0; result == RESULT_OK && i < times; i++) {
		client->call.deadline_ms = clock_ms() + DEADLINE_MS;
		result = take_once_free(client);
		if (result == RESULT_OK)
			result = add_one(client, counter);
		if (result == RESULT_OK)
			result = lease_release(
			    client->link, &client->call, &client->lease);
	}
	return result;
}

static void
obey(struct client *client, const char *const words[WORDS_MAX])
{
	struct link *link = client->link;
	struct call *call = &client->call;
	struct lease *lease = &client->lease;
	struct str said = str_from(words[0]), text = STR_NONE;
	enum result result = RESULT_FAULT;

	call->deadline_ms = clock_ms() + DEADLINE_MS;
	if (str_eq(said, STR("take")))
		result = lease_take(
		    link, call, client->key, number_of(words[1]), lease, &text);
	else if (str_eq(said, STR("seize")))
		result = lease_seize(
		    link, call, client->key, number_of(words[1]), lease);
	else if (str_eq(said, STR("replace")))
		result = lease_replace(
		    link, call, lease, str_from(words[1]), number_of(words[2]));
	else if (str_eq(said, STR("claim")))
		result = lease_claim(link, call, client->key,
		    str_from(words[1]), str_from(words[2]));
	else if (str_eq(said, STR("release")))
		result = lease_release(link, call, lease);
	else if (str_eq(said, STR("count")))
		result = count(client, number_of(words[1]), str_from(words[2]));
	tell(result, result == RESULT_MISS ? text : lease->text);
}

static void
run(struct client *client)
{
	char line[1024];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		const char *words[WORDS_MAX] = { NULL };
		char *rest = line, *word;
		int found = 0;

		while (
		    found < WORDS_MAX && (word = strsep(&rest, " \n")) != NULL)
			words[found++] = word;
		obey(client, words);
	}
}

int
main(int argc, char **argv)
{
	const struct redis_url url = { .is_unix = true, .path = argv[1] };
	const struct breaker_options options = {
		.url = &url, .connect_ms = 10000, .command_ms = 10000
	};
	struct client client = { .key = str_from(argv[2]) };
	char why[160];
	struct breaker *breaker = breaker_open(&options, why, sizeof(why));
	struct prober *prober = breaker != NULL ? prober_open(breaker) : NULL;

	if (argc != 3 || prober == NULL || !lease_init())
		return EXIT_FAILURE;
	client.link = link_open(breaker);
	client.call.arena = arena_open();
	if (client.link == NULL || client.call.arena == NULL)
		return EXIT_FAILURE;
	run(&client);
	arena_close(client.call.arena);
	link_close(client.link);
	prober_close(prober);
	breaker_close(breaker);
	return EXIT_SUCCESS;
}
