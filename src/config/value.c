/* Values of settings: a table with one row of functions for each type. */
#include "config.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "config/net.h"
#include "config/rule.h"
#include "config/rate.h"
#include "config/units.h"
#include "config/quote.h"
#include "config/texts.h"
#include "config/value.h"

/* Errors to which explain_value appends the allowed values. */
static const char is_not[] = "is not";
static const char is_not_from[] = "is not from";
static const char is_no_list[] = "is no list of";
static const char is_no[] = "is no";

static const char *const yes_words[] = { "on", "yes", "true", "1", NULL };
static const char *const no_words[] = { "off", "no", "false", "0", NULL };

/* Returns the index of word in words; -1: it is none of them. */
static int
find_word(const char *const *words, struct str word)
{
	for (int i = 0; words[i] != NULL; i++)
		if (str_eq_nocase(str_from(words[i]), word))
			return i;
	return -1;
}

static int
word_index(const char *const *words, const char *text)
{
	return find_word(words, str_from(text));
}

static const char *
parse_bool(const struct setting *setting, const char *text, void *field)
{
	bool *value = field;
	bool is_yes = word_index(yes_words, text) >= 0;

	(void)setting;
	if (!is_yes && word_index(no_words, text) < 0)
		return "is neither on nor off";
	*value = is_yes;
	return NULL;
}

static const char *
parse_int(const struct setting *setting, const char *text, void *field)
{
	int *value = field;
	int64_t number;

	if (!str_to_int(str_from(text), INT64_MIN, INT64_MAX, &number))
		return "is no whole number";
	if (number < setting->min || number > setting->max)
		return is_not_from;
	*value = (int)number;
	return NULL;
}

static enum units
units_of(const struct setting *setting)
{
	return setting->type == SETTING_SIZE ? UNITS_SIZE : UNITS_SPAN;
}

static const char *
parse_units(const struct setting *setting, const char *text, void *field)
{
	static const char *const senseless[] = {
		[UNITS_SPAN] = "is no time such as 500ms, 30s, 15m, 12h or 7d",
		[UNITS_SIZE] = "is no size such as 4096, 64K, 32M or 1G",
	};
	enum units units = units_of(setting);
	enum units_verdict verdict =
	    units_read(units, text, setting->min, setting->max, field);

	if (verdict == UNITS_BEYOND)
		return is_not_from;
	return verdict == UNITS_READ ? NULL : senseless[units];
}

static const char *
parse_rate(const struct setting *setting, const char *text, void *field)
{
	struct conf_rate rate;

	if (!rate_read(text, (int)setting->max, &rate))
		return is_no;
	memcpy(field, &rate, sizeof(rate));
	return NULL;
}

static const char *
parse_choice(const struct setting *setting, const char *text, void *field)
{
	unsigned *value = field; /* the type of an enumeration */
	int index = word_index(setting->words, text);

	if (index < 0)
		return is_not;
	*value = (unsigned)index;
	return NULL;
}

/* Parses words separated by commas; there must be at least one. */
static const char *
parse_set(const struct setting *setting, const char *text, void *field)
{
	struct str rest = str_from(text);
	unsigned *value = field, bits = 0;

	while (!str_is_none(rest)) {
		struct str word = str_trim(str_cut(&rest, ','));
		int index = find_word(setting->words, word);

		if (index < 0)
			return is_no_list;
		bits |= 1u << index;
	}
	*value = bits;
	return NULL;
}

static const char *
parse_text(const struct setting *setting, const char *text, void *field)
{
	(void)setting;
	return text_set(field, text) ? NULL : "does not fit into memory";
}

static const char *
parse_added(const struct setting *setting, const char *text, void *field)
{
	(void)setting;
	return text_add(field, text);
}

static const char *
parse_nets(const struct setting *setting, const char *text, void *field)
{
	struct conf_nets nets;
	const char *why;

	if (!conf_nets_parse(text, &nets, &why))
		return why;
	value_free(setting, field);
	memcpy(field, &nets, sizeof(nets));
	return NULL;
}

static const char *
parse_rules(const struct setting *setting, const char *text, void *field)
{
	const char *why;

	(void)setting;
	conf_rules_add(field, text, &why);
	return why;
}

