#ifndef VALUE_H
#define VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "config/setting.h"

/*
 * Parses and prints values of settings.  `field` is the field of the setting in
 * a struct conf; a zeroed field has no value.
 */
#define VALUE_WHY_SIZE 256

/*
 * Parses text into the field and frees the previous value; for a repeatable
 * setting adds the new value instead.  False: the field is unchanged, and why
 * has the reason, without any part of a secret.
 */
bool value_parse(const struct setting *setting, const char *text, void *field,
    char why[VALUE_WHY_SIZE]);

/*
 * Copies the value of field `from` to field `to`, and frees the previous value.
 * False: no memory, and `to` is unchanged.
 */
bool value_copy(const struct setting *setting, const void *from, void *to);

/* Frees the value (secrets are wiped) and zeroes the field. */
void value_free(const struct setting *setting, void *field);

/*
 * Prints the value in the syntax of value_parse; several values are separated
 * by newlines.  Secrets are printed too: the caller must leave them out.
 */
void value_print(const struct setting *setting, const void *field, FILE *out);

/* Prints the allowed values in words: "10 to 1024", "gate or api". */
void value_print_kind(const struct setting *setting, FILE *out);

#endif
