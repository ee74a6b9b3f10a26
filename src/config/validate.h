#ifndef VALIDATE_H
#define VALIDATE_H

#include "config/draft.h"

/*
 * Checks of well-formed values that cannot be meant.  Errors are reported at
 * the source of the value.  conf->effective must be filled.
 *
 * validate_common: errors that do not depend on the site: malformed single
 * settings, and more than the process can do.  validate_site: malformed
 * settings of the site's own section, and settings that contradict each other.
 */
void validate_common(struct draft *draft);
void validate_site(struct draft *draft);

#endif
