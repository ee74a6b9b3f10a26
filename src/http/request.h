#ifndef REQUEST_H
#define REQUEST_H

#include <stdbool.h>

#include "base/str.h"

/*
 * One request as the web server sent it (RFC 3875, 4.1), decoded by
 * fcgi/codec.c.  The bytes stay valid until the answer is written.  An absent
 * parameter is STR_NONE.  If a parameter comes several times, the last one
 * counts; but HTTP_COOKIE is joined with "; ", and HTTP_X_FORWARDED_FOR and
 * HTTP_CONTENT_ENCODING are joined with ", ".
 */
struct request {
	bool is_authorizer; /* FCGI_AUTHORIZER; else FCGI_RESPONDER */
	bool is_gate_only;  /* came through a listener with role=gate */
	struct str role;    /* SESSGATE_ROLE, which no client can set */
	/* site of the listener, else SESSGATE_SITE, which no client can set */
	struct str site;
	struct str method;
	struct str target; /* REQUEST_URI: the raw target */
	struct str query;  /* QUERY_STRING: as received, without the ? */
	struct str script_name, path_info;
	struct str path; /* script_name and path_info joined, as received */
	struct str content_type;
	struct str content_encoding; /* HTTP_CONTENT_ENCODING */
	struct str remote_addr;
	struct str forwarded_for; /* HTTP_X_FORWARDED_FOR */
	struct str cookie;
	struct str host;	    /* HTTP_HOST */
	struct str origin;	    /* HTTP_ORIGIN */
	struct str sec_fetch_site;  /* HTTP_SEC_FETCH_SITE */
	struct str sec_fetch_mode;  /* HTTP_SEC_FETCH_MODE */
	struct str accept;	    /* HTTP_ACCEPT */
	struct str accept_language; /* HTTP_ACCEPT_LANGUAGE */
	struct str requested_with;  /* HTTP_X_REQUESTED_WITH */
	struct str referer;	    /* HTTP_REFERER */
	struct str user_agent;
	struct str body;
};

#endif
