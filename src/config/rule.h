#ifndef RULE_H
#define RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/str.h"

/*
 * The access rules of a site's paths behind the gate.  app/gate_rules.c applies
 * them.
 */
enum conf_rule_kind {
	CONF_RULE_PUBLIC,
	CONF_RULE_LOGIN,
	CONF_RULE_USER, /* users whose login is one of the names */
	CONF_RULE_ROLE	/* users whose role is one of the names */
};

struct conf_rule {
	struct str prefix; /* path_is_plain; unique among the rules */
	enum conf_rule_kind kind;
	const struct str *names; /* none is empty */
	size_t name_count;
	bool needs_otp;	   /* a session that was opened with a code */
	struct str *words; /* owned memory: the words, and (text) their bytes */
	char *text;
};

struct conf_rules {
	struct conf_rule *rules;
	size_t count;
};

/*
 * Adds the rule of a line: PATH public, PATH login, PATH user NAME.. or PATH
 * role NAME.., separated by blanks, the last three also with otp behind.  A
 * word, or a part of it, may be in double quotes, and blanks in it count; an
 * otp in quotes is a name.  An empty line adds nothing.  False: *why is a
 * constant text, *rules is unchanged.
 */
bool conf_rules_add(
    struct conf_rules *rules, const char *line, const char **why);

/* Copies the rules.  False: no memory, and *to is empty. */
bool conf_rules_copy(const struct conf_rules *from, struct conf_rules *to);

/* Frees the rules and empties the list. */
void conf_rules_free(struct conf_rules *rules);

/* True if a rule is of kind CONF_RULE_ROLE. */
bool conf_rules_have_role(const struct conf_rules *rules);

/* True if a rule asks for a session that was opened with a code. */
bool conf_rules_have_otp(const struct conf_rules *rules);

/* Prints the rule in the syntax of conf_rules_add. */
void conf_rule_print(const struct conf_rule *rule, FILE *out);

#endif
