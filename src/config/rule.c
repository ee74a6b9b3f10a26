/* Access rules: parsing and printing. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "config/rule.h"

static const char no_memory[] = "does not fit into memory";
static const struct str otp = STR_INIT("otp");

static const struct verb {
	const char *word;
	bool takes_names;
} verbs[] = {
	[CONF_RULE_PUBLIC] = { "public", false },
	[CONF_RULE_LOGIN] = { "login", false },
	[CONF_RULE_USER] = { "user", true },
	[CONF_RULE_ROLE] = { "role", true },
};

enum { VERBS = sizeof(verbs) / sizeof(verbs[0]) };

/*
 * Takes the word at *at, which is not blank, removes its quotes in place, and
 * moves *at behind it.
 */
static struct str
take_word(char **at, bool *is_quote_open)
{
	char *from = *at, *to = from;
	struct str word = { .ptr = from };

	*is_quote_open = false;
	for (; *from != '\0' && (*is_quote_open || !str_is_blank(*from));
	     from++)
		if (*from == '"')
			*is_quote_open = !*is_quote_open;
		else
			*to++ = *from;
	word.len = (size_t)(to - word.ptr);
	*at = from;
	return word;
}

/* Removes the word otp, not in quotes, from the end of the rule's text. */
static void
take_otp(struct conf_rule *rule)
{
	struct str text = str_trim(str_from(rule->text));
	size_t rest;

	if (text.len <= otp.len)
		return;
	rest = text.len - otp.len;
	if (!str_eq_nocase(str_from_byte(text, rest), otp) ||
	    !str_is_blank(text.ptr[rest - 1]))
		return;
	rule->needs_otp = true;
	rule->text[text.ptr - rule->text + (ptrdiff_t)rest] = '\0';
}

/*
 * Removes the word otp (take_otp), and splits the rest of the rule's text into
 * words; there may be none.  Returns NULL, or the error.
 */
static const char *
split(struct conf_rule *rule, size_t *count)
{
	char *at = rule->text + strspn(rule->text, " \t");
	bool is_quote_open = false;

	take_otp(rule);
	rule->words = calloc(strlen(at) / 2 + 1, sizeof(*rule->words));
	if (rule->words == NULL)
		return no_memory;
	for (*count = 0; *at != '\0' && !is_quote_open; ++*count) {
		rule->words[*count] = take_word(&at, &is_quote_open);
		at += strspn(at, " \t");
	}
	return is_quote_open ? "has a double quote without another" : NULL;
}

/*
 * Takes the prefix.  A prefix that no plain path can have would make a rule
 * without effect.  A `*` is possible in a path, but probably meant as a
 * wildcard.  Returns NULL, or the error.
 */
static const char *
take_prefix(struct conf_rule *rule)
{
	rule->prefix = rule->words[0];
	if (!str_starts(rule->prefix, STR("/")))
		return "does not begin with a path, as /admin";
	if (str_has_char(rule->prefix, '*'))
		return "has a * in its path, which names all that is below it "
		       "without one";
	if (!path_is_plain(rule->prefix))
		return "has a path with //, a segment . or .., a control "
		       "character or one of % \\ ; ? #; write it decoded and "
		       "resolved";
	return NULL;
}

static const char *
take_names(struct conf_rule *rule, size_t count)
{
	rule->names = rule->words + 2;
	rule->name_count = count - 2;
	if (rule->kind == CONF_RULE_PUBLIC && rule->needs_otp)
		return "asks everybody for a code: otp stands behind login, "
		       "user or role";
	if (!verbs[rule->kind].takes_names && rule->name_count > 0)
		return "has words behind public or login";
	if (verbs[rule->kind].takes_names && rule->name_count == 0)
		return "names nobody behind user or role";
	for (size_t i = 0; i < rule->name_count; i++)
		if (rule->names[i].len == 0)
			return "has an empty name";
	return NULL;
}

