/*
 * A load of so many clients, each of which asks again when it is answered.
 *
 *   load --to unix:PATH|ADDRESS:PORT --speak fcgi|http --requests FILE
 *        --clients N --seconds S [--count N] [--rate N] [--kept] [--once]
 *
 * FILE holds requests as they go over the wire, each behind its length in
 * four bytes, the highest first; they are sent in turn, from the beginning
 * again when they are used up, or with --once no more.  --kept keeps
 * connections, else each request has a new one.  It ends after S seconds or N
 * answers, and prints one line of JSON.  --rate: at most N requests a second;
 * clients that have been answered wait for their turn.
 *
 * One thread, one epoll set: beside the server's own threads it is one more
 * runnable thread, so that the server is never short of requests.
 */
#define _GNU_SOURCE

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "answer.h"
#include "latency.h"

enum { ANSWER_MAX = 16384, STATUS_MAX = 600, EVENTS = 64 };

union address {
	struct sockaddr any;
	struct sockaddr_un un;
	struct sockaddr_in in;
};

struct request {
	const char *bytes;
	size_t len;
};

struct client {
	int fd;	      /* -1: no connection */
	bool is_busy; /* waits for an answer */
	uint64_t asked_us;
	uint64_t answers;
	size_t len;
	char bytes[ANSWER_MAX];
};

struct load {
	/* what was asked for */
	union address address;
	socklen_t address_len;
	bool is_fcgi, is_kept, is_once;
	size_t client_count;
	double seconds;
	uint64_t count;
	double rate; /* requests a second; 0: no limit */
	struct request *requests;
	size_t request_count;
	/* how it goes */
	int epoll;
	struct client *clients;
	struct client **waiting; /* a ring, for a turn: see rate */
	size_t first_waiting, waiting_count;
	uint64_t asked;
	size_t cursor;
	uint64_t answers, failures, begin_us;
	uint64_t statuses[STATUS_MAX];
	struct latency latency;
};

static void
die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(EX_OSERR);
}

static uint64_t
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* A server whose queue is full makes a unix connect wait, which is as well. */
static void
client_connect(struct load *load, struct client *client)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };
	int one = 1;

	client->fd =
	    socket(load->address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd == -1)
		die("socket");
	if (connect(client->fd, &load->address.any, load->address_len) != 0)
		die("connect");
	if (load->address.any.sa_family == AF_INET)
		(void)setsockopt(
		    client->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, client->fd, &event) != 0)
		die("epoll_ctl");
}

static void
client_close(struct client *client)
{
	if (client->fd != -1)
		close(client->fd);
	client->fd = -1;
}

/* False when the requests are used up. */
static bool
client_ask(struct load *load, struct client *client)
{
	const struct request *request;

	if (load->cursor == load->request_count) {
		if (load->is_once)
			return false;
		load->cursor = 0;
	}
	request = &load->requests[load->cursor++];
	client->asked_us = now_us();
	client->is_busy = true;
	client->len = 0;
	if (client->fd == -1)
		client_connect(load, client);
	/* it fits into the socket: one request, nothing else under way */
	if (send(client->fd, request->bytes, request->len, MSG_NOSIGNAL) !=
	    (ssize_t)request->len)
		client->len = 0; /* the end of the stream will tell */
	return true;
}

static void
client_count(struct load *load, struct client *client, int status)
{
	client->is_busy = false;
	client->answers++;
	load->answers++;
	load->statuses[status > 0 && status < STATUS_MAX ? status : 0]++;
	latency_add(&load->latency, now_us() - client->asked_us);
}

static void
client_fail(struct load *load, struct client *client)
{
	load->failures++;
	client_close(client);
	client->is_busy = false;
}

