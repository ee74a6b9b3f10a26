/* A template is a list of parts, which are written from front to back. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "http/template.h"

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyz0123456789_"

enum { NAME_MAX_LEN = 40 };

enum part_kind {
	PART_TEXT,
	PART_VALUE,
	PART_IF,     /* section shown if the value is not empty */
	PART_UNLESS, /* section shown if the value is empty */
	PART_END
};

struct part {
	enum part_kind kind;
	struct str text; /* of a tag: the text after its opening braces */
	size_t name;	 /* number of its name */
	size_t end;	 /* of a section: index of its PART_END */
};

struct template
{
	struct part *parts;
	size_t count;
	struct str languages[TEMPLATE_LANGUAGES_MAX];
	size_t language_count;
};

struct parser {
	struct str whole;
	const char *const *names;
	struct template *template;
	struct template_error *error;
	size_t open[TEMPLATE_DEPTH_MAX]; /* open sections, the innermost last */
	size_t depth;
};

int
template_line_of(struct str text, const char *at)
{
	int line_no = 1;

	for (const char *byte = text.ptr; byte < at; byte++)
		line_no += *byte == '\n';
	return line_no;
}

/* Sets the error and returns false. */
static bool
template_fail(struct parser *parser, const char *at, const char *words)
{
	struct template_error *error = parser->error;

	error->line_no = template_line_of(parser->whole, at);
	snprintf(error->words, sizeof(error->words), "%s", words);
	return false;
}

/* template_fail with the words completed by a name and "}}". */
static bool
fail_at_name(
    struct parser *parser, const char *at, const char *words, struct str name)
{
	struct template_error *error = parser->error;

	error->line_no = template_line_of(parser->whole, at);
	snprintf(error->words, sizeof(error->words), "%s%.*s}}", words,
	    STR_ARG(name));
	return false;
}

/* str_cut with a separator of two bytes. */
static struct str
cut_at_pair(struct str *rest, const char pair[2])
{
	struct str head = *rest;
	const char *found =
	    rest->len > 1 ? memmem(rest->ptr, rest->len, pair, 2) : NULL;

	if (found == NULL) {
		*rest = STR_NONE;
		return head;
	}
	head.len = (size_t)(found - head.ptr);
	*rest = str_from_byte(*rest, head.len + 2);
	return head;
}

static struct str
trim_blanks(struct str s)
{
	while (s.len > 0 &&
	       (s.ptr[0] == '\n' || s.ptr[0] == ' ' || s.ptr[0] == '\t'))
		s = str_from_byte(s, 1);
	while (
	    s.len > 0 && (s.ptr[s.len - 1] == '\n' || s.ptr[s.len - 1] == ' ' ||
			     s.ptr[s.len - 1] == '\t'))
		s.len--;
	return s;
}

static bool
is_name(const struct parser *parser, struct str name, size_t *number)
{
	const struct template *template = parser->template;
	size_t count = 0;

	for (; parser->names[count] != NULL; count++)
		if (str_eq(name, str_from(parser->names[count]))) {
			*number = count;
			return true;
		}
	for (size_t i = 0; i < template->language_count; i++)
		if (str_eq(name, template->languages[i])) {
			*number = count + i;
			return true;
		}
	return false;
}

static bool
check_name(struct parser *parser, struct str name)
{
	return (name.len > 0 && name.len <= NAME_MAX_LEN &&
		   str_only(name, NAME_CHARS)) ||
	       template_fail(parser, name.ptr,
		   "a name is of small letters, digits and _");
}

static bool
find_name(struct parser *parser, struct str name, size_t *number)
{
	return check_name(parser, name) &&
	       (is_name(parser, name, number) ||
		   fail_at_name(parser, name.ptr, "there is no {{", name));
}

