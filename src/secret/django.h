#ifndef DJANGO_H
#define DJANGO_H

#include "secret/format.h"

/*
 * The formats of Django's own hashers (django.contrib.auth.hashers):
 * pbkdf2_sha256$ITERATIONS$SALT$BASE64 (the default), the same with
 * pbkdf2_sha1$, and scrypt$N$SALT$R$P$BASE64.  The member variant of struct
 * format is a django_variant.
 */
enum django_variant { DJANGO_PBKDF2_SHA256, DJANGO_PBKDF2_SHA1, DJANGO_SCRYPT };

/*
 * Implements read_cost of struct format; the cost is the iterations, for scrypt
 * N times r times p.
 */
bool django_cost(const struct format *format, struct str stored, int64_t *cost);

/* Implements verify of struct format. */
enum password_verdict django_verify(
    const struct format *format, struct str password, struct str stored);

#endif
