#ifndef DRAFT_H
#define DRAFT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/str.h"
#include "config/conf.h"
#include "config/setting.h"

/*
 * A configuration that is being built: the values so far, the source of each,
 * and the errors.  The source of the highest rank wins; load.c applies the
 * sources from the lowest rank to the highest.  The draft of a site first has
 * the options of its own section only.
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
	const char *file; /* the file that errors about unset options name */
	enum draft_rank ranks[CONF_OPTIONS];
	struct draft_source sources[CONF_OPTIONS];
	/*
	 * The source of each value of [mysql] url, the only secret that may be
	 * repeated.
	 */
	struct draft_source url_sources[CONF_DATABASES_MAX];
	/* an error was reported; further checks are skipped */
	bool is_bad[CONF_OPTIONS];
};

/* Initialises the draft, and every setting in *conf to its default. */
void draft_open(struct draft *draft, struct conf *conf, const char *file,
    struct draft_errors *errors);

/* Copies from common every setting that the section of the site did not set. */
void draft_inherit(struct draft *site, const struct draft *common);

/*
 * Reports an error as `NAME:LINE: words`, and the name of the site if the
 * source is not its own section.  Only the first errors are printed; all are
 * counted.
 */
void draft_error(const struct draft *draft, struct draft_source source,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/*
 * Reports an error of a setting at the source of its value, and marks it as
 * bad.
 */
void draft_error_in(
    struct draft *draft, enum conf_option option, const char *words);

/*
 * Reports an error of one of the values of [mysql] url, by its number from 0.
 */
void draft_error_in_url(struct draft *draft, int number, const char *words);

/*
 * Sets a setting.  Reports a malformed value, and a setting that one file sets
 * twice.  For a repeatable setting each line of value is one value, and the
 * values of one rank are added to each other.
 */
void draft_set(struct draft *draft, const struct setting *setting,
    enum draft_rank rank, struct draft_source source, struct str value);

/*
 * Decides between each secret and its *_file: the one of higher rank wins, and
 * if that is the file, it is read.  It is an error if both have one rank.
 */
void draft_settle_secrets(struct draft *draft);

/*
 * True if the draft has all its texts.  False: there was no memory for one,
 * which was reported.  That text is NULL, so the draft must not be checked
 * further.
 */
bool draft_is_whole(const struct draft *draft);

#endif
