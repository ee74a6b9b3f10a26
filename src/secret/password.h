#ifndef PASSWORD_H
#define PASSWORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/password_families.def"
#include "base/str.h"

/*
 * Verifies a password against a stored hash, as PHP's password_hash and other
 * programs write it.  One verification takes up to 300 ms of processor time
 * with usual costs and 3 s at the bounds in formats.c, and the memory that the
 * stored hash names, so it belongs on the hash pool.  Any thread may call it.
 * Every copy of a password is wiped.
 */
#define PASSWORD_MAX 4096 /* bytes; a longer password is wrong */

enum password_verdict {
	PASSWORD_FAILED,  /* not computed: no memory or no thread */
	PASSWORD_REFUSED, /* format not accepted; returned without computing */
	PASSWORD_WRONG,
	PASSWORD_RIGHT
};

/* The families of base/password_families.def, from 1 on. */
#define PASSWORD_ENUM(unused, name, word, label) PASSWORD_##name,
enum password_family {
	PASSWORD_NO_FAMILY,
	PASSWORD_FAMILY_ROWS(PASSWORD_ENUM, ) PASSWORD_FAMILIES
};

/*
 * The family of a stored hash.  PASSWORD_FAMILIES: unknown, malformed, or
 * beyond the cost bounds.  (crypt(3) cannot decide this: it would take a plain
 * text for a DES salt.)  Cheap.
 */
enum password_family password_family_of(struct str stored);

/*
 * The name of a format that is recognised but not supported, or is beyond the
 * bounds (doc/passwords.md has the reasons); "unknown" for any other text
 * without a family.  Cheap.
 */
const char *password_unsupported(struct str stored);

/*
 * Verifies password.  PASSWORD_REFUSED if stored has no family, or the library
 * finds it malformed.
 *
 * A password with NUL, or longer than the format reads or stores (4,096 bytes;
 * crypt(3) 511, Drupal 512, less if each byte adds to every round), is wrong,
 * and costs one verification like any other.  A password beyond the 72 bytes
 * that bcrypt reads is digested first, as Symfony does.
 */
enum password_verdict password_verify(struct str password, struct str stored);

/*
 * True if the password exceeds the 72 bytes that bcrypt reads, and stored is a
 * bcrypt hash whose product does not digest passwords first.  That product may
 * have cut the password, so PASSWORD_RIGHT may come from a wrong one.
 */
bool password_is_beyond_bcrypt(struct str password, struct str stored);

/*
 * Evens out the time of failed logins.  After a wrong password against
 * `stored`: uses up the processor time by which the slowest stored hash
 * verified so far exceeds that of `stored`.  STR_NONE (no such user, or a hash
 * that is not accepted): the whole time of the slowest one, or of bcrypt at
 * cost 10 if none was verified yet.
 */
void password_spend(struct str password, struct str stored);

/*
 * The processor time, in microseconds, that this password takes when it is
 * wrong, against the slowest kind of stored hash (format, cost and wrapper)
 * that this process has verified.  The quickest run of each kind counts, since
 * a slow one shows the load of the machine.  At least the time of bcrypt at
 * cost 10, which the first call measures.
 */
int64_t password_slowest_us(struct str password);

/*
 * True if stored is as strong as a new hash: bcrypt of at least its cost, or
 * argon2id with KiB times passes of at least twice 19 MiB (OWASP's minimum).
 */
bool password_is_strong(struct str stored);

/*
 * True if a new hash of the password as typed may replace this stored hash.
 * False if its product prepares passwords first: the product could no longer
 * verify it.
 */
bool password_may_renew(struct str password, struct str stored);

#define PASSWORD_NEW_SIZE 61
#define PASSWORD_NEW_MAX 72 /* bytes; bcrypt ignores the rest */

/*
 * Makes a new stored hash, as PHP's password_hash does by default (8.4: $2y$ at
 * cost 12), NUL-terminated.  False: bcrypt would not read the whole password
 * (above PASSWORD_NEW_MAX, or with NUL), or crypt(3) failed.
 */
bool password_new(struct str password, char new_hash[PASSWORD_NEW_SIZE]);

/*
 * Makes a stored hash in the format of this name: bcrypt (as password_new),
 * argon2id (as PHP makes it) or yescrypt (as crypt(3) does).  False: there is
 * no format of this name, the password has a NUL or is longer than the format
 * reads (bcrypt PASSWORD_NEW_MAX, yescrypt 511 bytes, argon2id PASSWORD_MAX),
 * or the hash failed.
 */
#define PASSWORD_HASH_SIZE 256
bool password_new_hash(
    struct str password, struct str format, char new_hash[PASSWORD_HASH_SIZE]);

#endif
