#ifndef GATE_RULES_H
#define GATE_RULES_H

#include <stdbool.h>

#include "base/arena.h"
#include "config/rule.h"

/*
 * What the rules of a site ask of who wants to see a path behind the gate.
 * Pure.  All zeroes asks for a login.
 */
struct gate_rules_demand {
	bool is_public;		       /* anybody may; else a login, and */
	const struct conf_rule *rules; /* each of these has to admit it */
	size_t count;
};

/*
 * The demand for a raw request target, by the path that it has:
 *
 *	the rule with the longest prefix that covers it alone decides;
 *	where none does, a login is enough;
 *	a target without a plain path (uri_plain_path) is never public, and
 *	every rule has to admit who asks: whatever path a server makes of it,
 *	it opens nothing that its plain spelling would not.
 *
 * /a covers /a and what is below it, /a/ only what is below it, / everything;
 * letters count as they are written.
 *
 * The demand points into *rules.  The arena is used while it is made.
 */
struct gate_rules_demand gate_rules_find(
    const struct conf_rules *rules, struct arena *arena, struct str target);

/*
 * Does the demand admit a user who is logged in?  Names are the login as the
 * table spells it, or one of the roles, byte by byte; what is absent or empty
 * is no name.
 */
bool gate_rules_admit(const struct gate_rules_demand *demand, struct str login,
    const struct str *roles, size_t role_count);

#endif
