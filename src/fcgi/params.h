#ifndef PARAMS_H
#define PARAMS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum param_use {
	PARAM_FIELD, /* goes into a field of struct request */
	PARAM_ROLE,  /* the same; a value makes the request one of the gate */
	PARAM_CONTENT_LENGTH /* tells when a request is whole; no field */
};

/* A parameter that sessgate uses; all others are dropped on arrival. */
struct param {
	struct str name;
	enum param_use use;
	size_t field;	  /* offset of its field in struct request */
	const char *glue; /* joins repeated values; NULL: the last wins */
};

/* True if the parameter goes into struct request.  NULL is allowed. */
static inline bool
param_has_field(const struct param *param)
{
	return param != NULL && param->use != PARAM_CONTENT_LENGTH;
}

/* The row of the parameter with this name.  NULL: sessgate does not use it. */
const struct param *param_find(struct str name);

#endif
