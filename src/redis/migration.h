#ifndef MIGRATION_H
#define MIGRATION_H

#include "store/store.h"

/*
 * Moves a live session that is stored under its token, facts->name, to the
 * token's hash, with the generation gen (STR_NONE: the one that it has), and
 * keeps its TTL.  At every moment at least one of the two keys opens the
 * session.  MISS: the record has changed or ended meanwhile, and nothing is
 * left under the hash.  FAULT: the new record would be too long, or OpenSSL has
 * no SHA-1.
 */
enum result redis_sessions_move(struct session_port *port, struct call *call,
    const struct session_facts *facts, struct str gen);

#endif
