#ifndef PARAMS_H
#define PARAMS_H

#include <stddef.h>

#include "base/str.h"

/* A parameter that sessgate uses; all others are dropped on arrival. */
struct param {
	struct str name;
	size_t field;	  /* offset of its field in struct request */
	const char *glue; /* joins repeated values; NULL: the last wins */
};

/* The row of the parameter with this name.  NULL: sessgate does not use it. */
const struct param *param_find(struct str name);

#endif
