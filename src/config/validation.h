#ifndef VALIDATION_H
#define VALIDATION_H

#include <stdbool.h>

#include "config/setting.h"

/*
 * A check of the configuration, a row of a table for config/validate.c.  An
 * error is reported at `option`.  The check is skipped if `option` or `other`
 * is already bad.
 */
struct validation {
	enum conf_option option, other;
	bool (*is_broken)(const struct conf *conf); /* NULL ends the table */
	const char *words;
};

/*
 * The table of checks of how the stores are reached: TLS, Sentinels, a Cluster.
 */
extern const struct validation validation_of_stores[];

#endif
