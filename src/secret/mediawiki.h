#ifndef MEDIAWIKI_H
#define MEDIAWIKI_H

#include "secret/format.h"

/*
 * What MediaWiki writes (includes/password): :pbkdf2:DIGEST:ROUNDS:LENGTH:
 * SALT:KEY in base64, its default, and :bcrypt:COST$SALT$HASH.
 */

/* iterations times blocks of the digest */
bool mediawiki_pbkdf2_cost(
    const struct format *format, struct str stored, int64_t *cost);

enum password_verdict mediawiki_pbkdf2_verify(
    const struct format *format, struct str password, struct str stored);

/* log2 of the rounds */
bool mediawiki_bcrypt_cost(
    const struct format *format, struct str stored, int64_t *cost);

enum password_verdict mediawiki_bcrypt_verify(
    const struct format *format, struct str password, struct str stored);

#endif
