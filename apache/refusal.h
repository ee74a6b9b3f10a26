#ifndef APACHE_REFUSAL_H
#define APACHE_REFUSAL_H

#include <httpd.h>

struct verdict;

/*
 * Refuses a request: sends sessgate's answer, and returns DONE.  Otherwise
 * returns the status with which httpd goes on: 503 if there is no answer, 403
 * for the page of an ErrorDocument, the verdict's status for a subrequest.
 */
int refusal_send(request_rec *r, const struct verdict *verdict);

#endif
