#ifndef VALIDATE_H
#define VALIDATE_H

#include "config/draft.h"

/*
 * Check well-formed values that are not possible or contradict each other.
 * Errors are reported at the source of the value.  conf->effective must be
 * filled.
 *
 * validate_common checks the settings that all sites share, each on its own,
 * and that the process has enough workers.  validate_site checks the settings
 * of a site, each on its own and against each other.
 */
void validate_common(struct draft *draft);
void validate_site(struct draft *draft);

#endif