static const char *
take_kind(struct conf_rule *rule, size_t count)
{
	size_t kind = 0;

	if (count < 2)
		return "says nothing behind its path: public, login, user or "
		       "role";
	while (kind < VERBS &&
	       !str_eq_nocase(rule->words[1], str_from(verbs[kind].word)))
		kind++;
	if (kind == VERBS)
		return "says neither public, login, user nor role behind its "
		       "path";
	rule->kind = (enum conf_rule_kind)kind;
	return NULL;
}

static const char *
append_rule(struct conf_rules *rules, const struct conf_rule *rule)
{
	struct conf_rule *larger;

	for (size_t i = 0; i < rules->count; i++)
		if (str_eq(rules->rules[i].prefix, rule->prefix))
			return "is the second rule for its path";
	larger = reallocarray(rules->rules, rules->count + 1, sizeof(*larger));
	if (larger == NULL)
		return no_memory;
	larger[rules->count++] = *rule;
	rules->rules = larger;
	return NULL;
}

static void
rule_free(struct conf_rule *rule)
{
	free(rule->words);
	free(rule->text);
}

bool
conf_rules_add(struct conf_rules *rules, const char *line, const char **why)
{
	struct conf_rule rule = { .text = strdup(line) };
	bool is_added = false;
	size_t count = 0;

	*why = rule.text != NULL ? split(&rule, &count) : no_memory;
	if (*why == NULL && count > 0) {
		*why = take_prefix(&rule);
		if (*why == NULL)
			*why = take_kind(&rule, count);
		if (*why == NULL)
			*why = take_names(&rule, count);
		if (*why == NULL)
			*why = append_rule(rules, &rule);
		is_added = *why == NULL;
	}
	if (!is_added)
		rule_free(&rule);
	return *why == NULL;
}

static bool
add_copy(struct conf_rules *rules, const struct conf_rule *rule)
{
	char *line = NULL;
	const char *why;
	size_t len;
	FILE *out = open_memstream(&line, &len);
	bool is_added = false;

	if (out == NULL)
		return false;
	conf_rule_print(rule, out);
	if (fclose(out) == 0)
		is_added = conf_rules_add(rules, line, &why);
	free(line);
	return is_added;
}

bool
conf_rules_copy(const struct conf_rules *from, struct conf_rules *to)
{
	*to = (struct conf_rules){ .count = 0 };
	for (size_t i = 0; i < from->count; i++) {
		if (!add_copy(to, &from->rules[i])) {
			conf_rules_free(to);
			return false;
		}
	}
	return true;
}

void
conf_rules_free(struct conf_rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		rule_free(&rules->rules[i]);
	free(rules->rules);
	*rules = (struct conf_rules){ 0 };
}

bool
conf_rules_have_role(const struct conf_rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		if (rules->rules[i].kind == CONF_RULE_ROLE)
			return true;
	return false;
}

bool
conf_rules_have_otp(const struct conf_rules *rules)
{
	for (size_t i = 0; i < rules->count; i++)
		if (rules->rules[i].needs_otp)
			return true;
	return false;
}

/*
 * True if the word needs quotes: for a blank in it; for a backslash, which at
 * the end of the line would continue the line; for the name otp, which would be
 * a demand for a code.
 */
static bool
needs_quotes(struct str word)
{
	return str_has_char(word, ' ') || str_has_char(word, '\t') ||
	       str_has_char(word, '\\') || str_eq_nocase(word, otp);
}

/*
 * Prints the prefix, with its first / before the quotes: quotes at the start
 * would belong to the whole value.
 */
static void
print_prefix(struct str prefix, FILE *out)
{
	struct str rest = str_from_byte(prefix, 1);

	fprintf(out, needs_quotes(rest) ? "/\"%.*s\"" : "/%.*s", STR_ARG(rest));
}

void
conf_rule_print(const struct conf_rule *rule, FILE *out)
{
	print_prefix(rule->prefix, out);
	fprintf(out, " %s", verbs[rule->kind].word);
	for (size_t i = 0; i < rule->name_count; i++)
		fprintf(out,
		    needs_quotes(rule->names[i]) ? " \"%.*s\"" : " %.*s",
		    STR_ARG(rule->names[i]));
	if (rule->needs_otp)
		fputs(" otp", out);
}