/* Returns the name with this number: one of names, then the languages. */
static struct str
tag_name(const struct parser *parser, size_t number)
{
	for (size_t i = 0; parser->names[i] != NULL; i++)
		if (i == number)
			return str_from(parser->names[i]);
		else if (parser->names[i + 1] == NULL)
			return parser->template->languages[number - i - 1];
	return STR("");
}

static bool
add_language(struct parser *parser, struct str name)
{
	struct template *template = parser->template;
	size_t number;

	if (!check_name(parser, name))
		return false;
	if (is_name(parser, name, &number))
		return template_fail(parser, name.ptr,
		    "a language has the name of something else");
	if (template->language_count == TEMPLATE_LANGUAGES_MAX)
		return template_fail(
		    parser, name.ptr, "has more than 16 languages");
	template->languages[template->language_count++] = name;
	return true;
}

/* Reads the languages of {{%languages en de}}. */
static bool
take_pragma(struct parser *parser, struct str pragma)
{
	const char *at = pragma.ptr;

	pragma = trim_blanks(pragma);
	if (!str_eq(str_cut(&pragma, ' '), STR("languages")))
		return template_fail(
		    parser, at, "after {{% stands: languages en de ..");
	while (!str_is_none(pragma)) {
		struct str name = str_cut(&pragma, ' ');

		if (name.len > 0 && !add_language(parser, name))
			return false;
	}
	return true;
}

static bool
open_section(struct parser *parser, const struct part *part)
{
	if (parser->depth == TEMPLATE_DEPTH_MAX)
		return template_fail(parser, part->text.ptr,
		    "too many sections within one another");
	parser->open[parser->depth++] = parser->template->count;
	return true;
}

static bool
close_section(struct parser *parser, const struct part *part)
{
	struct part *section;

	if (parser->depth == 0)
		return template_fail(parser, part->text.ptr,
		    "a section ends that has not begun");
	section = &parser->template->parts[parser->open[parser->depth - 1]];
	if (section->name != part->name)
		return fail_at_name(parser, part->text.ptr,
		    "here should stand {{/", tag_name(parser, section->name));
	parser->depth--;
	section->end = parser->template->count;
	return true;
}

static void
add_part(struct parser *parser, struct part part)
{
	parser->template->parts[parser->template->count++] = part;
}

/* Reads a tag, the text between the braces. */
static bool
take_tag(struct parser *parser, struct str tag)
{
	static const char marks[] = "#^/";
	static const enum part_kind kinds[] = { PART_IF, PART_UNLESS,
		PART_END };
	struct part part = { .kind = PART_VALUE, .text = tag };
	const char *mark =
	    tag.len > 0 ? memchr(marks, tag.ptr[0], sizeof(marks) - 1) : NULL;

	if (str_starts(tag, STR("!")))
		return true;
	if (str_starts(tag, STR("%")))
		return take_pragma(parser, str_from_byte(tag, 1));
	if (mark != NULL) {
		part.kind = kinds[mark - marks];
		tag = str_from_byte(tag, 1);
	}
	if (!find_name(parser, trim_blanks(tag), &part.name))
		return false;
	if (part.kind == PART_END && !close_section(parser, &part))
		return false;
	if ((part.kind == PART_IF || part.kind == PART_UNLESS) &&
	    !open_section(parser, &part))
		return false;
	add_part(parser, part);
	return true;
}

static bool
parse_sections(struct parser *parser)
{
	struct str rest = parser->whole;

	for (;;) {
		struct str text = cut_at_pair(&rest, "{{");
		struct str tag;

		if (text.len > 0)
			add_part(parser,
			    (struct part){ .kind = PART_TEXT, .text = text });
		if (str_is_none(rest))
			break;
		tag = cut_at_pair(&rest, "}}");
		if (str_is_none(rest))
			return template_fail(
			    parser, tag.ptr, "{{ without its }}");
		if (!take_tag(parser, tag))
			return false;
	}
	if (parser->depth > 0) {
		const struct part *section =
		    &parser->template->parts[parser->open[parser->depth - 1]];

		return fail_at_name(parser, section->text.ptr,
		    "a section has no end: {{/",
		    tag_name(parser, section->name));
	}
	return true;
}

