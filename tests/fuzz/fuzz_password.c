/*
 * secret/password: any stored hash is judged or refused.  The input is a
 * password, a newline, and the stored hash; hashes that name high costs are
 * left out, for speed.
 */
#include "config.h"

#include "fuzz.h"
#include "secret/password.h"

enum {
	BCRYPT_COST_MAX = 5,
	ARGON2_NUMBER_MAX = 64,
	NUMBER_MAX = 2000,
	LOG2_MAX = 11 /* of phpass */
};

/* The number at the head of s, cut at a million; 0 where there is none. */
static long
number_at(struct str s)
{
	long number = 0;

	for (size_t i = 0; i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9' &&
			   number < 1000000;
	     i++)
		number = number * 10 + (s.ptr[i] - '0');
	return number;
}

/* Every number behind one of these could be a cost. */
static bool
has_number_above(struct str stored, long max)
{
	for (size_t i = 0; i + 1 < stored.len; i++)
		if (strchr("$=:_", stored.ptr[i]) != NULL &&
		    number_at(str_from_byte(stored, i + 1)) > max)
			return true;
	return false;
}

/* $P$, $H$ and $S$ have the log2 of their rounds as one character. */
static bool
is_dear_phpass(struct str s)
{
	static const char digits[] = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz";
	const char *at;

	if (s.len < 4 || s.ptr[3] == '\0')
		return false;
	at = strchr(digits, s.ptr[3]);
	return at != NULL && at - digits > LOG2_MAX;
}

static bool
is_dear_here(struct str s)
{
	if (str_starts(s, STR("$2")) && s.len > 6)
		return number_at(str_from_byte(s, 4)) > BCRYPT_COST_MAX;
	if (str_starts(s, STR("$P$")) || str_starts(s, STR("$H$")) ||
	    str_starts(s, STR("$S$")))
		return is_dear_phpass(s);
	/* the least that crypt_gensalt(3) makes */
	if (str_starts(s, STR("$y$")))
		return !str_starts(s, STR("$y$j75$"));
	if (str_starts(s, STR("$gy$")))
		return !str_starts(s, STR("$gy$j75$"));
	if (str_starts(s, STR(":bcrypt:")))
		return number_at(str_from_byte(s, 8)) > BCRYPT_COST_MAX;
	return str_starts(s, STR("$7$"));
}

static bool
is_dear(struct str stored)
{
	bool is_argon2 = str_has(stored, STR("$argon2"));

	/* a form may stand within another ($wp$2y$) */
	for (size_t i = 0; i < stored.len; i++)
		if (is_dear_here(str_from_byte(stored, i)))
			return true;
	return has_number_above(
	    stored, is_argon2 ? ARGON2_NUMBER_MAX : NUMBER_MAX);
}

/* The password with one byte more, behind a NUL in the second round. */
static struct str
longer(struct arena *arena, struct str password, char glue)
{
	char *copy = arena_alloc(arena, password.len + 2);

	if (password.len > 0)
		memcpy(copy, password.ptr, password.len);
	copy[password.len] = glue;
	copy[password.len + 1] = 'x';
	return (struct str){ copy, password.len + 2 };
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = arena_open();
	struct str stored = fuzz_str(bytes, len);
	struct str password = fuzz_line(arena, &stored);
	enum password_verdict verdict;

	if (is_dear(stored)) {
		arena_close(arena);
		return 0;
	}
	verdict = password_verify(password, stored);
	fuzz_claim(verdict != PASSWORD_FAILED);
	if (verdict == PASSWORD_REFUSED)
		fuzz_claim(
		    password_verify(STR("x"), stored) == PASSWORD_REFUSED);
	if (verdict == PASSWORD_RIGHT) {
		fuzz_claim(password_verify(longer(arena, password, 'x'),
			       stored) == PASSWORD_WRONG);
		fuzz_claim(password_verify(longer(arena, password, '\0'),
			       stored) == PASSWORD_WRONG);
		fuzz_claim(password_verify(password, stored) == PASSWORD_RIGHT);
	}
	arena_close(arena);
	return 0;
}
