#ifndef WORDPRESS_H
#define WORDPRESS_H

#include "secret/prepare.h"

/*
 * WordPress trims a password when it is set and at each login
 * (wp_hash_password, wp_authenticate).  One that was set through its forms has
 * a backslash before each quote and backslash, one set by its tools has not.
 * Since 6.8 it hashes with bcrypt, behind $wp, the base64 of the HMAC-SHA-384
 * under the key "wp-sha384" (wp-includes/pluggable.php).
 */

enum prepare_result wordpress_trimmed(
    struct str password, struct prepared *prepared);

/* Trimmed, and as PHP's addslashes() changes it; SAME without a quote. */
enum prepare_result wordpress_slashed(
    struct str password, struct prepared *prepared);

/* As given; SAME where nothing is trimmed.  For others who write $P$. */
enum prepare_result wordpress_untrimmed(
    struct str password, struct prepared *prepared);

enum prepare_result wordpress_mac(
    struct str password, struct prepared *prepared);

enum prepare_result wordpress_mac_slashed(
    struct str password, struct prepared *prepared);

#endif
