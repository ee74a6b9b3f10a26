#ifndef LOOK_H
#define LOOK_H

#include <stdio.h>

#include "config/conf.h"
#include "http/answer.h"
#include "http/reply.h"

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
	LOOK_CODES, /* + enum answer: the refusal has that code */
	LOOK_VALUES = LOOK_CODES + ANSWER_COUNT
};

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

/* The same, and the page with a value for each name. */
void look_write(const struct look *look, struct reply *reply, int status,
    const struct str *values);

#endif
