/* Error replies of Redis, by their first words. */
#include "config.h"

#include "redis/refusal.h"

/* The first row that fits; the last one always does. */
static const struct refusal_row {
	struct str words;
	enum refusal refusal;
} rows[] = {
	/* clang-format off */
	{ STR_INIT("WRONGTYPE"), REFUSAL_IS_VALUE },
	{ STR_INIT("LOADING"), REFUSAL_OPENS },
	{ STR_INIT("MASTERDOWN"), REFUSAL_OPENS },
	{ STR_INIT("NOAUTH"), REFUSAL_OPENS },
	{ STR_INIT("WRONGPASS"), REFUSAL_OPENS },
	{ STR_INIT("ERR max number of clients"), REFUSAL_OPENS },
	{ STR_INIT("READONLY"), REFUSAL_DROPS },
	{ STR_INIT(""), REFUSAL_FAILS },
	/* clang-format on */
};

enum refusal
refusal_of(struct str text)
{
	const struct refusal_row *row = rows;

	while (!str_starts(text, row->words))
		row++;
	return row->refusal;
}
