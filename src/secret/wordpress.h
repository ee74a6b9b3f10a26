#ifndef WORDPRESS_H
#define WORDPRESS_H

#include "secret/prepare.h"

/*
 * WordPress trims a password when it is set and at each login
 * (wp_hash_password, wp_authenticate).  A password set through its forms has a
 * backslash before each quote and backslash; one set by its tools has none.
 * Since 6.8 WordPress hashes with bcrypt, after the prefix $wp, the base64 of
 * the HMAC-SHA-384 with the key "wp-sha384" (wp-includes/pluggable.php).
 */

/* The password trimmed. */
enum prepare_result wordpress_trimmed(
    struct str password, struct prepared *prepared);

/*
 * Trimmed and escaped like PHP's addslashes().  PREPARE_SAME if nothing is
 * escaped.
 */
enum prepare_result wordpress_slashed(
    struct str password, struct prepared *prepared);

/*
 * The password unchanged, for other programs that write $P$.  PREPARE_SAME if
 * nothing is trimmed.
 */
enum prepare_result wordpress_untrimmed(
    struct str password, struct prepared *prepared);

/* The HMAC of the trimmed password, in base64. */
enum prepare_result wordpress_mac(
    struct str password, struct prepared *prepared);

/*
 * The HMAC of the trimmed and escaped password, in base64.  PREPARE_SAME if
 * nothing is escaped.
 */
enum prepare_result wordpress_mac_slashed(
    struct str password, struct prepared *prepared);

#endif
