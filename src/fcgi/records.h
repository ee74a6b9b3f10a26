#ifndef RECORDS_H
#define RECORDS_H

#include <stdint.h>

#include "base/arena.h"
#include "http/reply.h"

/*
 * The complete answer to request `id` as FastCGI records: head and body in
 * STDOUT records, the end of STDOUT, and END_REQUEST with status 0 (FastCGI
 * 1.0, 5.3 and 5.5).  Allocated in the arena.
 */
struct str records_answer(
    struct arena *arena, uint16_t id, const struct reply_text *text);

#endif
