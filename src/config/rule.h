#ifndef RULE_H
#define RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/str.h"

/*
 * Who gets in at which path of a site behind the gate; app/gate_rules.c applies
 * them.
 */
enum conf_rule_kind {
	CONF_RULE_PUBLIC,
	CONF_RULE_LOGIN,
	CONF_RULE_USER, /* one of the names, as a login */
	CONF_RULE_ROLE	/* who has one of the names as a role */
};

struct conf_rule {
	struct str prefix; /* path_is_plain; no two rules have the same */
	enum conf_rule_kind kind;
	const struct str *names; /* none of them empty */
	size_t name_count;
	struct str *words; /* memory: of the words, and of their bytes */
	char *text;
};

struct conf_rules {
	struct conf_rule *rules;
	size_t count;
};

/*
 * Adds the rule that a line holds: PATH public, PATH login, PATH user NAME..
 * or PATH role NAME.., with blanks between; blanks within a word stand, with
 * any part of it, in double quotes.  An empty line adds nothing.  False: *why
 * is fixed words, *rules is untouched.
 */
bool conf_rules_add(
    struct conf_rules *rules, const char *line, const char **why);

/* The same rules in memory of their own; false: no memory, and *to is empty. */
bool conf_rules_copy(const struct conf_rules *from, struct conf_rules *to);

void conf_rules_free(struct conf_rules *rules);

/* Does a rule ask for a role? */
bool conf_rules_have_role(const struct conf_rules *rules);

/* The rule as conf_rules_add reads it. */
void conf_rule_print(const struct conf_rule *rule, FILE *out);

#endif
