#ifndef PHPASS_H
#define PHPASS_H

#include "secret/format.h"

/*
 * The portable hashes of phpass (openwall.com/phpass): a digest of salt and
 * password, then 2^n times a digest of the last digest and the password.  With
 * MD5 in WordPress ($P$) and phpBB ($H$), with a truncated SHA-512 in Drupal 7
 * ($S$).
 */
enum phpass_variant { PHPASS_MD5, PHPASS_SHA512 };

/* Implements read_cost of struct format; the cost is the rounds. */
bool phpass_cost(const struct format *format, struct str stored, int64_t *cost);

/* Implements verify of struct format. */
enum password_verdict phpass_verify(
    const struct format *format, struct str password, struct str stored);

#endif
