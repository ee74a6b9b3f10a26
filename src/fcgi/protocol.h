#ifndef PROTOCOL_H
#define PROTOCOL_H

/*
 * Constants of the FastCGI specification 1.0, section 8.  Defined here because
 * only fcgi/codec.c may include libfcgi's header.
 */
enum {
	FCGI_REC_VERSION = 1,
	FCGI_REC_HEADER = 8,
	FCGI_REC_CONTENT_MAX = 65535
};

enum fcgi_rec_type {
	FCGI_REC_BEGIN = 1,
	FCGI_REC_ABORT = 2,
	FCGI_REC_END = 3,
	FCGI_REC_PARAMS = 4,
	FCGI_REC_STDIN = 5,
	FCGI_REC_STDOUT = 6,
	FCGI_REC_STDERR = 7,
	FCGI_REC_DATA = 8,
	FCGI_REC_GET_VALUES = 9,
	FCGI_REC_GET_VALUES_RESULT = 10,
	FCGI_REC_UNKNOWN_TYPE = 11
};

enum fcgi_rec_role { FCGI_REC_RESPONDER = 1, FCGI_REC_AUTHORIZER = 2 };

enum { FCGI_REC_KEEP_CONN = 1 }; /* flag of BEGIN */

enum fcgi_rec_end {
	FCGI_REC_COMPLETE = 0,
	FCGI_REC_CANT_MPX = 1,
	FCGI_REC_OVERLOADED = 2,
	FCGI_REC_UNKNOWN_ROLE = 3
};

#endif
