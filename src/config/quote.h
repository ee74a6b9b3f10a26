#ifndef QUOTE_H
#define QUOTE_H

#include "base/str.h"

#define QUOTE_SIZE 72

/*
 * Writes text into quoted, between double quotes.  A long text is cut.
 * Characters that could disturb a terminal or a log become `?`.
 */
void quote_text(struct str text, char quoted[QUOTE_SIZE]);

#endif
