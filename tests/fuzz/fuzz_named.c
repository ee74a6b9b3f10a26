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
	struct named named, again;

	if (named_params(sql, names, &named, why, sizeof(why))) {
		fuzz_claim(named.count > 0 && named.count <= NAMED_MAX);
		fuzz_claim(strlen(named.sql) < strlen(sql));
		for (int i = 0; i < named.count; i++)
			fuzz_claim(named.params[i] >= 0 && named.params[i] < 2);
		/* its ? stand bare, which is refused */
		fuzz_claim(
		    !named_params(named.sql, names, &again, why, sizeof(why)));
		fuzz_claim(strncmp(why, "a bare ?", 8) == 0);
		named_close(&again);
	} else {
		fuzz_claim(why[0] != '\0');
	}
	fuzz_claim(memchr(why, '\0', sizeof(why)) != NULL);
	named_close(&named);
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
