#ifndef PAGE_TEMPLATE_H
#define PAGE_TEMPLATE_H

#include <stdio.h>

#include "app/theme.h"
#include "http/template.h"

/*
 * A template of pages, etc/login.html or a copy of it, with the header lines
 * and the languages of its pages.
 */
struct page_template {
	const struct template *template;
	struct str head;	/* the header lines of every page */
	struct str secret_head; /* of a page whose URL is a secret */
	const struct str *languages;
	size_t language_count;
};

/*
 * Reads file (NULL: the built-in etc/login.html) into *page, in the arena.
 * False: the error was written to errors as `FILE:LINE: words`.
 */
bool page_template_open(struct page_template *page, struct arena *arena,
    const struct conf *conf, const char *file, FILE *errors);

/* Returns the name of a value in templates.  value is below THEME_CODES. */
const char *page_template_name(enum theme_value value);

#endif
