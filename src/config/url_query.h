#ifndef URL_QUERY_H
#define URL_QUERY_H

#include "base/str.h"

/*
 * The parameters of a DATABASE_URL, a=b&c=d: *socket is the value of the one
 * for a socket, STR_NONE where it has none.  Those of other frameworks that
 * change nothing here are passed over.  NULL, or fixed words: an unknown one,
 * or one that asks for TLS, which is never silently left out.
 */
const char *url_query_mysql(struct str query, struct str *socket);

#endif
