#ifndef TEXTS_H
#define TEXTS_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Settings that are C strings.  A field is a char * that owns its memory; NULL:
 * it has no value yet.  The functions with void * are in the table of types in
 * value.c.
 */

/* Replaces the value.  False: no memory, and nothing has changed. */
bool text_set(void *field, const char *text);

/*
 * Adds a line to a value.  An empty value is replaced; any other one accepts no
 * empty line.  Returns NULL, or the error of text.
 */
const char *text_add(void *field, const char *text);

/* Returns the number of lines of a value; 0 if it is empty or NULL. */
int text_count(const char *text);

/* Copies the value into a field that has none.  False: no memory. */
bool text_copy(const void *from, void *to);

/* Wipes and frees the value, which may be a secret.  The field still has it. */
void text_free(void *field);

/* Prints one line, in quotes if the file's parser would read it differently. */
void text_print(const char *text, FILE *out);

#endif
