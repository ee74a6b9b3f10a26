#ifndef GATE_RULES_H
#define GATE_RULES_H

#include <stdbool.h>

#include "base/arena.h"
#include "config/rule.h"

/*
 * The conditions for a path behind the gate, from the rules of the site.  All
 * functions here are pure.  A zeroed struct demands a login and nothing else.
 */
struct gate_rules_demand {
	bool is_public;		       /* if false, a login is needed */
	const struct conf_rule *rules; /* each must admit the user */
	size_t count;
};

/*
 * Finds the demand for a raw request target:
 *
 *	The rule with the longest prefix that covers the path decides alone.
 *	If no rule covers it, a login is enough.
 *	A target without a plain path (uri_plain_path) is never public, and
 *	every rule must admit the user.  So a target that servers decode in
 *	different ways opens nothing that its plain spelling does not open.
 *
 * /a covers /a and everything below, /a/ only what is below, / everything.  The
 * case of letters matters.
 *
 * The demand points into *rules.  The arena is used only during the call.
 */
struct gate_rules_demand gate_rules_find(
    const struct conf_rules *rules, struct arena *arena, struct str target);

/*
 * True if the demand admits this logged-in user, apart from one-time codes.  A
 * rule names the login as the users table has it, or one of the roles; both are
 * compared byte by byte.  An absent or empty text matches no name.
 */
bool gate_rules_admit(const struct gate_rules_demand *demand, struct str login,
    const struct str *roles, size_t role_count);

/*
 * Returns the paths for which the demand for this target holds, for a web
 * server that shows several of them in one answer (index files, server-side
 * includes): the prefix of the rule that decides, or / if none does, then the
 * prefix of each rule below it, separated by `;`, which no prefix contains.
 * The text is in the arena.  STR_NONE: the demand holds for this target only,
 * which has no plain path, or the text would be longer than GATE_SCOPE_MAX.
 */
enum { GATE_SCOPE_MAX = 1024 /* bytes */ };
struct str gate_rules_scope(
    const struct conf_rules *rules, struct arena *arena, struct str target);

/*
 * True if the demand admits only sessions that were opened with a one-time
 * code.
 */
bool gate_rules_need_otp(const struct gate_rules_demand *demand);

#endif
