#ifndef VALUE_H
#define VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "config/setting.h"

/*
 * The values of settings: from text, to text.  A field is the one of the
 * setting in a struct conf; all zeroes is a field without a value.
 */
#define VALUE_WHY_SIZE 256

/*
 * Reads text into the field; what it held is freed, but of a repeatable
 * setting it stays and text is added.  False: the field is untouched, and why
 * says what is wrong, without any part of a secret.
 */
bool value_parse(const struct setting *setting, const char *text, void *field,
    char why[VALUE_WHY_SIZE]);

/*
 * A copy of what the field from holds, in the field to; what that held is
 * freed.  False: no memory, and to is as it was.
 */
bool value_copy(const struct setting *setting, const void *from, void *to);

/* Frees what the field holds (secrets are wiped) and zeroes it. */
void value_free(const struct setting *setting, void *field);

/*
 * The value as value_parse reads it; those of a repeatable setting with a
 * newline between.  The caller does not show secrets.
 */
void value_print(const struct setting *setting, const void *field, FILE *out);

/* What the setting may be, in words: "10 to 1024", "gate or api". */
void value_print_kind(const struct setting *setting, FILE *out);

#endif
