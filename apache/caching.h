#ifndef APACHE_CACHING_H
#define APACHE_CACHING_H

#include <httpd.h>

/*
 * Registers the output filter that sets Cache-Control where the gate decides.
 * It runs after those of mod_headers and mod_expires, and replaces their value.
 */
void caching_register(void);

/*
 * Hook of answers and of error pages; adds the filter.  A shared cache may
 * store nothing that a logged-in user sees.  A browser may not store HTML, or
 * content without a type.  A refusal has the Cache-Control of sessgate's
 * answer, else no-store.
 */
void caching_insert(request_rec *r);

#endif
