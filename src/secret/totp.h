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
 * Bytes of a secret.  Applications make at least 80 bits, and RFC 4226
 * recommends 160 bits.
 */
enum { TOTP_SECRET_MIN = 10, TOTP_SECRET_MAX = 64, TOTP_SECRET_NEW = 20 };
/* Characters of a new secret in base32. */
enum { TOTP_TEXT_LEN = TOTP_SECRET_NEW * 8 / 5 };

struct totp_secret {
	unsigned char bytes[TOTP_SECRET_MAX];
	size_t len;
};

/*
 * Reads a secret in base32 (RFC 4648, 6).  Upper and lower case are equal;
 * blanks, line ends, hyphens and the padding are ignored.  False: it is not
 * such a text, or has fewer or more bytes than allowed; *secret is empty.
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
 * Finds the step (time / TOTP_STEP_MS) whose code was typed.  It tries the
 * current step at now_ms (since 1970), the one before and the one after.
 * Blanks, line ends and hyphens in code are ignored.  -1: none of the three.
 * The time depends neither on the secret nor on the step.
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
