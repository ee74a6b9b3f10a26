/* Reads the column `active` of user_state. */
#include "config.h"

#include <stddef.h>

#include "mysql/active.h"

/* True if one of the digits is not 0. */
static bool
is_above_zero(struct str digits)
{
	return digits.len > 0 && !str_only(digits, "0");
}

enum active
active_read(struct str value)
{
	struct str fraction = str_trim(value), whole;

	if (str_is_none(value))
		return ACTIVE_NO;
	if (str_starts(fraction, STR("-")) || str_starts(fraction, STR("+")))
		fraction = str_from_byte(fraction, 1);
	whole = str_cut(&fraction, '.');
	if (whole.len == 0 || !str_only_digits(whole))
		return ACTIVE_UNREADABLE;
	if (!str_is_none(fraction) &&
	    (fraction.len == 0 || !str_only_digits(fraction)))
		return ACTIVE_UNREADABLE;
	return is_above_zero(whole) || is_above_zero(fraction) ? ACTIVE_YES
							       : ACTIVE_NO;
}
