#ifndef CTL_JSON_LINE_H
#define CTL_JSON_LINE_H

#include "base/arena.h"
#include "http/json_write.h"

/*
 * An object of --json: one line of standard output.  The caller writes its
 * members with the functions of http/json_write.h.
 */

/* Begins the object.  The writer lives in the arena. */
struct json_writer *json_line_begin(struct arena *arena);

/* Ends the object and prints it. */
void json_line_print(struct json_writer *line);

/* Print an object with one member. */
void json_line_print_int(struct arena *arena, struct str name, int64_t value);
void json_line_print_bool(struct arena *arena, struct str name, bool value);

#endif
