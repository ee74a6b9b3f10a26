#ifndef LOG_JSON_H
#define LOG_JSON_H

#include "base/log.h"

/*
 * Writes the event and its fields as members of a JSON object (RFC 8259),
 * without braces.  The text is ASCII, since a log is read on terminals, too.
 * Bytes that are not UTF-8 become U+FFFD.  If size bytes are too few, the end
 * of a text or whole members are left out, and *is_cut is set.  site may be
 * NULL.  Returns the length.
 */
size_t log_json_members(char *ptr, size_t size, bool *is_cut, const char *words,
    const char *site, const struct log_field *fields);

#endif
