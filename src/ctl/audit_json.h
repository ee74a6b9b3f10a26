#ifndef CTL_AUDIT_JSON_H
#define CTL_AUDIT_JSON_H

#include "base/arena.h"
#include "base/str.h"

/*
 * Reads a line that [log] format = json wrote.  Returns its event and fields as
 * text, as log_format writes them, in the arena.  *time is set to the member
 * `time`, if there is one.  STR_NONE: the line is not of this format.
 */
struct str audit_text_of(
    struct arena *arena, struct str line, struct str *time);

#endif
