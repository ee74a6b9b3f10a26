#ifndef RULE_H
#define RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/str.h"

/*
 * The access rules for the paths of a site behind the gate.  app/gate_rules.c
 * applies them.
 */
enum conf_rule_kind {
	CONF_RULE_PUBLIC,
	CONF_RULE_LOGIN,
	CONF_RULE_USER, /* users whose login is one of the names */
	CONF_RULE_ROLE	/* users whose role is one of the names */
};

struct conf_rule {
	/* a plain path (base/path.h), unique among the rules */
	struct str prefix;
	enum conf_rule_kind kind;
	const struct str *names; /* no name is empty */
	size_t name_count;
	/* the session must have been opened with a one-time code */
	bool needs_otp;
	/* memory that the rule owns: its words, and (text) their bytes */
	struct str *words;
	char *text;
};

struct conf_rules {
	struct conf_rule *rules;
	size_t count;
};

/*
 * Adds the rule of a line: PATH public, PATH login, PATH user NAME.. or PATH
 * role NAME.., separated by blanks.  The last three may end with the word otp.
 * A word, or a part of it, may be in double quotes, and keeps the blanks in
 * them; an otp in quotes is a name.  An empty line adds nothing.  False: *why
 * is a constant text, and *rules is unchanged.
 */
bool conf_rules_add(
    struct conf_rules *rules, const char *line, const char **why);

/* Copies the rules.  False: no memory, and *to is empty. */
bool conf_rules_copy(const struct conf_rules *from, struct conf_rules *to);

/* Frees the rules and empties the list. */
void conf_rules_free(struct conf_rules *rules);

/* True if a rule is of kind CONF_RULE_ROLE. */
bool conf_rules_have_role(const struct conf_rules *rules);

/* True if a rule needs a session that was opened with a one-time code. */
bool conf_rules_have_otp(const struct conf_rules *rules);

/* Prints the rule in the syntax of conf_rules_add. */
void conf_rule_print(const struct conf_rule *rule, FILE *out);

#endif
