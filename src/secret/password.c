/*
 * Password formats, a row each.  The only user of libxcrypt and libargon2;
 * knows nothing of users or pools.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <argon2.h>
#include <crypt.h>

#include "secret/password.h"
#include "secret/secret.h"

#define BCRYPT_LEN 60
#define BCRYPT_TAIL_LEN 53 /* salt and hash */
#define BCRYPT_READS 72	   /* bytes of a password; it ignores the rest */
#define BCRYPT_COST_MIN 4
#define BCRYPT_COST_MAX 16 /* about 3 s: beyond it no login could end well */

#define ARGON2_MEMORY_MAX_KIB (1024 * 1024)
#define ARGON2_LANES_MAX 16
#define ARGON2_WORK_MIN 8		  /* KiB times passes */
#define ARGON2_WORK_MAX (4 * 1024 * 1024) /* about bcrypt's 16 */
#define ARGON2_SALT_LEN 22		  /* base64 of 16 bytes */
#define ARGON2_TAG_LEN 43		  /* base64 of 32 bytes */
#define ARGON2_MAX_LEN 127

/* What a row's verifier gets is within the row's bounds already. */
struct format {
	struct str prefix;
	bool (*is_wellformed)(const struct format *format, struct str stored);
	enum password_verdict (*verify)(const struct format *format,
	    struct str password, struct str stored);
	size_t password_max;
	/* bcrypt's log2 of rounds; argon2's KiB times passes */
	int64_t cost_min, cost_max;
	argon2_type variant;
};

static bool
bcrypt_is_wellformed(const struct format *format, struct str stored)
{
	struct str rest = str_from_byte(stored, format->prefix.len);
	struct str cost = str_cut(&rest, '$');
	int64_t log2_rounds;

	return cost.len == 2 && rest.len == BCRYPT_TAIL_LEN &&
	       str_to_int(
		   cost, format->cost_min, format->cost_max, &log2_rounds) &&
	       str_only(rest,
		   "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		   "0123456789");
}

static enum password_verdict
bcrypt_verify(
    const struct format *format, struct str password, struct str stored)
{
	/* 32 KiB, wiped at the end; crypt(3) wants its data apart from both */
	struct bcrypt_room {
		struct crypt_data data;
		char phrase[BCRYPT_READS + 1];
		char setting[BCRYPT_LEN + 1];
	} *room = calloc(1, sizeof(*room));
	enum password_verdict verdict = PASSWORD_FAILED;
	const char *hash;

	(void)format;
	if (room == NULL)
		return PASSWORD_FAILED;
	if (password.len > 0)
		memcpy(room->phrase, password.ptr, password.len);
	memcpy(room->setting, stored.ptr, BCRYPT_LEN);
	hash = crypt_r(room->phrase, room->setting, &room->data);
	if (hash != NULL && strlen(hash) == BCRYPT_LEN) /* else "*0", "*1" */
		verdict = secret_equal(hash, room->setting, BCRYPT_LEN)
			      ? PASSWORD_RIGHT
			      : PASSWORD_WRONG;
	explicit_bzero(room, sizeof(*room));
	free(room);
	return verdict;
}

/* One of `m=65536`, `t=4`, `p=1`. */
static bool
read_cost(struct str text, struct str name, int64_t max, int64_t *cost)
{
	return str_starts(text, name) &&
	       str_to_int(str_from_byte(text, name.len), 1, max, cost);
}

/* v=19$m=65536,t=4,p=1$SALT$TAG after the prefix. */
static bool
argon2_is_wellformed(const struct format *format, struct str stored)
{
	static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	struct str tag = str_from_byte(stored, format->prefix.len);
	struct str version = str_cut(&tag, '$');
	struct str lanes = str_cut(&tag, '$');
	struct str salt = str_cut(&tag, '$');
	struct str memory = str_cut(&lanes, ',');
	struct str passes = str_cut(&lanes, ',');
	int64_t kib, times, threads;

	return stored.len <= ARGON2_MAX_LEN && str_eq(version, STR("v=19")) &&
	       read_cost(memory, STR("m="), ARGON2_MEMORY_MAX_KIB, &kib) &&
	       read_cost(passes, STR("t="), format->cost_max, &times) &&
	       read_cost(lanes, STR("p="), ARGON2_LANES_MAX, &threads) &&
	       kib * times >= format->cost_min &&
	       kib * times <= format->cost_max && kib >= 8 * threads &&
	       salt.len == ARGON2_SALT_LEN && str_only(salt, base64) &&
	       tag.len == ARGON2_TAG_LEN && str_only(tag, base64);
}

/* libargon2 reads the password where it lies and compares in constant time. */
static enum password_verdict
argon2_judge(
    const struct format *format, struct str password, struct str stored)
{
	char encoded[ARGON2_MAX_LEN + 1] = "";

	memcpy(encoded, stored.ptr, stored.len);
	switch (argon2_verify(
	    encoded, password.ptr, password.len, format->variant)) {
	case ARGON2_OK:
		return PASSWORD_RIGHT;
	case ARGON2_VERIFY_MISMATCH:
		return PASSWORD_WRONG;
	case ARGON2_MEMORY_ALLOCATION_ERROR:
	case ARGON2_THREAD_FAIL:
		return PASSWORD_FAILED;
	default: /* e.g. base64 with stray bits, costs with leading zeros */
		return PASSWORD_REFUSED;
	}
}

#define BCRYPT_ROW(text) \
	{ \
		.prefix = STR_INIT(text), \
		.is_wellformed = bcrypt_is_wellformed, \
		.verify = bcrypt_verify, .password_max = BCRYPT_READS, \
		.cost_min = BCRYPT_COST_MIN, .cost_max = BCRYPT_COST_MAX, \
	}
#define ARGON2_ROW(text, type) \
	{ \
		.prefix = STR_INIT(text), \
		.is_wellformed = argon2_is_wellformed, .verify = argon2_judge, \
		.password_max = PASSWORD_MAX, .cost_min = ARGON2_WORK_MIN, \
		.cost_max = ARGON2_WORK_MAX, .variant = type, \
	}

static const struct format formats[] = {
	BCRYPT_ROW("$2y$"),
	BCRYPT_ROW("$2a$"),
	BCRYPT_ROW("$2b$"),
	ARGON2_ROW("$argon2id$", Argon2_id),
	ARGON2_ROW("$argon2i$", Argon2_i),
};

static const struct format *
find_format(struct str stored)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (str_starts(stored, formats[i].prefix) &&
		    formats[i].is_wellformed(&formats[i], stored))
			return &formats[i];
	return NULL;
}

enum password_verdict
password_verify(struct str password, struct str stored)
{
	const struct format *format = find_format(stored);
	enum password_verdict verdict;
	bool is_possible;

	if (format == NULL)
		return PASSWORD_REFUSED;
	is_possible = password.len <= format->password_max &&
		      !str_has_char(password, '\0');
	if (password.len > format->password_max)
		password.len = format->password_max;
	verdict = format->verify(format, password, stored);
	if (verdict == PASSWORD_RIGHT && !is_possible)
		verdict = PASSWORD_WRONG;
	return verdict;
}

const char *
password_dummy(void)
{
	/* bcrypt leaves the two low bits of the last character 0; here not */
	return "$2y$10$sessgatedummysaltsess.NobodyKnowsWhatThisIsTheHashOf/";
}
