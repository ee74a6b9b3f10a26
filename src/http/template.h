#ifndef TEMPLATE_H
#define TEMPLATE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

/*
 * HTML with placeholders for values, in a subset of Mustache:
 *
 *	{{name}}		the value, escaped for HTML
 *	{{#name}} .. {{/name}}	a section shown if the value is not empty
 *	{{^name}} .. {{/name}}	a section shown if the value is empty
 *	{{! words }}		a comment
 *	{{%languages en de}}	declares names of languages: only the value of
 *				the answer's language is not empty
 *
 * Blanks around a name are ignored.  Sections nest.  Every value is escaped.  A
 * template is parsed once and immutable afterwards.
 */
struct template;

enum {
	TEMPLATE_DEPTH_MAX = 16,
	TEMPLATE_WORDS_SIZE = 128,
	TEMPLATE_LANGUAGES_MAX = 16
};

struct template_error {
	int line_no;			 /* a line of the text, from 1 */
	char words[TEMPLATE_WORDS_SIZE]; /* printable */
};

/*
 * Parses text.  names has the names that it may use, in the order of the
 * values, ended by NULL.  The template is in the arena and points into text,
 * which must stay valid as long.  NULL: *error has the reason.
 */
struct template *template_parse(struct arena *arena, struct str text,
    const char *const *names, struct template_error *error);

/*
 * A list.  The section of its name is written count times; if its value is not
 * empty, count is at least one.  fill sets the values of a row, numbered from
 * 0; it must not set the value of the list itself.
 */
struct template_list {
	size_t name; /* the number of the name of its section */
	size_t count;
	void (*fill)(void *arg, size_t row, struct str *values);
	void *arg;
};

/*
 * Adds the page to out.  values has one value for each name, then one for each
 * language; an absent value counts as empty.  list may be NULL.
 */
void template_write(const struct template *template, struct str *values,
    const struct template_list *list, struct buf *out);

/*
 * Returns the greatest length of a page in bytes.  sizes has the greatest size
 * of each value, escaped (buf_add_html writes up to 6 bytes for a byte); 0 for
 * a value that is always empty.  `list` is the number of the name of the list,
 * which has at most `rows` rows.
 */
size_t template_size_max(const struct template *template, const size_t *sizes,
    size_t list, size_t rows);

/*
 * True if the template has a section {{#name}} for the name with this number.
 */
bool template_has_section(const struct template *template, size_t name);

/*
 * Returns how many languages the text declares; *languages has their names in
 * the order of the text.
 */
size_t template_languages(
    const struct template *template, const struct str **languages);

/* Returns the number, from 1, of the line of text in which the byte `at` is. */
int template_line_of(struct str text, const char *at);

#endif
