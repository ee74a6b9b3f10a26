#ifndef APACHE_REFUSAL_H
#define APACHE_REFUSAL_H

#include <httpd.h>

struct verdict;

/*
 * Refuses a request: sends sessgate's own answer, and returns DONE.  Without
 * one, 503, and for a subrequest or the page of another error: the status,
 * with which httpd goes on.
 */
int refusal_send(request_rec *r, const struct verdict *verdict);

#endif
