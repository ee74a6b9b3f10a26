#ifndef QUOTE_H
#define QUOTE_H

#include "base/str.h"

/*
 * Writes text into quoted, between double quotes.  A long text is cut.
 * Characters that could disturb a terminal or a log become `?`.
 */
#define QUOTE_SIZE 72
void quote_text(struct str text, char quoted[QUOTE_SIZE]);

#endif
