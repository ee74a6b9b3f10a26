#ifndef ANSWER_H
#define ANSWER_H

#include "base/result.h"
#include "base/str.h"
#include "http/reply.h"

/* Every answer that says no, one row of one table in answer.c. */
enum answer {
	ANSWER_NONE,
	ANSWER_TOKEN_MISSING,
	ANSWER_SESSION_INVALID,
	ANSWER_SESSION_USER_GONE,
	ANSWER_FORBIDDEN,
	ANSWER_LOGIN_TOO_OLD,
	ANSWER_LOGIN_FAILED,
	ANSWER_LIMITED,
	ANSWER_PASSWORD_WRONG,
	ANSWER_PASSWORD_UNFIT,
	ANSWER_PASSWORD_DENIED,
	ANSWER_BAD_REQUEST,
	ANSWER_NOT_FOUND,
	ANSWER_METHOD_NOT_ALLOWED,
	ANSWER_BODY_TOO_LARGE,
	ANSWER_BAD_TYPE,
	ANSWER_CROSS_SITE,
	ANSWER_PARAMS_TOO_LARGE,
	ANSWER_USER_NOT_FOUND,
	ANSWER_REDIS_UNAVAILABLE,
	ANSWER_MYSQL_UNAVAILABLE,
	ANSWER_BUSY,
	ANSWER_INTERNAL,
	ANSWER_COUNT
};

/*
 * Writes the refusal: status, one JSON object with `message`, the code in
 * X-Sessgate-Code, Retry-After with a 503.  What reply held is forgotten.
 */
void answer_write(struct reply *reply, enum answer answer);

/* The same with another status than the table's (expired_status, the gate). */
void answer_write_as(struct reply *reply, enum answer answer, int status);

/* The parts of a refusal that do not depend on its form (app/handle/pages.c).
 */
struct str answer_message(enum answer answer);
const char *answer_code(enum answer answer);
int answer_status(enum answer answer);
void answer_add_headers(struct reply *reply, enum answer answer, int status);

/* The answer of a result that no refusal says more of. */
enum answer answer_of(enum result result);

#endif
