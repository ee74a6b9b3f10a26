/* Applies the rules of [gate] to a request. */
#include "config.h"

#include "app/gate_rules.h"
#include "base/buf.h"
#include "http/uri.h"

static bool
covers(const struct conf_rule *rule, struct str path)
{
	struct str prefix = rule->prefix, below;

	if (prefix.ptr[prefix.len - 1] == '/')
		return str_starts(path, prefix);
	return uri_path_below(path, prefix, &below);
}

/* Two prefixes of one path that are equally long are equal, hence one rule. */
static const struct conf_rule *
find_longest(const struct conf_rules *rules, struct str path)
{
	const struct conf_rule *longest = NULL;

	for (size_t i = 0; i < rules->count; i++) {
		const struct conf_rule *rule = &rules->rules[i];

		if (covers(rule, path) &&
		    (longest == NULL || rule->prefix.len > longest->prefix.len))
			longest = rule;
	}
	return longest;
}

struct gate_rules_demand
gate_rules_find(
    const struct conf_rules *rules, struct arena *arena, struct str target)
{
	struct gate_rules_demand demand = { .rules = rules->rules,
		.count = rules->count };
	struct str path;

	if (!uri_plain_path(arena, target, &path))
		return demand;
	demand.rules = find_longest(rules, path);
	demand.count = demand.rules != NULL;
	demand.is_public =
	    demand.rules != NULL && demand.rules->kind == CONF_RULE_PUBLIC;
	return demand;
}

static bool
is_within(const struct conf_rule *rule, const struct conf_rule *outer)
{
	return rule != outer && (outer == NULL || covers(outer, rule->prefix));
}

struct str
gate_rules_scope(
    const struct conf_rules *rules, struct arena *arena, struct str target)
{
	struct buf scope = buf_open(arena, GATE_SCOPE_MAX);
	const struct conf_rule *rule;
	struct str path;

	if (!uri_plain_path(arena, target, &path))
		return STR_NONE;
	rule = find_longest(rules, path);
	buf_add(&scope, rule != NULL ? rule->prefix : STR("/"));
	for (size_t i = 0; i < rules->count; i++) {
		if (!is_within(&rules->rules[i], rule))
			continue;
		buf_add_char(&scope, ';');
		buf_add(&scope, rules->rules[i].prefix);
	}
	return scope.is_full ? STR_NONE : buf_str(&scope);
}

static bool
names(const struct conf_rule *rule, struct str name)
{
	for (size_t i = 0; i < rule->name_count; i++)
		if (str_eq(rule->names[i], name))
			return true;
	return false;
}

static bool
admits(const struct conf_rule *rule, struct str login, const struct str *roles,
    size_t role_count)
{
	switch (rule->kind) {
	case CONF_RULE_PUBLIC:
	case CONF_RULE_LOGIN:
		return true;
	case CONF_RULE_USER:
		return names(rule, login);
	case CONF_RULE_ROLE:
		for (size_t i = 0; i < role_count; i++)
			if (names(rule, roles[i]))
				return true;
		break;
	}
	return false;
}

bool
gate_rules_admit(const struct gate_rules_demand *demand, struct str login,
    const struct str *roles, size_t role_count)
{
	for (size_t i = 0; i < demand->count; i++)
		if (!admits(&demand->rules[i], login, roles, role_count))
			return false;
	return true;
}

bool
gate_rules_need_otp(const struct gate_rules_demand *demand)
{
	for (size_t i = 0; i < demand->count; i++)
		if (demand->rules[i].needs_otp)
			return true;
	return false;
}
