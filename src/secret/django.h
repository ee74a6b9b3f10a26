#ifndef DJANGO_H
#define DJANGO_H

#include "secret/format.h"

/*
 * What Django's hashers write themselves (django.contrib.auth.hashers):
 * pbkdf2_sha256$ITERATIONS$SALT$BASE64, its default, pbkdf2_sha1$ likewise,
 * and scrypt$N$SALT$R$P$BASE64.  A row's variant is a django_variant.
 */
enum django_variant { DJANGO_PBKDF2_SHA256, DJANGO_PBKDF2_SHA1, DJANGO_SCRYPT };

/* iterations; N times r times p */
bool django_cost(const struct format *format, struct str stored, int64_t *cost);

enum password_verdict django_verify(
    const struct format *format, struct str password, struct str stored);

#endif