static bool
copy_nets(const void *from, void *to)
{
	const struct conf_nets *nets = from;
	struct conf_nets *value = to;

	*value = (struct conf_nets){ .count = nets->count };
	if (nets->nets == NULL)
		return true;
	value->nets = calloc(nets->count, sizeof(value->nets[0]));
	if (value->nets == NULL)
		return false;
	memcpy(value->nets, nets->nets, nets->count * sizeof(value->nets[0]));
	return true;
}

static bool
copy_rules(const void *from, void *to)
{
	return conf_rules_copy(from, to);
}

static void
free_nets(void *field)
{
	struct conf_nets *nets = field;

	free(nets->nets);
}

static void
free_rules(void *field)
{
	conf_rules_free(field);
}

static void
print_bool(const struct setting *setting, const void *field, FILE *out)
{
	const bool *value = field;

	(void)setting;
	fputs(*value ? yes_words[0] : no_words[0], out);
}

static void
print_int(const struct setting *setting, const void *field, FILE *out)
{
	const int *value = field;

	(void)setting;
	fprintf(out, "%d", *value);
}

static void
print_units(const struct setting *setting, const void *field, FILE *out)
{
	const int64_t *value = field;

	units_print(units_of(setting), *value, out);
}

static void
print_rate(const struct setting *setting, const void *field, FILE *out)
{
	(void)setting;
	rate_print(field, out);
}

static void
print_choice(const struct setting *setting, const void *field, FILE *out)
{
	const unsigned *value = field;

	fputs(setting->words[*value], out);
}

static void
print_set(const struct setting *setting, const void *field, FILE *out)
{
	const unsigned *value = field;
	const char *glue = "";

	for (int i = 0; setting->words[i] != NULL; i++) {
		if ((*value & 1u << i) == 0)
			continue;
		fprintf(out, "%s%s", glue, setting->words[i]);
		glue = ", ";
	}
}

static void
print_text(const struct setting *setting, const void *field, FILE *out)
{
	const char *const *value = field;

	(void)setting;
	text_print(*value, out);
}

static void
print_nets(const struct setting *setting, const void *field, FILE *out)
{
	const struct conf_nets *value = field;

	(void)setting;
	for (size_t i = 0; i < value->count; i++) {
		char text[NET_TEXT_SIZE];

		conf_net_format(&value->nets[i], text);
		fprintf(out, "%s%s", i > 0 ? ", " : "", text);
	}
}

static void
print_rules(const struct setting *setting, const void *field, FILE *out)
{
	const struct conf_rules *value = field;

	(void)setting;
	for (size_t i = 0; i < value->count; i++) {
		if (i > 0)
			fputc('\n', out);
		conf_rule_print(&value->rules[i], out);
	}
}

static void
print_kind_int(const struct setting *setting, FILE *out)
{
	fprintf(out, "%" PRId64 " to %" PRId64, setting->min, setting->max);
}

static void
print_kind_units(const struct setting *setting, FILE *out)
{
	units_print(units_of(setting), setting->min, out);
	fputs(" to ", out);
	units_print(units_of(setting), setting->max, out);
}

static void
print_words(const struct setting *setting, const char *last, FILE *out)
{
	const char *const *word = setting->words;

	for (; *word != NULL; word++) {
		if (word != setting->words)
			fputs(word[1] != NULL ? ", " : last, out);
		fputs(*word, out);
	}
}

static void
print_kind_choice(const struct setting *setting, FILE *out)
{
	print_words(setting, " or ", out);
}

static void
print_kind_set(const struct setting *setting, FILE *out)
{
	print_words(setting, " and ", out);
}

/*
 * The functions of each type.  kind has the allowed values; NULL: print_kind
 * writes them.
 */