/*
 * Returns the most parts that a text can have: a text before each tag, the
 * tags, and a text after the last one.
 */
static size_t
most_parts(struct str text)
{
	size_t count = 1;

	while (!str_is_none(text)) {
		cut_at_pair(&text, "{{");
		count += 2;
	}
	return count;
}

struct template *
template_parse(struct arena *arena, struct str text, const char *const *names,
    struct template_error *error)
{
	struct template *template = arena_alloc(arena, sizeof(*template));
	struct parser parser = { .whole = text,
		.names = names,
		.template = template,
		.error = error };

	*template = (struct template){ .language_count = 0 };
	template->parts =
	    arena_alloc(arena, most_parts(text) * sizeof(template->parts[0]));
	return parse_sections(&parser) ? template : NULL;
}

/*
 * The progress of template_write through the rows of the list.  If the section
 * of the list occurs again in the template, it begins with the first row again.
 */
struct progress {
	const struct template_list *list;
	size_t row, begin; /* begin: the index of the section's PART_IF */
};

static bool
is_list(const struct progress *progress, const struct part *part)
{
	return progress->list != NULL && part->name == progress->list->name;
}

static void
begin_rows(struct progress *progress, size_t begin, struct str *values)
{
	progress->row = 0;
	progress->begin = begin;
	progress->list->fill(progress->list->arg, 0, values);
}

/*
 * Ends a row.  Returns the index of the part after which the writing goes on.
 */
static size_t
end_row(struct progress *progress, size_t end, struct str *values)
{
	const struct template_list *list = progress->list;

	if (++progress->row >= list->count)
		return end;
	list->fill(list->arg, progress->row, values);
	return progress->begin;
}

void
template_write(const struct template *template, struct str *values,
    const struct template_list *list, struct buf *out)
{
	struct progress progress = { .list = list };

	for (size_t i = 0; i < template->count; i++) {
		const struct part *part = &template->parts[i];
		bool is_empty = values[part->name].len == 0;

		if (part->kind == PART_TEXT)
			buf_add(out, part->text);
		else if (part->kind == PART_VALUE)
			buf_add_html(out, values[part->name]);
		else if (part->kind == (is_empty ? PART_IF : PART_UNLESS))
			i = part->end;
		else if (part->kind == PART_IF && is_list(&progress, part))
			begin_rows(&progress, i, values);
		else if (part->kind == PART_END && !is_empty &&
			 is_list(&progress, part))
			i = end_row(&progress, i, values);
	}
}

/*
 * A section of the list inside another one may come in any row of it, and is
 * its last row then (begin_rows): what is in either is written in each row at
 * most.
 */
size_t
template_size_max(const struct template *template, const size_t *sizes,
    size_t list, size_t rows)
{
	size_t total = 0, end_of_rows = 0;

	for (size_t i = 0; i < template->count; i++) {
		const struct part *part = &template->parts[i];
		size_t times = i < end_of_rows ? rows : 1;

		if (part->kind == PART_TEXT)
			total += times * part->text.len;
		else if (part->kind == PART_VALUE)
			total += times * sizes[part->name];
		else if (part->kind == PART_IF && sizes[part->name] == 0)
			i = part->end;
		else if (part->kind == PART_IF && part->name == list &&
			 i >= end_of_rows)
			end_of_rows = part->end;
	}
	return total;
}

bool
template_has_section(const struct template *template, size_t name)
{
	for (size_t i = 0; i < template->count; i++)
		if (template->parts[i].kind == PART_IF &&
		    template->parts[i].name == name)
			return true;
	return false;
}

size_t
template_languages(
    const struct template *template, const struct str **languages)
{
	*languages = template->languages;
	return template->language_count;
}
