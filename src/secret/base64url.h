#ifndef BASE64URL_H
#define BASE64URL_H

#include <stddef.h>

/* The number of characters for len bytes: RFC 4648, 5, without padding. */
#define BASE64URL_LEN(len) (((len)*8 + 5) / 6)

/* Writes BASE64URL_LEN(len) characters, without a NUL. */
void base64url_encode(const unsigned char *bytes, size_t len, char *text);

#endif
