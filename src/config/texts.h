#ifndef TEXTS_H
#define TEXTS_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Settings that are C strings.  A field is a char * that owns its memory; NULL
 * has no value yet.  The functions with void * are rows of the table of types
 * in value.c.
 */

/* Replaces the value.  False: no memory, nothing changed. */
bool text_set(void *field, const char *text);

/*
 * Adds a line to a value of several, which newlines separate; the first of them
 * may be empty.  Returns NULL, or words about text.
 */
const char *text_add(void *field, const char *text);

/* The number of lines of a value; 0 for one that is empty, or none. */
int text_count(const char *text);

/* Copies the value into a field without one.  False: no memory. */
bool text_copy(const void *from, void *to);

/* Wipes the value and frees it: it may be a secret. */
void text_free(void *field);

/* Prints one line, in quotes if the file's parser would read it differently. */
void text_print(const char *text, FILE *out);

#endif
