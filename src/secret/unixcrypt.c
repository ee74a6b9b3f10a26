/* The formats of crypt(3).  The only file that uses libxcrypt. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <crypt.h>

#include "secret/unixcrypt.h"
#include "secret/secret.h"

#define BCRYPT_TAIL_LEN 53 /* salt and hash */
#define SHA_SALT_MAX 16
#define SHA_ROUNDS_DEFAULT 5000
#define SHA_ROUNDS_LEAST 1000	  /* crypt(5) */
#define SHA_ROUNDS_MOST 999999999 /* crypt(5) */
#define SCRYPT_HASH_LEN 43
#define SHA_SALT_CHARACTERS \
	"\"#%&'()+,-./0123456789<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`" \
	"abcdefghijklmnopqrstuvwxyz{|}~" /* crypt(5): not $ ! * : ; \ */

/*
 * Working memory, 32 KiB, wiped at the end.  crypt_r(3) requires that data
 * overlaps neither phrase nor setting.
 */
struct buffers {
	struct crypt_data data;
	char phrase[UNIXCRYPT_PASSWORD_MAX + 1];
	char setting[FORMAT_LEN_MAX + 1];
};

static void
buffers_close(struct buffers *buffers)
{
	explicit_bzero(buffers, sizeof(*buffers));
	free(buffers);
}

/*
 * Compares the output of crypt(3) with stored.  A setting that crypt(3) finds
 * malformed (EINVAL) is refused; any other "*0" or "*1" is a failure.
 */
static enum password_verdict
judge_output(const char *hash, struct str stored)
{
	if (hash == NULL || hash[0] == '*')
		return errno == EINVAL ? PASSWORD_REFUSED : PASSWORD_FAILED;
	if (strlen(hash) != stored.len)
		/* Another length: stored was not written by crypt(3). */
		return PASSWORD_REFUSED;
	return secret_equal(hash, stored.ptr, stored.len) ? PASSWORD_RIGHT
							  : PASSWORD_WRONG;
}

enum password_verdict
unixcrypt_verify(
    const struct format *format, struct str password, struct str stored)
{
	struct buffers *buffers = calloc(1, sizeof(*buffers));
	enum password_verdict verdict;

	(void)format;
	if (buffers == NULL)
		return PASSWORD_FAILED;
	if (password.len > 0)
		memcpy(buffers->phrase, password.ptr, password.len);
	memcpy(buffers->setting, stored.ptr, stored.len);
	errno = 0;
	verdict = judge_output(
	    crypt_r(buffers->phrase, buffers->setting, &buffers->data), stored);
	buffers_close(buffers);
	return verdict;
}

/*
 * Makes a new hash.  cost is the count of crypt_gensalt(3): for bcrypt log2 of
 * the rounds; 0 is the default of the format.  False: the password is longer
 * than max or has a NUL, crypt(3) failed, or the hash needs more than size
 * bytes.
 */
static bool
crypt_new(struct str password, const char *prefix, int cost, size_t max,
    char *new_hash, size_t size)
{
	struct buffers *buffers;
	const char *hash = NULL;
	bool is_made = false;

	if (password.len > max || str_has_char(password, '\0'))
		return false;
	buffers = calloc(1, sizeof(*buffers));
	if (buffers == NULL)
		return false;
	if (password.len > 0)
		memcpy(buffers->phrase, password.ptr, password.len);
	if (crypt_gensalt_rn(prefix, (unsigned long)cost, NULL, 0,
		buffers->setting, sizeof(buffers->setting)) != NULL)
		hash =
		    crypt_r(buffers->phrase, buffers->setting, &buffers->data);
	if (hash != NULL && hash[0] == '$' && strlen(hash) < size) {
		memcpy(new_hash, hash, strlen(hash) + 1);
		is_made = true;
	}
	buffers_close(buffers);
	return is_made;
}

bool
unixcrypt_new_bcrypt(
    struct str password, int cost, char new_hash[PASSWORD_NEW_SIZE])
{
	return crypt_new(password, "$2y$", cost, UNIXCRYPT_BCRYPT_READS,
	    new_hash, PASSWORD_NEW_SIZE);
}

bool
unixcrypt_new_yescrypt(struct str password, char new_hash[PASSWORD_HASH_SIZE])
{
	return crypt_new(password, "$y$", 0, UNIXCRYPT_PASSWORD_MAX, new_hash,
	    PASSWORD_HASH_SIZE);
}

bool
unixcrypt_cost_bcrypt(
    const struct format *format, struct str stored, int64_t *cost)
{
	struct str rest = str_from_byte(stored, format->prefix.len);
	struct str log2 = str_cut(&rest, '$');

	return log2.len == 2 && rest.len == BCRYPT_TAIL_LEN &&
	       str_only(rest, FORMAT_ITOA64) && str_to_int(log2, 0, 99, cost);
}

