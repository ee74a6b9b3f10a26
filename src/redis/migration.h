#ifndef MIGRATION_H
#define MIGRATION_H

#include "store/store.h"

/*
 * Moves a live session that is stored under its token, facts->name, to the
 * token's hash, with the generation gen (STR_NONE: it has one), and keeps its
 * TTL.  MISS: the record has changed or ended meanwhile; nothing was done.  At
 * no time does neither key open the session.
 */
enum result redis_sessions_move(struct session_port *port, struct call *call,
    const struct session_facts *facts, struct str gen);

#endif
