#ifndef VALIDATE_H
#define VALIDATE_H

#include "config/draft.h"

/*
 * Both tell, where they were said, the values that are well-formed and yet
 * cannot be meant.  They need conf->effective.
 *
 * validate_common: what is wrong for whomever: forms of single settings, and
 * what the process cannot do.  validate_site: forms of what the site set
 * itself, and settings that contradict each other.
 */
void validate_common(struct draft *draft);
void validate_site(struct draft *draft);

#endif
