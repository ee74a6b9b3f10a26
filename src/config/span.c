/* Times: reading and writing. */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "config/span.h"

/* Largest first, but for the bare number: that is for reading only. */
static const struct unit {
	const char *name;
	int64_t ms;
} units[] = {
	{ "d", INT64_C(86400000) },
	{ "h", 3600000 },
	{ "m", 60000 },
	{ "s", 1000 },
	{ "ms", 1 },
	{ "", 1000 },
};

#define UNITS (sizeof(units) / sizeof(units[0]))

enum span_verdict
span_read(const char *text, int64_t min_ms, int64_t max_ms, int64_t *ms)
{
	size_t digits = strspn(text, "0123456789");
	const char *unit = text + digits;
	int64_t number;
	size_t i = 0;

	while (i < UNITS && strcmp(units[i].name, unit) != 0)
		i++;
	if (i == UNITS || digits == 0)
		return SPAN_SENSELESS;
	if (!str_to_int((struct str){ text, digits }, 0, INT64_MAX, &number) ||
	    __builtin_mul_overflow(number, units[i].ms, &number) ||
	    number < min_ms || number > max_ms)
		return SPAN_BEYOND;
	*ms = number;
	return SPAN_READ;
}

void
span_print(int64_t ms, FILE *out)
{
	const struct unit *unit = units;

	while (ms % unit->ms != 0)
		unit++;
	if (ms == 0)
		fputs("0", out);
	else
		fprintf(out, "%" PRId64 "%s", ms / unit->ms, unit->name);
}
