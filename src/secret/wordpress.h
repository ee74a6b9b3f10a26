#ifndef WORDPRESS_H
#define WORDPRESS_H

#include "secret/format.h"

/*
 * What WordPress writes: $wp$2y$ since 6.8, bcrypt of the base64 of
 * HMAC-SHA-384 of the trimmed password under the key "wp-sha384"; $P$ (phpass)
 * before.  (wp-includes/pluggable.php, wp_hash_password.)
 *
 * A password that was set through its forms was hashed with a backslash before
 * each quote and backslash, one set by its tools was not: both are tried, at
 * twice the cost, where there is such a character.
 */
enum wordpress_variant { WORDPRESS_BCRYPT, WORDPRESS_PHPASS };

/* log2 of bcrypt's rounds; phpass' rounds */
bool wordpress_cost(
    const struct format *format, struct str stored, int64_t *cost);

enum password_verdict wordpress_verify(
    const struct format *format, struct str password, struct str stored);

#endif