/* The text after the prefix is [rounds=N$]SALT$HASH. */
bool
unixcrypt_cost_sha(
    const struct format *format, struct str stored, int64_t *cost)
{
	struct str rest = str_from_byte(stored, format->prefix.len);
	const struct str mark = STR("rounds=");
	struct str salt;

	*cost = SHA_ROUNDS_DEFAULT;
	if (str_starts(rest, mark)) {
		struct str rounds = str_cut(&rest, '$');

		rounds = str_from_byte(rounds, mark.len);
		if (str_starts(rounds, STR("0")) ||
		    !str_to_int(
			rounds, SHA_ROUNDS_LEAST, SHA_ROUNDS_MOST, cost))
			return false;
	}
	salt = str_cut(&rest, '$');
	return salt.len <= SHA_SALT_MAX &&
	       str_only(salt, SHA_SALT_CHARACTERS) &&
	       rest.len == format->digest_len && str_only(rest, FORMAT_ITOA64);
}

/*
 * True if rest is SALT$HASH of yescrypt or scrypt.  A salt of $7$ may contain a
 * dollar sign.
 */
static bool
has_salt_and_hash(struct str rest)
{
	struct str hash;

	if (rest.len < SCRYPT_HASH_LEN + 1)
		return false;
	hash = str_from_byte(rest, rest.len - SCRYPT_HASH_LEN);
	rest.len -= SCRYPT_HASH_LEN;
	return rest.ptr[rest.len - 1] == '$' &&
	       str_only(rest, FORMAT_ITOA64 "$") &&
	       str_only(hash, FORMAT_ITOA64);
}

/*
 * Removes a number in the encoding of yescrypt, at least min, from the start of
 * *rest.  The first character determines how many follow (decode64_uint32 in
 * yescrypt-common.c).  -1: *rest does not begin with such a number.
 */
static int64_t
cut_number(struct str *rest, int64_t min)
{
	int64_t number = min;
	int start = 0, end = 47, more = 0;
	int digit = rest->len > 0 ? format_digit(rest->ptr[0]) : -1;

	if (digit < 0)
		return -1;
	for (; digit > end; more++) {
		number += (int64_t)(end + 1 - start) << (6 * more);
		start = end + 1;
		end = start + (62 - end) / 2;
	}
	number += (int64_t)(digit - start) << (6 * more);
	*rest = str_from_byte(*rest, 1);
	while (more-- > 0) {
		digit = rest->len > 0 ? format_digit(rest->ptr[0]) : -1;
		if (digit < 0)
			return -1;
		number += (int64_t)digit << (6 * more);
		*rest = str_from_byte(*rest, 1);
	}
	return number;
}

/*
 * Reads the options after N and r: parallelism and time.  False: they are
 * malformed, or ask for an upgraded hash or a ROM, which are refused.
 */
static bool
cut_options(struct str *rest, int64_t *p, int64_t *t)
{
	int64_t have;

	*p = 1;
	*t = 0;
	if (rest->len == 0)
		return true;
	have = cut_number(rest, 1);
	if (have < 1 || have > 3)
		return false;
	if (have & 1)
		*p = cut_number(rest, 2);
	if (have & 2)
		*t = cut_number(rest, 1);
	return *p > 0 && *t >= 0 && rest->len == 0;
}

/*
 * The text after the prefix is flavour, log2 N, r and options, then $SALT$HASH.
 * The time parameter adds passes; parallelism multiplies the work.
 */
bool
unixcrypt_cost_yescrypt(
    const struct format *format, struct str stored, int64_t *cost)
{
	struct str rest = str_from_byte(stored, format->prefix.len);
	struct str numbers = str_cut(&rest, '$');
	int64_t flavour = cut_number(&numbers, 0);
	int64_t log2_n = cut_number(&numbers, 1);
	int64_t r = cut_number(&numbers, 1);
	int64_t p, t;

	if (flavour < 0 || log2_n < 1 || log2_n > FORMAT_LOG2_MAX || r < 1 ||
	    !cut_options(&numbers, &p, &t))
		return false;
	*cost = (INT64_C(1) << log2_n) * r; /* r is below 2^31 */
	return *cost <= FORMAT_SCRYPT_MAX &&
	       !__builtin_mul_overflow(*cost, p, cost) &&
	       !__builtin_mul_overflow(*cost, t + 1, cost) &&
	       has_salt_and_hash(rest);
}

/*
 * Reads a number of five characters, 6 bits each, the lowest bits first.  0 if
 * a character is invalid.
 */
static int64_t
read_word(const char *at)
{
	int64_t word = 0;

	for (int i = 0; i < 5; i++) {
		int digit = format_digit(at[i]);

		if (digit < 0)
			return 0;
		word |= (int64_t)digit << (6 * i);
	}
	return word;
}

/* The text after the prefix is NrrrrrpppppSALT$HASH. */
bool
unixcrypt_cost_scrypt(
    const struct format *format, struct str stored, int64_t *cost)
{
	struct str rest = str_from_byte(stored, format->prefix.len);
	int64_t r, p, memory;
	int log2_n;

	if (rest.len < 11)
		return false;
	log2_n = format_digit(rest.ptr[0]);
	r = read_word(rest.ptr + 1);
	p = read_word(rest.ptr + 6);
	if (log2_n < 1 || log2_n > FORMAT_LOG2_MAX || r < 1 || p < 1)
		return false;
	memory = (INT64_C(1) << log2_n) * r; /* both at most 2^30 */
	*cost = memory;
	return memory <= FORMAT_SCRYPT_MAX &&
	       !__builtin_mul_overflow(memory, p, cost) &&
	       has_salt_and_hash(str_from_byte(rest, 11));
}
