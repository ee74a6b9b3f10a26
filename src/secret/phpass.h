#ifndef PHPASS_H
#define PHPASS_H

#include "secret/format.h"

/*
 * The portable hashes of phpass (openwall.com/phpass): a digest of salt and
 * password, then of digest and password, 2^n times.  With MD5 as WordPress
 * ($P$) and phpBB ($H$) have it, with SHA-512 and cut short as Drupal 7 ($S$).
 */
enum phpass_variant { PHPASS_MD5, PHPASS_SHA512 };

/* rounds */
bool phpass_cost(const struct format *format, struct str stored, int64_t *cost);

enum password_verdict phpass_verify(
    const struct format *format, struct str password, struct str stored);

#endif
