#ifndef RECORDS_H
#define RECORDS_H

#include <stdint.h>

#include "base/arena.h"
#include "http/reply.h"

/*
 * The answer to request `id` as it stands on the wire: its head and body in
 * STDOUT records, the end of STDOUT, and END_REQUEST with status 0 (FastCGI
 * 1.0, sections 5.3 and 5.5).  Lies in the arena.
 */
struct str records_answer(
    struct arena *arena, uint16_t id, const struct reply_text *text);

#endif
