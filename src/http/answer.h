#ifndef ANSWER_H
#define ANSWER_H

#include "base/result.h"
#include "base/str.h"
#include "http/reply.h"

/* The refusals, each with a row in the table of answer.c. */
enum answer {
	ANSWER_NONE,
	ANSWER_TOKEN_MISSING,
	ANSWER_SESSION_INVALID,
	ANSWER_SESSION_USER_GONE,
	ANSWER_FORBIDDEN,
	ANSWER_LOGIN_TOO_OLD,
	ANSWER_OTP_NEEDED,
	ANSWER_LOGIN_FAILED,
	ANSWER_RESET_OVER,
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
 * Replaces the content of reply by the refusal: its status, a JSON object with
 * `message`, the code in X-Sessgate-Code, and Retry-After if the status is 503.
 */
void answer_write(struct reply *reply, enum answer answer);

/*
 * answer_write with a status other than that of the table ([session]
 * expired_status, the gate).
 */
void answer_write_as(struct reply *reply, enum answer answer, int status);

/* The parts of a refusal, for answers other than JSON (app/handle/pages.c). */
struct str answer_message(enum answer answer);
const char *answer_code(enum answer answer);
int answer_status(enum answer answer);
void answer_add_headers(struct reply *reply, enum answer answer, int status);

/* Returns the refusal for a result other than OK. */
enum answer answer_of(enum result result);

#endif
