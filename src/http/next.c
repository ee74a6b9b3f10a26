/* Where a login may lead: no open redirect. */
#include "config.h"

#include "http/next.h"

bool
next_is_local(struct str next)
{
	if (next.len == 0 || next.len > NEXT_MAX || next.ptr[0] != '/')
		return false;
	if (next.len > 1 && next.ptr[1] == '/')
		return false;
	for (size_t i = 0; i < next.len; i++)
		if (next.ptr[i] <= ' ' || next.ptr[i] >= 0x7f ||
		    next.ptr[i] == '\\')
			return false;
	return true;
}
