/* Rate limits: parsing and printing. */
#include "config.h"

#include <inttypes.h>

#include "base/str.h"
#include "config/rate.h"
#include "config/units.h"

#define WINDOW_MIN_MS 1000
#define WINDOW_MAX_MS (30 * INT64_C(86400000))

bool
rate_read(const char *text, int max, struct conf_rate *rate)
{
	struct str window = str_from(text);
	struct str most = str_trim(str_cut(&window, '/'));
	struct conf_rate made = { 0 };
	int64_t number;

	if (!str_to_int(most, 0, max, &number) ||
	    (number > 0 && str_is_none(window)))
		return false;
	if (!str_is_none(window) &&
	    units_read(UNITS_SPAN, str_trim(window).ptr, WINDOW_MIN_MS,
		WINDOW_MAX_MS, &made.window_ms) != UNITS_READ)
		return false;
	made.most = (int)number;
	*rate = made;
	return true;
}

void
rate_print(const struct conf_rate *rate, FILE *out)
{
	bool is_whole = rate->window_ms % 1000 == 0;

	fprintf(out, "%d", rate->most);
	if (rate->most > 0)
		fprintf(out, "/%" PRId64 "%s",
		    is_whole ? rate->window_ms / 1000 : rate->window_ms,
		    is_whole ? "" : "ms");
}
