/* Bytes as text that needs no escaping in a cookie, a key or a path. */
#include "config.h"

#include "secret/base64url.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz"
			       "0123456789-_";

/* The first digits of 24 bits. */
static void
put_digits(unsigned bits, size_t count, char *text)
{
	for (size_t i = 0; i < count; i++)
		text[i] = alphabet[bits >> (18 - 6 * i) & 63];
}

void
base64url_encode(const unsigned char *bytes, size_t len, char *text)
{
	unsigned first;

	for (; len >= 3; len -= 3, bytes += 3, text += 4)
		put_digits((unsigned)bytes[0] << 16 | (unsigned)bytes[1] << 8 |
			       bytes[2],
		    4, text);
	if (len == 0)
		return;
	first = (unsigned)bytes[0] << 16;
	put_digits(
	    len == 2 ? first | (unsigned)bytes[1] << 8 : first, len + 1, text);
}
