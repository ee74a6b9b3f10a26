/*
 * app/rules: however a target is spelt, it opens nothing that a plain path to
 * the same place would not.  The input is rules, a line each, an empty line,
 * and a target.
 */
#include "config.h"

#include "app/gate_rules.h"
#include "fuzz.h"
#include "http/uri.h"

static const struct str login = STR_INIT("alice");
static const struct str roles[] = { STR_INIT("staff"), STR_INIT("admin") };

/* Rules that are wrong are left out. */
static struct conf_rules
take_rules(struct arena *arena, struct str *rest)
{
	struct conf_rules rules = { 0 };

	while (!str_is_none(*rest) && rules.count < 16) {
		struct str line = str_cut(rest, '\n');
		const char *why;

		if (line.len == 0)
			break;
		if (!str_has_char(line, '\0'))
			conf_rules_add(&rules, arena_cstr(arena, line), &why);
	}
	return rules;
}

/* /a covers /a and /a/b, not /ab; /a/ covers /a/ and /a/b. */
static bool
is_covered(struct str path, struct str prefix)
{
	bool is_folder = prefix.ptr[prefix.len - 1] == '/';

	return str_starts(path, prefix) &&
	       (is_folder || path.len == prefix.len ||
		   path.ptr[prefix.len] == '/');
}

static bool
is_let_in(const struct gate_rules_demand *demand, size_t role_count)
{
	return gate_rules_admit(demand, login, roles, role_count);
}

static void
judge_plain(const struct conf_rules *rules,
    const struct gate_rules_demand *demand, struct str path)
{
	const struct conf_rule *rule = demand->rules;

	fuzz_claim(demand->count == (rule != NULL));
	fuzz_claim(rule == NULL || is_covered(path, rule->prefix));
	fuzz_claim(demand->is_public ==
		   (rule != NULL && rule->kind == CONF_RULE_PUBLIC));
	for (size_t i = 0; i < rules->count; i++)
		fuzz_claim(!is_covered(path, rules->rules[i].prefix) ||
			   (rule != NULL &&
			       rule->prefix.len >= rules->rules[i].prefix.len));
}

/* Whatever path it stands for, who gets in may go there. */
static void
judge_disguise(const struct conf_rules *rules, struct arena *arena,
    const struct gate_rules_demand *demand)
{
	fuzz_claim(!demand->is_public);
	for (size_t i = 0; i < rules->count; i++) {
		struct gate_rules_demand plain =
		    gate_rules_find(rules, arena, rules->rules[i].prefix);

		for (size_t role_count = 0; role_count <= 2; role_count++)
			fuzz_claim(!is_let_in(demand, role_count) ||
				   is_let_in(&plain, role_count));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = arena_open();
	struct str rest = fuzz_str(bytes, len);
	struct conf_rules rules = take_rules(arena, &rest);
	struct str target = fuzz_copy(arena, rest), path;
	struct gate_rules_demand demand =
	    gate_rules_find(&rules, arena, target);

	for (size_t i = 0; i < rules.count; i++)
		fuzz_claim(str_starts(rules.rules[i].prefix, STR("/")));
	if (uri_plain_path(arena, target, &path))
		judge_plain(&rules, &demand, path);
	else
		judge_disguise(&rules, arena, &demand);
	fuzz_claim(!is_let_in(&demand, 0) || is_let_in(&demand, 2));
	conf_rules_free(&rules);
	arena_close(arena);
	return 0;
}
