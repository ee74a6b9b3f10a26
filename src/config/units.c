/* Time spans and sizes: parsing and printing. */
#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "config/units.h"

struct unit {
	const char *name;
	int64_t size;
};

/*
 * The units, the largest first.  The bare number of a span comes last, since it
 * is only parsed and never printed.
 */
static const struct unit spans[] = {
	{ "d", INT64_C(86400000) },
	{ "h", 3600000 },
	{ "m", 60000 },
	{ "s", 1000 },
	{ "ms", 1 },
	{ "", 1000 },
	{ NULL, 0 },
};

static const struct unit sizes[] = {
	{ "G", INT64_C(1) << 30 },
	{ "M", 1 << 20 },
	{ "K", 1 << 10 },
	{ "", 1 },
	{ NULL, 0 },
};

static const struct unit *const tables[] = {
	[UNITS_SPAN] = spans,
	[UNITS_SIZE] = sizes,
};

enum units_verdict
units_read(enum units units, const char *text, int64_t min, int64_t max,
    int64_t *number)
{
	const struct unit *unit = tables[units];
	size_t digits = strspn(text, "0123456789");
	int64_t read;

	while (unit->name != NULL && strcmp(unit->name, text + digits) != 0)
		unit++;
	if (unit->name == NULL || digits == 0)
		return UNITS_SENSELESS;
	if (!str_to_int((struct str){ text, digits }, 0, INT64_MAX, &read) ||
	    __builtin_mul_overflow(read, unit->size, &read) || read < min ||
	    read > max)
		return UNITS_BEYOND;
	*number = read;
	return UNITS_READ;
}

void
units_print(enum units units, int64_t number, FILE *out)
{
	const struct unit *unit = tables[units];

	while (number % unit->size != 0)
		unit++;
	if (number == 0)
		fputs("0", out);
	else
		fprintf(out, "%" PRId64 "%s", number / unit->size, unit->name);
}
