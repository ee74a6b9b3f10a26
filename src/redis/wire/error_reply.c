/* Classifies error replies of Redis by their first words. */
#include "config.h"

#include "redis/wire/error_reply.h"

/* The first matching row counts; the last row matches everything. */
static const struct error_row {
	struct str words;
	enum error_meaning meaning;
} rows[] = {
	/* clang-format off */
	{ STR_INIT("WRONGTYPE"), ERROR_DATA },
	{ STR_INIT(RESP_TOO_LONG), ERROR_DATA }, /* redis/wire/bulk_bound.c */

	{ STR_INIT("LOADING"), ERROR_SERVER },
	{ STR_INIT("BUSY "), ERROR_SERVER }, /* a script that does not end */
	{ STR_INIT("UNKILLABLE"), ERROR_SERVER },

	{ STR_INIT("READONLY"), ERROR_ELSEWHERE },
	{ STR_INIT("MASTERDOWN"), ERROR_ELSEWHERE }, /* a cut-off replica */
	{ STR_INIT("MOVED "), ERROR_ELSEWHERE },
	/* the slot's owner is down, or this node is cut off from the others */
	{ STR_INIT("CLUSTERDOWN"), ERROR_ELSEWHERE },

	{ STR_INIT("NOAUTH"), ERROR_LINK },
	{ STR_INIT("WRONGPASS"), ERROR_LINK },
	{ STR_INIT("DENIED"), ERROR_LINK }, /* protected mode */
	{ STR_INIT("ERR max number of clients"), ERROR_LINK },

	/*
	 * OOM, MISCONF, NOREPLICAS, NOPERM, EXECABORT, unknown commands, ASK
	 * and TRYAGAIN (while a slot is being moved): the server works, and may
	 * answer the next command.
	 */
	{ STR_INIT(""), ERROR_COMMAND },
	/* clang-format on */
};

enum error_meaning
error_reply_meaning(struct str text)
{
	const struct error_row *row = rows;

	while (!str_starts(text, row->words))
		row++;
	return row->meaning;
}

enum error_meaning
error_reply_worst(const struct resp_value *value, struct str *text)
{
	enum error_meaning worst = ERROR_NONE;

	if (value->type == RESP_ERROR) {
		*text = value->text;
		return error_reply_meaning(value->text);
	}
	if (value->type != RESP_LIST)
		return ERROR_NONE;
	for (size_t i = 0; i < value->count; i++) {
		struct str inner = STR_NONE;
		enum error_meaning meaning =
		    error_reply_worst(&value->items[i], &inner);

		if (meaning > worst) {
			worst = meaning;
			*text = inner;
		}
	}
	return worst;
}
