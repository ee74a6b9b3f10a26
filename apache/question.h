#ifndef APACHE_QUESTION_H
#define APACHE_QUESTION_H

#include <httpd.h>

#include "apache/ask.h"

enum question_kind {
	QUESTION_GATE, /* may this request pass, and whose is it? */
	QUESTION_LOGIN /* the redirect to the login, for a request without a
			  user */
};

struct question {
	enum question_kind kind;
	const char *target; /* REQUEST_URI, escaped */
	const char *site;   /* SESSGATE_SITE; NULL: there are no sites */
};

/*
 * The FastCGI records of a question about this request, in the pool of the
 * request.
 */
struct ask_bytes question_make(
    const request_rec *r, const struct question *question);

#endif
