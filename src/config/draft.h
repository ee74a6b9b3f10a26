#ifndef DRAFT_H
#define DRAFT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/str.h"
#include "config/conf.h"
#include "config/setting.h"

/*
 * A configuration in the making: the values so far, who said each, and the
 * errors.  What comes from a higher rank wins; conf.c goes from the lowest
 * to the highest.  The draft of a site begins with what its own section says.
 */
enum draft_rank { DRAFT_DEFAULT, DRAFT_FILE, DRAFT_URL, DRAFT_ENV, DRAFT_SITE };

/* Where something was said: a line of a file, or a variable (line_no 0). */
struct draft_source {
	struct str name;
	int line_no;
	const char *site; /* whose section the line stands in, or NULL */
};

/* Shared by all drafts of a configuration. */
struct draft_errors {
	FILE *out;
	int count;
};

struct draft {
	struct conf *conf;
	struct draft_errors *errors;
	const char *file; /* is blamed for what nobody said */
	enum draft_rank ranks[CONF_OPTIONS];
	struct draft_source origins[CONF_OPTIONS];
	bool is_bad[CONF_OPTIONS]; /* an error was told: do not judge it */
};

/* Sets every setting to its default. */
void draft_open(struct draft *draft, struct conf *conf, const char *file,
    struct draft_errors *errors);

/* Takes everything that the site did not set from the settings of all. */
void draft_inherit(struct draft *site, const struct draft *common);

/* Tells an error: `NAME:LINE: words`; names the draft's site. */
void draft_error(const struct draft *draft, struct draft_source origin,
    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Tells an error of a setting, where it was said, and marks it as bad. */
void draft_error_in(
    struct draft *draft, enum conf_option option, const char *words);

/*
 * Sets a setting; what is wrong with the value, or said twice, is told.  A
 * repeatable one is set to the lines of the value; those of one rank add up.
 */
void draft_set(struct draft *draft, const struct setting *setting,
    enum draft_rank rank, struct draft_source origin, struct str value);

/*
 * Decides between each secret and its *_file by rank, and reads the file that
 * won.  Both in one rank contradict each other.
 */
void draft_settle_secrets(struct draft *draft);

/* False: a text has no memory, which was an error, and nothing can be told. */
bool draft_is_whole(const struct draft *draft);

#endif
