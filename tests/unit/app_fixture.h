#ifndef APP_FIXTURE_H
#define APP_FIXTURE_H

/* A request at the application, over the stores in memory. */

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "app/attempts.h"
#include "app/readiness.h"
#include "app/theme.h"
#include "app/origin.h"
#include "app/route.h"
#include "memory.h"

#define TOKEN "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
#define COOKIE "__Host-SESSION-TOKEN=" TOKEN

struct fixture {
	struct conf conf;
	struct app app;
	struct theme *theme;
	struct memory memory;
	struct places *places;
	struct place_claims claims;
	struct call call;
	struct request request;
	struct reply reply;
	int64_t not_before_ms; /* the answer would be held back until then */
	char *answer;	       /* rendered, NUL-terminated, in the arena */
};

static inline bool
run_here(void *pool, struct place_claims *claims, const struct hash_job *job)
{
	(void)claims;
	(void)pool;
	job->work(job->arg);
	return true;
}

static inline int
fixture_open(void **state)
{
	static const int sizes[PLACE_KINDS] = { 1, 1 };
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	memory_open(&fixture->memory);
	memory_add_session(&fixture->memory, TOKEN, STR("42"));
	memory_add_user(&fixture->memory, &(struct user){ .id = STR("42"),
					      .login = STR("a@example.org"),
					      .name = STR("A"),
					      .email = STR("a@example.org") });
	fixture->conf = (struct conf){ .server_mount = "/sessgate",
		.server_origins = "",
		.server_allowed_origins = "",
		.session_life_ms = 604800000,
		.session_short_ms = 43200000,
		.login_page = "",
		.login_title = "",
		.login_forgot_url = "",
		.mysql_totp_codes_update = "",
		.login_password_min = 8,
		.cookie_path = "/",
		.cookie_domain = "",
		.gate_login_url = "",
		.cookie_secure = true,
		.effective = { .cookie_name = "__Host-SESSION-TOKEN" } };
	fixture->theme = theme_open(&fixture->conf, stderr);
	assert_non_null(fixture->theme);
	fixture->app = (struct app){ .conf = &fixture->conf,
		.theme = fixture->theme,
		.hash_run = run_here,
		.attempts = attempts_open(),
		.readiness = readiness_open() };
	assert_non_null(fixture->app.attempts);
	fixture->places = places_open(sizes, 4, 1);
	fixture->claims.places = fixture->places;
	fixture->call =
	    (struct call){ .arena = arena_open(), .claims = &fixture->claims };
	*state = fixture;
	return 0;
}

/* "secret" by crypt(3), bcrypt, cost 4 */
#define STORED "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"

/* Opens one whose user has the password "secret". */
static inline int
fixture_open_with_password(void **state)
{
	struct fixture *fixture;

	fixture_open(state);
	fixture = *state;
	fixture->memory.table[0].hash = STR(STORED);
	fixture->conf.login_formats = 1u << CONF_FORMAT_BCRYPT;
	return 0;
}

#define OTHER "other-token-of-the-same-user"

/* Opens one with a second session of the user, from elsewhere. */
static inline int
fixture_open_with_two(void **state, const char *address, const char *agent)
{
	struct fixture *fixture;

	fixture_open(state);
	fixture = *state;
	fixture->conf.session_clock_skew_ms = 60000;
	memory_add_session(&fixture->memory, OTHER, STR("42"));
	fixture->memory.records[1].handle = "abcdefghijklmnop";
	fixture->memory.records[1].facts.session.addr = str_from(address);
	fixture->memory.records[1].facts.session.agent = str_from(agent);
	return 0;
}

static inline int
fixture_close(void **state)
{
	struct fixture *fixture = *state;

	places_give_back(&fixture->claims);
	places_close(fixture->places);
	attempts_close(fixture->app.attempts);
	readiness_close(fixture->app.readiness);
	arena_close(fixture->call.arena);
	theme_close(fixture->theme);
	free(fixture);
	return 0;
}

/* Dispatches fixture->request; the status, or -1 where it is requeued. */
static inline int
fixture_ask(struct fixture *fixture)
{
	struct context context = {
		.app = &fixture->app,
		.request = &fixture->request,
		.reply = &fixture->reply,
		.call = &fixture->call,
		.stores = &fixture->memory.stores,
	};
	struct buf answer = buf_open(fixture->call.arena, 2 * REPLY_MAX);
	struct reply_text text;
	enum result result;

	fixture->reply = reply_open(fixture->call.arena);
	result = route_dispatch(&context);
	fixture->not_before_ms = context.not_before_ms;
	places_give_back(&fixture->claims);
	if (result == RESULT_FULL)
		return -1;
	text = reply_render(&fixture->reply, true);
	buf_add(&answer, text.status);
	buf_add(&answer, text.head);
	buf_add(&answer, text.body);
	fixture->answer = arena_cstr(fixture->call.arena, buf_str(&answer));
	return fixture->reply.status;
}

static inline int
fixture_get(struct fixture *fixture, const char *path, const char *cookie)
{
	fixture->request = (struct request){ .method = STR("GET"),
		.path = str_from(path),
		.cookie = str_from(cookie) };
	return fixture_ask(fixture);
}

static inline int
fixture_post(struct fixture *fixture, const char *path, const char *body)
{
	fixture->request = (struct request){ .method = STR("POST"),
		.path = str_from(path),
		.content_type = STR("application/json"),
		.body = str_from(body) };
	return fixture_ask(fixture);
}

/* The answer holds this text. */
#define assert_answer(fixture, text) \
	assert_row(strstr((fixture)->answer, text) != NULL, (fixture)->answer)
#define assert_no_answer(fixture, text) \
	assert_row(strstr((fixture)->answer, text) == NULL, (fixture)->answer)

#endif
