/* The parameters that sessgate uses: one table. */
#include "config.h"

#include "fcgi/params.h"
#include "http/request.h"

/*
 * A perfect hash table, since every parameter of every request is looked up:
 * the index comes from the length and the fourth letter from the end.  The
 * compiler reports a collision (-Woverride-init), the unit test a wrong letter.
 */
enum { TABLE_SIZE = 128, LETTER = 4 };

#define INDEX(len, letter) (((len)*15 + (letter)) % TABLE_SIZE)
#define ROW_OF(letter, name, use, field, glue) \
	[INDEX(sizeof(name) - 1, letter)] = { STR_INIT(name), use, field, glue }
#define ROW(letter, name, field, glue) \
	ROW_OF(letter, name, PARAM_FIELD, offsetof(struct request, field), glue)

static const struct param params[TABLE_SIZE] = {
	/* clang-format off */
	ROW('T', "REQUEST_METHOD", method, NULL),
	ROW('_', "REQUEST_URI", target, NULL),
	ROW('R', "QUERY_STRING", query, NULL),
	ROW('T', "CONTENT_TYPE", content_type, NULL),
	ROW('A', "REMOTE_ADDR", remote_addr, NULL),
	ROW('G', "HTTP_USER_AGENT", user_agent, NULL),
	ROW_OF('N', "CONTENT_LENGTH", PARAM_CONTENT_LENGTH, 0, NULL),
	ROW_OF('R', "SESSGATE_ROLE", PARAM_ROLE, offsetof(struct request, role), NULL),
	ROW('S', "SESSGATE_SITE", site, NULL),
	ROW('H', "HTTP_HOST", host, NULL),
	ROW('S', "HTTP_SEC_FETCH_SITE", sec_fetch_site, NULL),
	ROW('M', "HTTP_SEC_FETCH_MODE", sec_fetch_mode, NULL),
	ROW('C', "HTTP_ACCEPT", accept, NULL),
	ROW('U', "HTTP_ACCEPT_LANGUAGE", accept_language, NULL),
	ROW('W', "HTTP_X_REQUESTED_WITH", requested_with, NULL),
	ROW('E', "HTTP_REFERER", referer, NULL),
	ROW('D', "HTTP_CONTENT_ENCODING", content_encoding, ", "),
	ROW('I', "HTTP_ORIGIN", origin, NULL),
	ROW('O', "HTTP_COOKIE", cookie, "; "),
	ROW('_', "HTTP_X_FORWARDED_FOR", forwarded_for, ", "),
	ROW('N', "SCRIPT_NAME", script_name, NULL),
	ROW('I', "PATH_INFO", path_info, NULL),
	/* clang-format on */
};

const struct param *
param_find(struct str name)
{
	const struct param *param;

	if (name.len < LETTER)
		return NULL;
	param = &params[INDEX(
	    name.len, (unsigned char)name.ptr[name.len - LETTER])];
	return str_eq(param->name, name) ? param : NULL;
}
