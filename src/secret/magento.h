#ifndef MAGENTO_H
#define MAGENTO_H

#include "secret/format.h"

/*
 * argon2id as Magento 2.4 writes it (Magento\Framework\Encryption\Encryptor):
 * HEX:SALT:2, with libsodium's "interactive" costs, and
 * HEX:SALT:3_LENGTH_PASSES_BYTES.  Argon2's salt is the first 16 characters of
 * SALT.
 */

/*
 * Implements read_cost of struct format; the cost is KiB of memory times
 * passes.
 */
bool magento_cost(
    const struct format *format, struct str stored, int64_t *cost);

/* Implements verify of struct format. */
enum password_verdict magento_verify(
    const struct format *format, struct str password, struct str stored);

#endif
