#ifndef MAGENTO_H
#define MAGENTO_H

#include "secret/format.h"

/*
 * Magento 2.4's argon2id (Magento\Framework\Encryption\Encryptor):
 * HEX:SALT:2, by libsodium's "interactive" costs, and
 * HEX:SALT:3_LENGTH_PASSES_BYTES.  The salt is the first 16 characters.
 */

/* KiB times passes */
bool magento_cost(
    const struct format *format, struct str stored, int64_t *cost);

enum password_verdict magento_verify(
    const struct format *format, struct str password, struct str stored);

#endif
