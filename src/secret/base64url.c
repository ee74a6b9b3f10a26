/* Bytes as text that needs no escaping in a cookie, a key or a path. */
#include "config.h"

#include "secret/base64url.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz"
			       "0123456789-_";

void
base64url_encode(const unsigned char *bytes, size_t len, char *text)
{
	unsigned window = 0;
	int held = 0; /* bits of window not yet written */

	for (size_t i = 0; i < len; i++) {
		window = window << 8 | bytes[i];
		for (held += 8; held >= 6; held -= 6)
			*text++ = alphabet[window >> (held - 6) & 63];
	}
	if (held > 0)
		*text = alphabet[window << (6 - held) & 63];
}
