#ifndef MEDIAWIKI_H
#define MEDIAWIKI_H

#include "secret/format.h"

/*
 * The formats of MediaWiki (includes/password):
 * :pbkdf2:DIGEST:ROUNDS:LENGTH:SALT:KEY in base64 (the default), and
 * :bcrypt:COST$SALT$HASH.
 */

/*
 * Implements read_cost of struct format; the cost is the iterations times the
 * digest blocks of the key.
 */
bool mediawiki_pbkdf2_cost(
    const struct format *format, struct str stored, int64_t *cost);

/* Implements verify of struct format. */
enum password_verdict mediawiki_pbkdf2_verify(
    const struct format *format, struct str password, struct str stored);

/* Implements read_cost of struct format; the cost is log2 of the rounds. */
bool mediawiki_bcrypt_cost(
    const struct format *format, struct str stored, int64_t *cost);

/* Implements verify of struct format. */
enum password_verdict mediawiki_bcrypt_verify(
    const struct format *format, struct str password, struct str stored);

#endif
