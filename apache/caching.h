#ifndef APACHE_CACHING_H
#define APACHE_CACHING_H

#include <httpd.h>

/*
 * Cache-Control of what the gate has to do with.  It is set by an output filter
 * behind those of mod_headers and mod_expires, and replaces theirs.
 */
void caching_register(void);

/*
 * Hook, of answers and of errors: what somebody who is logged in sees is kept
 * by no shared cache; HTML and what has no type not by a browser either.  A
 * refusal has the Cache-Control of sessgate's answer, else no-store.
 */
void caching_insert(request_rec *r);

#endif
