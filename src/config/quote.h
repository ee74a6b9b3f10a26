#ifndef QUOTE_H
#define QUOTE_H

#include "base/str.h"

/*
 * text between double quotes into quoted, cut after a while, with `?` for
 * whatever could trouble a terminal or a log.
 */
#define QUOTE_SIZE 72
void quote_text(struct str text, char quoted[QUOTE_SIZE]);

#endif