static const struct type {
	const char *(*parse)(
	    const struct setting *setting, const char *text, void *field);
	void (*free)(void *field);		  /* NULL: nothing to free */
	bool (*copy)(const void *from, void *to); /* NULL if free is NULL */
	void (*print)(
	    const struct setting *setting, const void *field, FILE *out);
	const char *kind;
	void (*print_kind)(const struct setting *setting, FILE *out);
	size_t size;
} types[] = {
	// clang-format off
	[SETTING_BOOL] = { parse_bool, NULL, NULL, print_bool, "on or off", NULL, sizeof(bool) },
	[SETTING_INT] = { parse_int, NULL, NULL, print_int, NULL, print_kind_int, sizeof(int) },
	[SETTING_SPAN] = { parse_units, NULL, NULL, print_units, NULL, print_kind_units, sizeof(int64_t) },
	[SETTING_SIZE] = { parse_units, NULL, NULL, print_units, NULL, print_kind_units, sizeof(int64_t) },
	[SETTING_CHOICE] = { parse_choice, NULL, NULL, print_choice, NULL, print_kind_choice, sizeof(unsigned) },
	[SETTING_SET] = { parse_set, NULL, NULL, print_set, NULL, print_kind_set, sizeof(unsigned) },
	[SETTING_TEXT] = { parse_text, text_free, text_copy, print_text, "text", NULL, sizeof(char *) },
	[SETTING_SECRET] = { parse_text, text_free, text_copy, print_text, "secret text", NULL, sizeof(char *) },
	[SETTING_SECRETS] = { parse_added, text_free, text_copy, print_text, "secret text; each line adds one", NULL, sizeof(char *) },
	[SETTING_SECRET_FILE] = { parse_text, text_free, text_copy, print_text, "the path of a file", NULL, sizeof(char *) },
	[SETTING_SECRETS_FILE] = { parse_text, text_free, text_copy, print_text, "the path of a file", NULL, sizeof(char *) },
	[SETTING_NETS] = { parse_nets, free_nets, copy_nets, print_nets, "addresses and networks, with commas between", NULL, sizeof(struct conf_nets) },
	[SETTING_RULES] = { parse_rules, free_rules, copy_rules, print_rules, "PATH public, PATH login, PATH user NAME.. or PATH role NAME..; each line adds one", NULL, sizeof(struct conf_rules) },
	[SETTING_RATE] = { parse_rate, NULL, NULL, print_rate, "number/time such as 5/900 or 5/15m, at most 30 days; 0 for no limit", NULL, sizeof(struct conf_rate) },
	// clang-format on
};

/* parse_choice and print_choice access an enumeration as unsigned. */
_Static_assert(sizeof(enum conf_session_key) == sizeof(unsigned),
    "enumerations are as wide as unsigned");

bool
value_copy(const struct setting *setting, const void *from, void *to)
{
	const struct type *type = &types[setting->type];
	union {
		int64_t number;
		char *text;
		struct conf_nets nets;
		struct conf_rules rules;
	} copy;

	assert(type->size <= sizeof(copy));
	assert((type->copy == NULL) == (type->free == NULL));
	memcpy(&copy, from, type->size);
	if (type->copy != NULL && !type->copy(from, &copy))
		return false;
	value_free(setting, to);
	memcpy(to, &copy, type->size);
	return true;
}

void
value_free(const struct setting *setting, void *field)
{
	const struct type *type = &types[setting->type];

	if (type->free != NULL)
		type->free(field);
	memset(field, 0, type->size);
}

void
value_print(const struct setting *setting, const void *field, FILE *out)
{
	types[setting->type].print(setting, field, out);
}

void
value_print_kind(const struct setting *setting, FILE *out)
{
	const struct type *type = &types[setting->type];

	if (type->kind != NULL)
		fputs(type->kind, out);
	else
		type->print_kind(setting, out);
}

/*
 * Writes an error such as `"5" is not from 10 to 1024`.  A secret is not
 * repeated.
 */
static void
explain_value(const struct setting *setting, const char *text,
    const char *words, char why[VALUE_WHY_SIZE])
{
	char quoted[QUOTE_SIZE] = "the value";
	FILE *out = fmemopen(why, VALUE_WHY_SIZE, "w");

	if (out == NULL) {
		snprintf(why, VALUE_WHY_SIZE, "%s %s", quoted, words);
		return;
	}
	if (!setting_is_secret(setting))
		quote_text(str_from(text), quoted);
	fprintf(out, "%s %s", quoted, words);
	if (words == is_not || words == is_not_from || words == is_no_list ||
	    words == is_no) {
		fputc(' ', out);
		value_print_kind(setting, out);
	}
	fclose(out);
	why[VALUE_WHY_SIZE - 1] = '\0';
}

/* True if text is one line: it holds no control character but tabs. */
static bool
is_one_line(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' ? *text != '\t'
					       : *text == '\x7f')
			return false;
	return true;
}

bool
value_parse(const struct setting *setting, const char *text, void *field,
    char why[VALUE_WHY_SIZE])
{
	const char *words;

	if (!is_one_line(text))
		words = "holds a control character";
	else if (!str_is_utf8(str_from(text)))
		words = "is not UTF-8";
	else
		words = types[setting->type].parse(setting, text, field);
	if (words != NULL)
		explain_value(setting, text, words, why);
	return words == NULL;
}
