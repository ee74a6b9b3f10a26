#ifndef THEME_H
#define THEME_H

#include <stdio.h>

#include "config/conf.h"
#include "http/answer.h"
#include "http/reply.h"
#include "http/template.h"

/*
 * The theme of all HTML pages: one template, [login] page, and its HTTP
 * headers.  Read once at the start, immutable, shared by all threads.
 */
struct theme;

/* The names that a template may use; see LOGIN PAGE in sessgate(8). */
enum theme_value {
	/* the kind of the page: one of the next seven is not empty */
	THEME_LOGIN,   /* the login form */
	THEME_USER,    /* the name of the logged-in user */
	THEME_LOGOUT,  /* the logout button */
	THEME_NOTE,    /* a message only; COOKIE_NEEDS_HTTPS is one too */
	THEME_ACCOUNT, /* the name of the user, on the account page */
	THEME_FACTOR,  /* likewise, on the page for a second factor */
	THEME_RESET,   /* a new password by a link; with DONE it is set */
	THEME_COOKIE_NEEDS_HTTPS,
	/* messages and values */
	THEME_MESSAGE,
	THEME_UNAVAILABLE, /* the status is 503 */
	THEME_MINUTES,	   /* how long to wait */
	THEME_MOUNT,
	THEME_AGAIN, /* URL of the login page, with next */
	THEME_EMAIL,
	THEME_NEXT,
	THEME_REMEMBER,
	THEME_LOGGED_OUT, /* no session, or it has ended */
	THEME_UNUSABLE,	  /* the request makes no sense here */
	THEME_HOURS,	  /* as MINUTES, if more than two hours */
	THEME_UNSAVED,	  /* a request with a body was refused */
	THEME_LOGGED_IN_AS,
	THEME_BACK,	  /* URL to go back to, or to retry */
	THEME_STILL_OPEN, /* a logout that the store could not save */
	THEME_TITLE,	  /* [login] title, the name of the site */
	THEME_FORGOT_URL,
	THEME_LANG, /* language of the page, for `lang` */
	/* the account page */
	THEME_SESSIONS, /* the list; the next seven are of its rows */
	THEME_HANDLE,
	THEME_DEVICE, /* "Firefox, Linux" */
	THEME_ADDRESS,
	THEME_CURRENT, /* the session that asks */
	THEME_SEEN_MINUTES,
	THEME_SEEN_HOURS,
	THEME_SEEN_DAYS,
	THEME_LIST_FULL, /* there may be more than the list has */
	THEME_OTHERS,	 /* there is another session than this one */
	THEME_USER_ID,
	THEME_UP,	   /* from the form's URL to the mount: ../ */
	THEME_CAN_CHANGE,  /* the password can be changed */
	THEME_ASKS,	   /* the login is older than [session] fresh */
	THEME_AT_PASSWORD, /* the refused form was this one */
	THEME_AT_OTHERS,
	THEME_DIFFER,	  /* the new password was typed in two ways */
	THEME_OTHER_USER, /* the form was made for another user */
	THEME_DONE,	  /* what was done; one of the next is set, too */
	THEME_DONE_ENDED,
	THEME_DONE_OTHERS,
	THEME_DONE_PASSWORD,
	THEME_DONE_FACTOR,
	THEME_DONE_FACTOR_REMOVED,
	THEME_CAN_FACTOR,    /* a second factor can be set up or removed */
	THEME_SECRET,	     /* a new one, in base32; none: there is one */
	THEME_SECRET_SHOWN,  /* with blanks */
	THEME_OTPAUTH,	     /* its URL */
	THEME_QR,	     /* that as a QR code: the data of an SVG path */
	THEME_QR_SIZE,	     /* its side */
	THEME_TOKEN,	     /* of the link, in the form of RESET */
	THEME_NO_REFERRER,   /* the URL of the page is a secret */
	THEME_ASKS_CODE,     /* users may have a second factor */
	THEME_RECOVERY,	     /* ... and recovery codes */
	THEME_RECOVERY_LEFT, /* how many are left */
	THEME_RECOVERY_NEW,  /* new ones, to be shown once */
	THEME_CODES,	     /* + enum answer: the refusal has that code */
	THEME_VALUES = THEME_CODES + ANSWER_COUNT
};

/* Size of a value array: the named values, then one for each language. */
enum { THEME_ROOM = THEME_VALUES + TEMPLATE_LANGUAGES_MAX };

/* The longest values, in bytes; app/handle/pages.c truncates to them. */
enum { THEME_USER_MAX = 256, THEME_EMAIL_MAX = 256, THEME_ADDRESS_MAX = 21 };

/*
 * Opens the template that conf names, or the built-in one.  NULL on failure:
 * the errors are written as `FILE:LINE: words`.  The caller owns the theme.
 *
 * A template of an older version has no account page, or none for a new
 * password.  It is opened, with a warning, and these pages are the built-in
 * ones.
 */
struct theme *theme_open(const struct conf *conf, FILE *errors);

/* Accepts NULL. */
void theme_close(struct theme *theme);

/* Writes the status and the headers of every page, but no body. */
void theme_begin(const struct theme *theme, struct reply *reply, int status);

/*
 * Writes status, headers and the page, in the language that Accept-Language
 * prefers.  values: THEME_ROOM of them, set by the caller except for title,
 * forgot_url, lang and the languages.  sessions: the list, or NULL.
 */
void theme_write(const struct theme *theme, struct reply *reply, int status,
    struct str accept_language, struct str values[THEME_ROOM],
    const struct template_list *sessions);

/*
 * True if a redirect to this location fits into the header buffers that web
 * servers have by default.
 */
bool theme_has_space(const struct theme *theme, struct str location);

#endif
