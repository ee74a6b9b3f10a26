#ifndef URL_QUERY_H
#define URL_QUERY_H

#include "base/str.h"

/*
 * Parses the parameters of a DATABASE_URL, a=b&c=d.  *socket: the value of the
 * one for a socket, else STR_NONE.  Parameters of other frameworks that have no
 * effect here are ignored.  Returns NULL, or a constant text: a parameter is
 * unknown, or asks for TLS.
 */
const char *url_query_mysql(struct str query, struct str *socket);

#endif
