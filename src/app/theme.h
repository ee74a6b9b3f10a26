#ifndef THEME_H
#define THEME_H

#include <stdio.h>

#include "config/conf.h"
#include "http/answer.h"
#include "http/reply.h"
#include "http/template.h"

/*
 * The theme of all HTML pages: their templates and HTTP headers.  It is read
 * once at the start, immutable, and shared by all threads.
 */
struct theme;

/* The names that a template may use; see LOGIN PAGE in sessgate(8). */
enum theme_value {
	/* The kind of the page: exactly one of LOGIN to RESET is not empty. */
	THEME_LOGIN,   /* the login form */
	THEME_USER,    /* the name of the logged-in user */
	THEME_LOGOUT,  /* the logout button */
	THEME_NOTE,    /* a message only, such as COOKIE_NEEDS_HTTPS */
	THEME_ACCOUNT, /* the name of the user, on the account page */
	THEME_FACTOR,  /* the name of the user, on the page for TOTP */
	THEME_RESET,   /* the form of a reset link; with DONE: it was used */
	/* messages and values */
	THEME_COOKIE_NEEDS_HTTPS,
	THEME_MESSAGE,
	THEME_UNAVAILABLE, /* the status is 503 */
	THEME_MINUTES,	   /* the time to wait */
	THEME_MOUNT,
	THEME_AGAIN, /* URL of the login page, with next */
	THEME_EMAIL,
	THEME_NEXT,
	THEME_REMEMBER,
	THEME_LOGGED_OUT, /* there is no session, or it has ended */
	THEME_UNUSABLE,	  /* the request makes no sense here */
	THEME_HOURS,	  /* the time to wait, if more than two hours */
	THEME_UNSAVED,	  /* a request with a body was refused */
	THEME_LOGGED_IN_AS,
	THEME_BACK,	  /* URL to go back to, or to retry */
	THEME_STILL_OPEN, /* the session could not be ended */
	THEME_TITLE,	  /* [login] title, the name of the site */
	THEME_FORGOT_URL,
	THEME_LANG, /* language of the page, for `lang` */
	/* the account page */
	THEME_SESSIONS, /* the list; HANDLE to SEEN_DAYS are of a row */
	THEME_HANDLE,
	THEME_DEVICE, /* "Firefox, Linux" */
	THEME_ADDRESS,
	THEME_CURRENT, /* the session of this request */
	THEME_SEEN_MINUTES,
	THEME_SEEN_HOURS,
	THEME_SEEN_DAYS,
	THEME_LIST_FULL, /* the user may have more sessions */
	THEME_OTHERS,	 /* the user has other sessions */
	THEME_USER_ID,
	THEME_UP,	   /* relative URL of the mount: ../ */
	THEME_CAN_CHANGE,  /* the password can be changed */
	THEME_ASKS,	   /* the login is older than [session] fresh */
	THEME_AT_PASSWORD, /* the form for the password was refused */
	THEME_AT_OTHERS,
	THEME_DIFFER,	  /* the new password was typed in two ways */
	THEME_OTHER_USER, /* the form was made for another user */
	THEME_DONE,	  /* a change was made; the DONE_ values say which */
	THEME_DONE_ENDED,
	THEME_DONE_OTHERS,
	THEME_DONE_PASSWORD,
	THEME_DONE_FACTOR,
	THEME_DONE_FACTOR_REMOVED,
	THEME_CAN_FACTOR,    /* a second factor can be set up or removed */
	THEME_SECRET,	     /* a new TOTP secret, in base32; or empty */
	THEME_SECRET_SHOWN,  /* SECRET with blanks, to be typed */
	THEME_OTPAUTH,	     /* the otpauth URL of SECRET */
	THEME_QR,	     /* OTPAUTH as a QR code: the data of an SVG path */
	THEME_QR_SIZE,	     /* the side of the QR code, in modules */
	THEME_TOKEN,	     /* the token of a reset link */
	THEME_NO_REFERRER,   /* the URL of the page is a secret */
	THEME_ASKS_CODE,     /* users may have a second factor */
	THEME_RECOVERY,	     /* users may have recovery codes */
	THEME_RECOVERY_LEFT, /* the number of unused recovery codes */
	THEME_RECOVERY_NEW,  /* new recovery codes, shown only once */
	THEME_CODES,	     /* THEME_CODES + enum answer: this refusal */
	THEME_VALUES = THEME_CODES + ANSWER_COUNT
};

/*
 * The size of an array of values: the named values, then one for each language.
 */
enum { THEME_COUNT = THEME_VALUES + TEMPLATE_LANGUAGES_MAX };

/*
 * The longest values, in bytes; app/handle/pages.c cuts names at
 * THEME_USER_MAX.
 */
enum { THEME_USER_MAX = 256, THEME_EMAIL_MAX = 256, THEME_ADDRESS_MAX = 21 };

/*
 * Opens the template [login] page, or the built-in one.  The caller owns the
 * theme.  NULL: the errors were written to `errors` as `FILE:LINE: words`.
 *
 * A template of an older version may lack the account page, the page for a
 * second factor or the form for a new password.  It is opened, with a warning,
 * and these pages are the built-in ones.
 */
struct theme *theme_open(const struct conf *conf, FILE *errors);

/* Frees the theme; NULL is allowed. */
void theme_close(struct theme *theme);

/* Writes the status and the headers of every page, but no body. */
void theme_begin(const struct theme *theme, struct reply *reply, int status);

/*
 * Writes the status, the headers and the page, in the language that
 * Accept-Language prefers.  values has THEME_COUNT texts; the caller sets all
 * but title, forgot_url, lang and the languages.  sessions is the list of the
 * account page, or NULL.
 */
void theme_write(const struct theme *theme, struct reply *reply, int status,
    struct str accept_language, struct str values[THEME_COUNT],
    const struct template_list *sessions);

/*
 * True if a redirect to this location fits into the header buffers that web
 * servers have by default.
 */
bool theme_has_space(const struct theme *theme, struct str location);

#endif
