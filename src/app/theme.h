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
struct theme;

/* What a template may name; sessgate(8), LOGIN PAGE, says what each is. */
enum theme_value {
	/* which page it is: one of these is not empty */
	THEME_LOGIN,  /* the form */
	THEME_USER,   /* who is logged in */
	THEME_LOGOUT, /* the button */
	THEME_NOTE,   /* nothing to fill in: a refusal, or the next */
	THEME_COOKIE_NEEDS_HTTPS,
	/* what may be said on it */
	THEME_MESSAGE,
	THEME_UNAVAILABLE, /* it is a 503 */
	THEME_MINUTES,	   /* how long one has to wait */
	THEME_MOUNT,
	THEME_AGAIN, /* where the login page is, with next */
	THEME_EMAIL,
	THEME_NEXT,
	THEME_REMEMBER,
	THEME_LOGGED_OUT, /* there is no session, or it is over */
	THEME_UNUSABLE,	  /* the request makes no sense here */
	THEME_HOURS,	  /* the same, from two hours on */
	THEME_UNSAVED,	  /* a request with a body was refused */
	THEME_LOGGED_IN_AS,
	THEME_BACK,	  /* where one came from, or what to try again */
	THEME_STILL_OPEN, /* a logout that the store could not be told of */
	THEME_TITLE,	  /* [login] title, the name of the site */
	THEME_FORGOT_URL,
	THEME_LANG,  /* of the page, as `lang` has it */
	THEME_CODES, /* + enum answer: the refusal has that code */
	THEME_VALUES = THEME_CODES + ANSWER_COUNT
};

/* Room for the values of a page: its languages stand behind the others. */
enum { THEME_ROOM = THEME_VALUES + TEMPLATE_LANGUAGES_MAX };

/* The longest values, in bytes; page.c keeps to them. */
enum { THEME_USER_MAX = 256, THEME_EMAIL_MAX = 256 };

/*
 * The template that conf names, or the one that is built in.  NULL: what is
 * wrong is on errors, as `FILE:LINE: words`.  The caller owns it.
 */
struct theme *theme_open(const struct conf *conf, FILE *errors);

/* Takes NULL too. */
void theme_close(struct theme *theme);

/* Status and the headers of every page; there is no body yet. */
void theme_begin(const struct theme *theme, struct reply *reply, int status);

/*
 * The same, and the page, in the language that Accept-Language asks for; values
 * has a value for each name, and room for the languages'.
 */
void theme_write(const struct theme *theme, struct reply *reply, int status,
    struct str accept_language, struct str values[THEME_ROOM]);

/*
 * Would a redirect to this place fit into the header lines that web servers
 * take by default?
 */
bool look_has_room(const struct theme *theme, struct str location);

#endif
