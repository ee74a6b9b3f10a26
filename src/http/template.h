#ifndef TEMPLATE_H
#define TEMPLATE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

/*
 * HTML with places for values in it, written in the plainest part of Mustache:
 *
 *	{{name}}		the value, escaped for HTML
 *	{{#name}} .. {{/name}}	what is shown where the value is not empty
 *	{{^name}} .. {{/name}}	what is shown where it is
 *	{{! words }}		shown nowhere
 *	{{%languages en de}}	these are names, too: of them the value of one
 *				language is not empty, the one to answer in
 *
 * Blanks around a name do not count.  Sections nest.  There is no way to
 * write a value without escaping it.  Parsed once; immutable from then on.
 */
struct template;

enum {
	TEMPLATE_DEPTH_MAX = 16,
	TEMPLATE_WORDS_SIZE = 128,
	TEMPLATE_LANGUAGES_MAX = 16
};

struct template_error {
	int line_no;			 /* of the text, from 1 */
	char words[TEMPLATE_WORDS_SIZE]; /* printable */
};

/*
 * names: what a text may name, in the order of the values; NULL ends it.  The
 * template lies in the arena and keeps views of text.  NULL: *error says why.
 */
struct template *template_parse(struct arena *arena, struct str text,
    const char *const *names, struct template_error *error);

/*
 * Adds the text to out, with a value for each name and then for each language;
 * an absent one is empty.
 */
void template_write(
    const struct template *template, const struct str *values, struct buf *out);

/*
 * No page can be longer than this many bytes, where sizes has what each value
 * takes at most, escaped (buf_add_html makes up to 6 bytes of one); what has a
 * size of 0 is always empty.
 */
size_t template_size_max(const struct template *template, const size_t *sizes);

/* How many languages the text has, and their names, in its own order. */
size_t template_languages(
    const struct template *template, const struct str **languages);

/* The line of text, from 1, on which the byte at `at` stands. */
int template_line_of(struct str text, const char *at);

#endif
