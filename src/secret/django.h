#ifndef DJANGO_H
#define DJANGO_H

#include "secret/format.h"

/*
 * pbkdf2_sha256$ITERATIONS$SALT$BASE64, Django's default
 * (django.contrib.auth.hashers, PBKDF2PasswordHasher).
 */

/* iterations */
bool django_cost(const struct format *format, struct str stored, int64_t *cost);

enum password_verdict django_verify(
    const struct format *format, struct str password, struct str stored);

#endif
