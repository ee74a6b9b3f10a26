/* The table of refusals. */
#include "config.h"

#include <assert.h>
#include <string.h>

#include "http/answer.h"

static const struct answer_row {
	int status;
	const char *message;
	const char *code;
} rows[ANSWER_COUNT] = {
	/* clang-format off */
	[ANSWER_TOKEN_MISSING] = { 401, "Authentication token missing", "token_missing" },
	[ANSWER_SESSION_INVALID] = { 403, "Invalid or expired session", "session_invalid" },
	[ANSWER_SESSION_USER_GONE] = { 403, "User not found for session", "session_user_gone" },
	[ANSWER_FORBIDDEN] = { 403, "Forbidden", "forbidden" },
	[ANSWER_LOGIN_TOO_OLD] = { 403, "Login too old", "login_too_old" },
	[ANSWER_OTP_NEEDED] = { 403, "Login with a code needed", "otp_needed" },
	[ANSWER_LOGIN_FAILED] = { 401, "Invalid email or password", "login_failed" },
	[ANSWER_RESET_OVER] = { 404, "Link used or expired", "reset_over" },
	[ANSWER_LIMITED] = { 429, "Too many requests", "limited" },
	[ANSWER_PASSWORD_WRONG] = { 403, "Invalid password", "password_wrong" },
	[ANSWER_PASSWORD_UNFIT] = { 400, "New password too short or too long", "password_unfit" },
	[ANSWER_PASSWORD_DENIED] = { 400, "New password too easy to guess", "password_denied" },
	[ANSWER_BAD_REQUEST] = { 400, "Bad request", "bad_request" },
	[ANSWER_NOT_FOUND] = { 404, "Not found", "not_found" },
	[ANSWER_METHOD_NOT_ALLOWED] = { 405, "Method not allowed", "method_not_allowed" },
	[ANSWER_BODY_TOO_LARGE] = { 413, "Request body too large", "body_too_large" },
	[ANSWER_BAD_TYPE] = { 415, "Unsupported media type", "bad_type" },
	[ANSWER_CROSS_SITE] = { 403, "Cross-site request refused", "cross_site" },
	[ANSWER_PARAMS_TOO_LARGE] = { 431, "Request header fields too large", "params_too_large" },
	[ANSWER_USER_NOT_FOUND] = { 404, "User not found", "user_not_found" },
	[ANSWER_REDIS_UNAVAILABLE] = { 503, "Service temporarily unavailable", "redis_unavailable" },
	[ANSWER_MYSQL_UNAVAILABLE] = { 503, "Service temporarily unavailable", "mysql_unavailable" },
	[ANSWER_BUSY] = { 503, "Service temporarily unavailable", "busy" },
	[ANSWER_INTERNAL] = { 500, "Internal server error", "internal" },
	/* clang-format on */
};

enum answer
answer_of(enum result result)
{
	static const enum answer answers[] = {
		[RESULT_MISS] = ANSWER_NOT_FOUND,
		[RESULT_NOAUTH] = ANSWER_SESSION_INVALID,
		[RESULT_DENY] = ANSWER_FORBIDDEN,
		[RESULT_BAD] = ANSWER_BAD_REQUEST,
		[RESULT_LIMIT] = ANSWER_LIMITED,
		[RESULT_FULL] = ANSWER_BUSY,
		[RESULT_REDIS_DOWN] = ANSWER_REDIS_UNAVAILABLE,
		[RESULT_MYSQL_DOWN] = ANSWER_MYSQL_UNAVAILABLE,
		[RESULT_FAULT] = ANSWER_INTERNAL,
		[RESULT_REFUSED] = ANSWER_INTERNAL,
	};

	return answers[result];
}

static const struct answer_row *
row_of(enum answer answer)
{
	assert(answer > ANSWER_NONE && answer < ANSWER_COUNT);
	return &rows[answer];
}

struct str
answer_message(enum answer answer)
{
	return str_from(row_of(answer)->message);
}

const char *
answer_code(enum answer answer)
{
	return row_of(answer)->code;
}

int
answer_status(enum answer answer)
{
	return row_of(answer)->status;
}

void
answer_add_headers(struct reply *reply, enum answer answer, int status)
{
	reply_code(reply, answer_code(answer));
	if (status == 503)
		reply_header(reply, "Retry-After", STR("1"));
}

void
answer_write_as(struct reply *reply, enum answer answer, int status)
{
	reply_reset(reply);
	reply_message(reply, status, answer_message(answer));
	answer_add_headers(reply, answer, status);
}

void
answer_write(struct reply *reply, enum answer answer)
{
	answer_write_as(reply, answer, answer_status(answer));
}
