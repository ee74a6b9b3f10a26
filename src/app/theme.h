#ifndef THEME_H
#define THEME_H

#include <stdio.h>

#include "config/conf.h"
#include "http/answer.h"
#include "http/reply.h"
#include "http/template.h"

/*
 * What all pages look like: one template, [login] page, and the headers that
 * go with it.  Read once at start, immutable, shared by all threads.
 */
struct look;

/* What a template may name; sessgate(8), LOGIN PAGE, says what each is. */
enum look_value {
	/* which page it is: one of these is not empty */
	LOOK_LOGIN,  /* the form */
	LOOK_USER,   /* who is logged in */
	LOOK_LOGOUT, /* the button */
	LOOK_NOTE,   /* nothing to fill in: a refusal, or the next */
	LOOK_COOKIE_NEEDS_HTTPS,
	/* what may be said on it */
	LOOK_MESSAGE,
	LOOK_UNAVAILABLE, /* it is a 503 */
	LOOK_MINUTES,	  /* how long one has to wait */
	LOOK_MOUNT,
	LOOK_AGAIN, /* where the login page is, with next */
	LOOK_EMAIL,
	LOOK_NEXT,
	LOOK_REMEMBER,
	LOOK_LOGGED_OUT, /* there is no session, or it is over */
	LOOK_UNUSABLE,	 /* the request makes no sense here */
	LOOK_HOURS,	 /* the same, from two hours on */
	LOOK_UNSAVED,	 /* a request with a body was refused */
	LOOK_LOGGED_IN_AS,
	LOOK_BACK,	 /* where one came from, or what to try again */
	LOOK_STILL_OPEN, /* a logout that the store could not be told of */
	LOOK_TITLE,	 /* [login] title, the name of the site */
	LOOK_FORGOT_URL,
	LOOK_LANG,  /* of the page, as `lang` has it */
	LOOK_CODES, /* + enum answer: the refusal has that code */
	LOOK_VALUES = LOOK_CODES + ANSWER_COUNT
};

/* Room for the values of a page: its languages stand behind the others. */
enum { LOOK_ROOM = LOOK_VALUES + TEMPLATE_LANGUAGES_MAX };

/* The longest values, in bytes; page.c keeps to them. */
enum { LOOK_USER_MAX = 256, LOOK_EMAIL_MAX = 256 };

/*
 * The template that conf names, or the one that is built in.  NULL: what is
 * wrong is on errors, as `FILE:LINE: words`.  The caller owns it.
 */
struct look *look_open(const struct conf *conf, FILE *errors);

/* Takes NULL too. */
void look_close(struct look *look);

/* Status and the headers of every page; there is no body yet. */
void look_begin(const struct look *look, struct reply *reply, int status);

/*
 * The same, and the page, in the language that Accept-Language asks for; values
 * has a value for each name, and room for the languages'.
 */
void look_write(const struct look *look, struct reply *reply, int status,
    struct str accept_language, struct str values[LOOK_ROOM]);

/*
 * Would a redirect to this place fit into the header lines that web servers
 * take by default?
 */
bool look_has_room(const struct look *look, struct str location);

#endif
