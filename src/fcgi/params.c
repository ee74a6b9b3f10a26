/* The parameters that are read: one table. */
#include "config.h"

#include "fcgi/params.h"
#include "http/request.h"

/*
 * Every name of every request is looked for, so each has a place of its own,
 * by its length and its third letter from the end: two in one place are an
 * error of the compiler's (-Woverride-init), a wrong letter of the test's.
 */
enum { PLACES = 64, LETTER = 3 };

#define PLACE(len, letter) (((len)*13 + (letter)) % PLACES)
#define ROW(letter, name, field, glue) \
	[PLACE(sizeof(name) - 1, letter)] = { STR_INIT(name), \
		offsetof(struct request, field), glue }

static const struct param params[PLACES] = {
	/* clang-format off */
	ROW('H', "REQUEST_METHOD", method, NULL),
	ROW('U', "REQUEST_URI", target, NULL),
	ROW('I', "QUERY_STRING", query, NULL),
	ROW('Y', "CONTENT_TYPE", content_type, NULL),
	ROW('D', "REMOTE_ADDR", remote_addr, NULL),
	ROW('E', "HTTP_USER_AGENT", user_agent, NULL),
	ROW('O', "SESSGATE_ROLE", role, NULL),
	ROW('I', "SESSGATE_SITE", site, NULL),
	ROW('O', "HTTP_HOST", host, NULL),
	ROW('I', "HTTP_SEC_FETCH_SITE", sec_fetch_site, NULL),
	ROW('O', "HTTP_SEC_FETCH_MODE", sec_fetch_mode, NULL),
	ROW('E', "HTTP_ACCEPT", accept, NULL),
	ROW('G', "HTTP_ORIGIN", origin, NULL),
	ROW('K', "HTTP_COOKIE", cookie, "; "),
	ROW('F', "HTTP_X_FORWARDED_FOR", forwarded_for, ", "),
	ROW('A', "SCRIPT_NAME", script_name, NULL),
	ROW('N', "PATH_INFO", path_info, NULL),
	/* clang-format on */
};

const struct param *
param_find(struct str name)
{
	const struct param *param;

	if (name.len < LETTER)
		return NULL;
	param = &params[PLACE(
	    name.len, (unsigned char)name.ptr[name.len - LETTER])];
	return str_eq(param->name, name) ? param : NULL;
}
