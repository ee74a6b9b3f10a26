#ifndef CTL_PEOPLE_H
#define CTL_PEOPLE_H

#include "ctl/open.h"

/* The user that a command is about. */
struct person {
	struct str id;
	bool has_row;	  /* false: only the id is known */
	struct user user; /* the row; with hash if it was found by its login */
};

/* The least that a command must know of a user to go on. */
enum people_need {
	PEOPLE_ROW,   /* the row must be found */
	PEOPLE_KNOWN, /* `id:42` will do if SQL does not answer */
	PEOPLE_ID     /* `id:42` will do, also if there is no such row */
};

/*
 * Finds the user that the operator names by the login, in any case of letters,
 * or by `id:42`.  -1: go on; else the exit status, and the reason was printed.
 */
int people_find(struct ctl *ctl, const char *name, enum people_need need,
    struct person *person);

/* Reads the row by its login (with the hash), or by its id. */
enum result people_by_login(
    struct ctl *ctl, struct str login, struct user *user);
enum result people_by_id(struct ctl *ctl, struct str id, struct user *user);

/* Reads the result of [mysql] user_state. */
enum result people_state(
    struct ctl *ctl, struct str id, struct user_state *state);

/*
 * Reads the stored hash, secret and codes of a person whose row was found by
 * its id.  -1: go on; else the exit status, and the reason was printed.
 */
int people_read_hash(struct ctl *ctl, struct person *person);

/* Replaces the stored hash of the row by hash; results as of set_hash. */
enum result people_set_hash(
    struct ctl *ctl, const struct person *person, struct str hash);

/* True if rows have a column totp. */
bool people_have_totp(const struct ctl *ctl);

/* True if users may have recovery codes. */
bool people_have_recovery(const struct ctl *ctl);

/*
 * Replaces the secret of the one-time codes and the list of recovery codes;
 * STR_NONE: none.  Results as of set_totp.
 */
enum result people_set_totp(struct ctl *ctl, const struct person *person,
    struct str totp, struct str codes);

/* `alice@example.org (id 42)`, safe for a terminal. */
const char *people_words(struct ctl *ctl, const struct person *person);

#endif
