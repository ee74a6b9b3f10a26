#ifndef CTL_AUDIT_JSON_H
#define CTL_AUDIT_JSON_H

#include "base/arena.h"
#include "base/str.h"

/*
 * The event and the fields of a line that [log] format = json wrote, as text
 * (log_format).  *time: its member time, if it has one, else unchanged.
 * STR_NONE: it is no such line.
 */
struct str audit_text_of(
    struct arena *arena, struct str line, struct str *time);

#endif
