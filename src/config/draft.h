#ifndef DRAFT_H
#define DRAFT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/str.h"
#include "config/conf.h"
#include "config/setting.h"

/*
 * A configuration that is being built: the values so far, the source of each,
 * and the errors.  The source of higher rank wins; conf.c applies the sources
 * from the lowest rank to the highest.  The draft of a site starts with the
 * options of its own section.
 */
enum draft_rank { DRAFT_DEFAULT, DRAFT_FILE, DRAFT_URL, DRAFT_ENV, DRAFT_SITE };

/* The source of a value: a line of a file, or a variable (line_no 0). */
struct draft_source {
	struct str name;
	int line_no;
	const char *site; /* the site in whose section the line is, or NULL */
};

/* Shared by all drafts of a configuration. */
struct draft_errors {
	FILE *out;
	int count;
};

struct draft {
	struct conf *conf;
	struct draft_errors *errors;
	const char *file; /* named in errors about options that were not set */
	enum draft_rank ranks[CONF_OPTIONS];
	struct draft_source origins[CONF_OPTIONS];
	/* of each value of [mysql] url, the one secret that may be repeated */
	struct draft_source url_origins[CONF_DATABASES_MAX];
	bool is_bad[CONF_OPTIONS]; /* an error was reported: skip further checks
				    */
};

/* Initialises the draft and *conf, every setting to its default. */
void draft_open(struct draft *draft, struct conf *conf, const char *file,
    struct draft_errors *errors);

/* Copies every setting that the site's section did not set from common. */
void draft_inherit(struct draft *site, const struct draft *common);

/*
 * Reports an error as `NAME:LINE: words`, with the draft's site.  Only the
 * first errors are printed; all are counted.
 */
void draft_error(const struct draft *draft, struct draft_source origin,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/*
 * Reports an error of a setting at the setting's source, and marks it as bad.
 */
void draft_error_in(
    struct draft *draft, enum conf_option option, const char *words);

/* Reports one of the values of [mysql] url, by its number from 0. */
void draft_error_in_url(struct draft *draft, int number, const char *words);

/*
 * Sets a setting.  Reports a malformed value, and a value that is set twice.
 * For a repeatable setting, each line of value is one value; values of one rank
 * add up.
 */
void draft_set(struct draft *draft, const struct setting *setting,
    enum draft_rank rank, struct draft_source origin, struct str value);

/*
 * For each secret and its *_file: the one of higher rank wins, and the file is
 * read if it has won.  Both in one rank are an error.
 */
void draft_settle_secrets(struct draft *draft);

/*
 * False: there was no memory for a text (reported already), so a text is NULL,
 * and the draft must not be checked further.
 */
bool draft_is_whole(const struct draft *draft);

#endif
