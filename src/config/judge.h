#ifndef JUDGE_H
#define JUDGE_H

#include "config/draft.h"

/*
 * Tells, where they were said, the values that are well-formed and yet cannot
 * be meant: forms of single settings, and settings that contradict each
 * other.  Needs conf->in_force.
 */
void judge_draft(struct draft *draft);

#endif
