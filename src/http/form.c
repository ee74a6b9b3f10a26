/* Reading application/x-www-form-urlencoded bodies. */
#include "config.h"

#include "http/form.h"
#include "http/percent.h"

bool
form_find(
    struct arena *arena, struct str body, struct str name, struct str *value)
{
	while (!str_is_none(body)) {
		struct str field = str_cut(&body, '&');
		struct str its_name =
		    percent_decode(arena, str_cut(&field, '='), true);

		if (!str_eq(its_name, name))
			continue;
		if (str_is_none(field)) /* a field without `=` is empty */
			field = STR("");
		*value = percent_decode(arena, field, true);
		return true;
	}
	return false;
}
