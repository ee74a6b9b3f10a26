#ifndef URL_QUERY_H
#define URL_QUERY_H

#include "base/str.h"

/* The parameters of a DATABASE_URL that have an effect; STR_NONE if absent. */
struct url_parameters {
	struct str socket;
	const char *tls; /* a word of [mysql] tls, a constant; NULL: absent */
	struct str tls_ca, tls_cert, tls_key;
};

/*
 * Parses the parameters of a DATABASE_URL, a=b&c=d.  Parameters of other
 * frameworks that have no effect here are ignored.  Returns NULL, or a constant
 * text: a parameter is unknown, occurs twice, or asks for something about TLS
 * that does not exist here.
 */
const char *url_query_mysql(struct str query, struct url_parameters *given);

#endif
