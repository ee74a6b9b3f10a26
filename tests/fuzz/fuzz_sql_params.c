/*
 * mysql/named: configured SQL with :names.  What was translated has as many
 * bare ? as parameters, and is no longer than before.
 */
#include "config.h"

#include "fuzz.h"
#include "mysql/sql_params.h"

enum { WHY_SIZE = 64 };

static const char *const allowed[] = { "login", "id", NULL };
static const char *const one_allowed[] = { "id", NULL };

static void
judge(const char *sql, const char *const *names)
{
	char why[WHY_SIZE] = "";
	struct sql_params sql_params, again;

	if (sql_params_find(sql, names, 2, &sql_params, why, sizeof(why))) {
		fuzz_claim(
		    sql_params.count > 0 && sql_params.count <= SQL_PARAMS_MAX);
		fuzz_claim(strlen(sql_params.sql) < strlen(sql));
		for (int i = 0; i < sql_params.count; i++)
			fuzz_claim(sql_params.params[i] >= 0 &&
				   sql_params.params[i] < 2);
		/* its ? stand bare, which is refused */
		fuzz_claim(!sql_params_find(
		    sql_params.sql, names, 2, &again, why, sizeof(why)));
		fuzz_claim(strncmp(why, "a bare ?", 8) == 0);
		sql_params_close(&again);
	} else {
		fuzz_claim(why[0] != '\0');
	}
	fuzz_claim(memchr(why, '\0', sizeof(why)) != NULL);
	sql_params_close(&sql_params);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = arena_open();
	const char *sql = arena_cstr(arena, fuzz_str(bytes, len));

	judge(sql, allowed);
	judge(sql, one_allowed);
	arena_close(arena);
	return 0;
}