/* Reads what has come; true when the client may ask again. */
static bool
client_read(struct load *load, struct client *client)
{
	enum answer_state state;
	struct answer answer;
	ssize_t got = recv(client->fd, client->bytes + client->len,
	    sizeof(client->bytes) - client->len, MSG_DONTWAIT);

	if (got == -1 && errno == EAGAIN)
		return false;
	if (got <= 0) {
		if (!client->is_busy) { /* an idle one that the server closed */
			client_close(client);
			return false;
		}
		client_fail(load, client);
		return true;
	}
	client->len += (size_t)got;
	state = (load->is_fcgi ? answer_read_fcgi : answer_read_http)(
	    client->bytes, client->len, &answer);
	if (state == ANSWER_MORE && client->len < sizeof(client->bytes))
		return false;
	if (state != ANSWER_WHOLE) {
		client_fail(load, client);
		return true;
	}
	client_count(load, client, answer.status);
	if (!load->is_kept || answer.is_last)
		client_close(client);
	return true;
}

static bool
load_is_over(const struct load *load, size_t busy)
{
	return busy == 0 || (load->count > 0 && load->answers >= load->count) ||
	       (double)(now_us() - load->begin_us) >= load->seconds * 1e6;
}

static void
wait_for_turn(struct load *load, struct client *client)
{
	size_t last = load->first_waiting + load->waiting_count++;

	load->waiting[last % load->client_count] = client;
}

static bool
is_turn(const struct load *load)
{
	return load->rate == 0 ||
	       (double)load->asked <
		   load->rate * (double)(now_us() - load->begin_us) / 1e6;
}

/* Asks for all whose turn it is; returns how many found no request left. */
static size_t
ask_in_turn(struct load *load)
{
	size_t without = 0;

	while (load->waiting_count > 0 && is_turn(load)) {
		struct client *client = load->waiting[load->first_waiting];

		load->first_waiting =
		    (load->first_waiting + 1) % load->client_count;
		load->waiting_count--;
		load->asked++;
		without += !client_ask(load, client);
	}
	return without;
}

static void
load_run(struct load *load)
{
	int wait_ms = load->rate == 0 ? 100 : 1;
	struct epoll_event events[EVENTS];
	size_t busy = load->client_count;

	load->begin_us = now_us();
	for (size_t i = 0; i < load->client_count; i++)
		wait_for_turn(load, &load->clients[i]);
	busy -= ask_in_turn(load);
	while (!load_is_over(load, busy)) {
		int count = epoll_wait(load->epoll, events, EVENTS, wait_ms);

		for (int i = 0; i < count; i++) {
			struct client *client = events[i].data.ptr;

			if (!client_read(load, client))
				continue;
			wait_for_turn(load, client);
			busy -= ask_in_turn(load);
		}
		busy -= ask_in_turn(load);
	}
}

