#ifndef TOTP_H
#define TOTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/*
 * One-time codes by the clock: RFC 6238 (TOTP) with HMAC-SHA-1, steps of 30
 * seconds and 6 digits, as all authenticator applications make them.
 */
enum { TOTP_DIGITS = 6, TOTP_STEP_MS = 30000 };
/*
 * Bytes of a secret: 80 bits are the least that applications make, and RFC
 * 4226 asks 160 bits of a new one.
 */
enum { TOTP_SECRET_MIN = 10, TOTP_SECRET_MAX = 64, TOTP_SECRET_NEW = 20 };
/* Characters of a new secret in base32. */
enum { TOTP_TEXT_LEN = TOTP_SECRET_NEW * 8 / 5 };

struct totp_secret {
	unsigned char bytes[TOTP_SECRET_MAX];
	size_t len;
};

/*
 * Reads a secret in base32 (RFC 4648, 6).  The case of letters, blanks, tabs,
 * hyphens and the padding do not matter.  False: it is no such text, or has
 * fewer or more bytes than allowed; *secret is empty.
 */
bool totp_secret_read(struct str text, struct totp_secret *secret);

/*
 * A new random secret in base32, NUL-terminated.  False: the kernel has no
 * randomness.
 */
bool totp_secret_new(char text[TOTP_TEXT_LEN + 1]);

/*
 * The code of a step (time / TOTP_STEP_MS; RFC 4226, 5.3) as a number below
 * 1,000,000.  If OpenSSL fails the process exits, as in digest_text.
 */
uint32_t totp_code(const struct totp_secret *secret, uint64_t step);

/*
 * The step whose code was given, at now_ms since 1970: the current one, the one
 * before or the one after.  Blanks in the code do not matter.  -1: none.  The
 * time that it takes does not depend on the secret, nor on which step it is.
 */
int64_t totp_find_step(
    const struct totp_secret *secret, struct str code, int64_t now_ms);

/*
 * The URL that authenticator applications read from a QR code, in the arena:
 * otpauth://totp/ISSUER:ACCOUNT?secret=TEXT&issuer=ISSUER.
 */
struct str totp_url(struct arena *arena, struct str issuer, struct str account,
    struct str text);

#endif
