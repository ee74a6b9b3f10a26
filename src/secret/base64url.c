/* base64url (RFC 4648, 5): needs no escaping in a cookie, a key or a path. */
#include "config.h"

#include "secret/base64url.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz"
			       "0123456789-_";

void
base64url_encode(const unsigned char *bytes, size_t len, char *text)
{
	for (; len >= 3; len -= 3, bytes += 3, text += 4) {
		text[0] = alphabet[bytes[0] >> 2];
		text[1] = alphabet[(bytes[0] << 4 | bytes[1] >> 4) & 63];
		text[2] = alphabet[(bytes[1] << 2 | bytes[2] >> 6) & 63];
		text[3] = alphabet[bytes[2] & 63];
	}
	if (len > 0)
		text[0] = alphabet[bytes[0] >> 2];
	if (len == 1)
		text[1] = alphabet[bytes[0] << 4 & 63];
	if (len == 2) {
		text[1] = alphabet[(bytes[0] << 4 | bytes[1] >> 4) & 63];
		text[2] = alphabet[bytes[1] << 2 & 63];
	}
}
