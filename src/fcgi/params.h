#ifndef PARAMS_H
#define PARAMS_H

#include <stddef.h>

#include "base/str.h"

/* A parameter that somebody reads; all others are dropped as they come. */
struct param {
	struct str name;
	size_t field;	  /* where in struct request its value goes */
	const char *glue; /* joins the values of one name; NULL: last wins */
};

/* NULL: nobody reads it. */
const struct param *param_find(struct str name);

#endif