static uint64_t
cpu_us(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) *
		   1000000 +
	       (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/* starved: clients that were never answered while others were. */
static void
load_print(const struct load *load, uint64_t took_us)
{
	const char *comma = "";
	size_t starved = 0;

	for (size_t i = 0; i < load->client_count; i++)
		starved += load->clients[i].answers == 0;
	printf("{\"answers\":%ju,\"failures\":%ju,\"starved\":%zu,"
	       "\"seconds\":%.6f,\"p50_us\":%ju,\"p99_us\":%ju,\"max_us\":%ju,"
	       "\"client_cpu_us\":%ju,\"statuses\":{",
	    (uintmax_t)load->answers, (uintmax_t)load->failures, starved,
	    (double)took_us / 1e6,
	    (uintmax_t)latency_quantile(&load->latency, 0.5),
	    (uintmax_t)latency_quantile(&load->latency, 0.99),
	    (uintmax_t)load->latency.max_us, (uintmax_t)cpu_us());
	for (int i = 0; i < STATUS_MAX; i++) {
		if (load->statuses[i] == 0)
			continue;
		printf("%s\"%d\":%ju", comma, i, (uintmax_t)load->statuses[i]);
		comma = ",";
	}
	puts("}}");
}

/* The file's bytes stay for good, and the requests point into them. */
static void
read_requests(struct load *load, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat stat;
	unsigned char *bytes;
	size_t size, at = 0, room = 0;

	if (fd == -1 || fstat(fd, &stat) != 0)
		die(path);
	size = (size_t)stat.st_size;
	bytes = malloc(size + 1);
	for (ssize_t got; at < size; at += (size_t)got) {
		got = read(fd, bytes + at, size - at);
		if (got <= 0)
			die(path);
	}
	close(fd);
	for (at = 0; at + 4 <= size;) {
		size_t len = (size_t)bytes[at] << 24 |
			     (size_t)bytes[at + 1] << 16 |
			     (size_t)bytes[at + 2] << 8 | bytes[at + 3];

		if (load->request_count == room) {
			room = room ? 2 * room : 64;
			load->requests = reallocarray(
			    load->requests, room, sizeof(*load->requests));
		}
		if (load->requests == NULL || len > size - at - 4)
			die(path);
		load->requests[load->request_count++] =
		    (struct request){ (const char *)bytes + at + 4, len };
		at += 4 + len;
	}
}

static bool
read_address(struct load *load, char *text)
{
	char *colon = strrchr(text, ':');

	if (strncmp(text, "unix:", 5) == 0) {
		load->address.un.sun_family = AF_UNIX;
		load->address_len = sizeof(load->address.un);
		text += 5;
		if (strlen(text) >= sizeof(load->address.un.sun_path))
			return false;
		memcpy(load->address.un.sun_path, text, strlen(text) + 1);
		return true;
	}
	if (colon == NULL)
		return false;
	*colon = '\0';
	load->address.in.sin_family = AF_INET;
	load->address.in.sin_port =
	    htons((uint16_t)strtoul(colon + 1, NULL, 10));
	load->address_len = sizeof(load->address.in);
	return inet_pton(AF_INET, text, &load->address.in.sin_addr) == 1;
}

static bool
read_options(struct load *load, int argc, char **argv)
{
	static const struct option options[] = {
		{ "to", required_argument, NULL, 't' },
		{ "speak", required_argument, NULL, 'p' },
		{ "requests", required_argument, NULL, 'r' },
		{ "clients", required_argument, NULL, 'c' },
		{ "seconds", required_argument, NULL, 's' },
		{ "count", required_argument, NULL, 'n' },
		{ "rate", required_argument, NULL, 'R' },
		{ "kept", no_argument, NULL, 'k' },
		{ "once", no_argument, NULL, 'o' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 't':
			if (!read_address(load, optarg))
				return false;
			break;
		case 'p':
			load->is_fcgi = strcmp(optarg, "fcgi") == 0;
			break;
		case 'r':
			read_requests(load, optarg);
			break;
		case 'c':
			load->client_count = strtoul(optarg, NULL, 10);
			break;
		case 's':
			load->seconds = strtod(optarg, NULL);
			break;
		case 'n':
			load->count = strtoull(optarg, NULL, 10);
			break;
		case 'R':
			load->rate = strtod(optarg, NULL);
			break;
		case 'k':
			load->is_kept = true;
			break;
		case 'o':
			load->is_once = true;
			break;
		default:
			return false;
		}
	}
	return load->address_len > 0 && load->request_count > 0 &&
	       load->client_count > 0 && load->seconds > 0;
}

int
main(int argc, char **argv)
{
	static struct load load;

	if (!read_options(&load, argc, argv)) {
		fputs("load: see the head of load.c\n", stderr);
		return EX_USAGE;
	}
	load.clients = calloc(load.client_count, sizeof(*load.clients));
	load.waiting = calloc(load.client_count, sizeof(struct client *));
	load.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (load.clients == NULL || load.waiting == NULL || load.epoll == -1)
		die("set-up");
	for (size_t i = 0; i < load.client_count; i++)
		load.clients[i].fd = -1;
	load_run(&load);
	load_print(&load, now_us() - load.begin_us);
	return EX_OK;
}
