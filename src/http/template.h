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
 *
 * Blanks around a name do not count.  Sections nest.  There is no way to
 * write a value without escaping it.  Parsed once; immutable from then on.
 */
struct template;

enum { TEMPLATE_DEPTH_MAX = 16, TEMPLATE_WORDS_SIZE = 128 };

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

/* Adds the text with a value for each name to out; an absent one is empty. */
void template_write(
    const struct template *template, const struct str *values, struct buf *out);

/*
 * No page can be longer than this many bytes, where sizes has what each value
 * takes at most, escaped (buf_add_html makes up to 6 bytes of one).
 */
size_t template_size_max(const struct template *template, const size_t *sizes);

/* The line of text, from 1, on which the byte at `at` stands. */
int template_line_of(struct str text, const char *at);

#endif
