#ifndef DOC_H
#define DOC_H

#include <stdio.h>

/*
 * Write the documents that are generated from the table of settings: the sample
 * file (etc/sessgate.conf) and the manual page (man/sessgate.conf.5, in
 * mdoc(7)).
 */
void doc_sample(FILE *out);
void doc_man(FILE *out);

#endif
