#ifndef DOC_H
#define DOC_H

#include <stdio.h>

/*
 * What is said of the settings, from the one table: the sample file
 * (etc/sessgate.conf), the manual page (man/sessgate.conf.5, in mdoc(7)) and
 * the list that --help ends with.
 */
void doc_sample(FILE *out);
void doc_man(FILE *out);
void doc_help(FILE *out);

#endif
