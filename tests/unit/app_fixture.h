#ifndef APP_FIXTURE_H
#define APP_FIXTURE_H

/* A request at the application, over the stores in memory. */

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "app/attempts.h"
#include "app/theme.h"
#include "app/origin.h"
#include "app/route.h"
#include "memory.h"

#define TOKEN "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
#define COOKIE "__Host-SESSION-TOKEN=" TOKEN

struct desk {
	struct conf conf;
	struct app app;
	struct look *look;
	struct memory memory;
	struct places *places;
	struct place_desk place_desk;
	struct call call;
	struct request request;
	struct reply reply;
	int64_t not_before_ms; /* the answer would be held back until then */
	char *answer;	       /* rendered, NUL-terminated, in the arena */
};

static inline bool
run_here(void *pool, const struct hash_job *job)
{
	(void)pool;
	job->work(job->arg);
	return true;
}

static inline int
desk_open(void **state)
{
	static const int sizes[PLACE_KINDS] = { 1, 1 };
	struct desk *desk = calloc(1, sizeof(*desk));

	memory_open(&desk->memory);
	memory_add_session(&desk->memory, TOKEN, STR("42"));
	memory_add_user(&desk->memory, &(struct user){ .id = STR("42"),
					   .login = STR("a@example.org"),
					   .name = STR("A"),
					   .email = STR("a@example.org") });
	desk->conf = (struct conf){ .server_mount = "/sessgate",
		.server_origins = "",
		.server_allowed_origins = "",
		.session_life_ms = 604800000,
		.session_short_ms = 43200000,
		.login_page = "",
		.login_title = "",
		.login_forgot_url = "",
		.login_password_min = 8,
		.cookie_path = "/",
		.cookie_domain = "",
		.gate_login_url = "",
		.cookie_secure = true,
		.in_force = { .cookie_name = "__Host-SESSION-TOKEN" } };
	desk->look = look_open(&desk->conf, stderr);
	assert_non_null(desk->look);
	desk->app = (struct app){ .conf = &desk->conf,
		.look = desk->look,
		.hash_run = run_here,
		.attempts = attempts_open() };
	assert_non_null(desk->app.attempts);
	desk->places = places_open(sizes, 4, 1);
	desk->place_desk.places = desk->places;
	desk->call =
	    (struct call){ .arena = arena_open(), .desk = &desk->place_desk };
	*state = desk;
	return 0;
}

static inline int
desk_close(void **state)
{
	struct desk *desk = *state;

	places_give_back(&desk->place_desk);
	places_close(desk->places);
	attempts_close(desk->app.attempts);
	arena_close(desk->call.arena);
	look_close(desk->look);
	free(desk);
	return 0;
}

/* Dispatches desk->request; the status, or -1 where it steps back. */
static inline int
desk_ask(struct desk *desk)
{
	struct context context = {
		.app = &desk->app,
		.request = &desk->request,
		.reply = &desk->reply,
		.call = &desk->call,
		.stores = &desk->memory.stores,
	};
	struct buf answer = buf_open(desk->call.arena, 2 * REPLY_MAX);
	struct reply_text text;
	enum result result;

	desk->reply = reply_open(desk->call.arena);
	result = route_dispatch(&context);
	desk->not_before_ms = context.not_before_ms;
	places_give_back(&desk->place_desk);
	if (result == RESULT_FULL)
		return -1;
	text = reply_render(&desk->reply, true);
	buf_add(&answer, text.head);
	buf_add(&answer, text.body);
	desk->answer = arena_cstr(desk->call.arena, buf_str(&answer));
	return desk->reply.status;
}

static inline int
desk_get(struct desk *desk, const char *path, const char *cookie)
{
	desk->request = (struct request){ .method = STR("GET"),
		.path = str_from(path),
		.cookie = str_from(cookie) };
	return desk_ask(desk);
}

static inline int
desk_post(struct desk *desk, const char *path, const char *body)
{
	desk->request = (struct request){ .method = STR("POST"),
		.path = str_from(path),
		.content_type = STR("application/json"),
		.body = str_from(body) };
	return desk_ask(desk);
}

/* The answer holds this text. */
#define assert_answer(desk, text) \
	assert_row(strstr((desk)->answer, text) != NULL, (desk)->answer)
#define assert_no_answer(desk, text) \
	assert_row(strstr((desk)->answer, text) == NULL, (desk)->answer)

#endif
