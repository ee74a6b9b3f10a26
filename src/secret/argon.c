/* $argon2id$, $argon2i$ and $argon2d$, computed by libargon2. */
#include "config.h"

#include <string.h>

#include <argon2.h>

#include "secret/argon.h"
#include "secret/secret.h"

#define MEMORY_MAX_KIB (1024 * 1024)
#define PASSES_MAX (4 * 1024 * 1024)
#define LANES_MAX 16
#define SALT_LEN_MIN 11 /* base64 of 8 bytes, ARGON2_MIN_SALT_LENGTH */
#define TAG_LEN_MIN 6	/* base64 of 4 bytes, ARGON2_MIN_OUTLEN */

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz0123456789+/";

/* Reads one parameter, as `m=65536`, `t=4` or `p=1`. */
static bool
read_number(struct str text, struct str name, int64_t max, int64_t *number)
{
	return str_starts(text, name) &&
	       str_to_int(str_from_byte(text, name.len), 1, max, number);
}

/* True for unpadded base64 of at least min characters. */
static bool
is_base64(struct str text, size_t min)
{
	return text.len >= min && text.len % 4 != 1 && str_only(text, base64);
}

/* Argon2 1.3 is v=19; 1.0 is v=16, or has no v= at all. */
static bool
cut_version(struct str *rest)
{
	struct str version;

	if (!str_starts(*rest, STR("v=")))
		return true;
	version = str_cut(rest, '$');
	return str_eq(version, STR("v=19")) || str_eq(version, STR("v=16"));
}

/* The text after the prefix is [v=19$]m=65536,t=4,p=1$SALT$TAG. */
bool
argon_cost(const struct format *format, struct str stored, int64_t *cost)
{
	struct str tag = str_from_byte(stored, format->prefix.len);
	bool has_version = cut_version(&tag);
	struct str lanes = str_cut(&tag, '$');
	struct str salt = str_cut(&tag, '$');
	struct str memory = str_cut(&lanes, ',');
	struct str passes = str_cut(&lanes, ',');
	int64_t kib, times, threads;

	if (!has_version ||
	    !read_number(memory, STR("m="), MEMORY_MAX_KIB, &kib) ||
	    !read_number(passes, STR("t="), PASSES_MAX, &times) ||
	    !read_number(lanes, STR("p="), LANES_MAX, &threads))
		return false;
	*cost = kib * times;
	return kib >= 8 * threads && is_base64(salt, SALT_LEN_MIN) &&
	       is_base64(tag, TAG_LEN_MIN);
}

/* libargon2 does not copy the password, and compares in constant time. */
enum password_verdict
argon_verify(
    const struct format *format, struct str password, struct str stored)
{
	char encoded[FORMAT_LEN_MAX + 1] = "";

	memcpy(encoded, stored.ptr, stored.len);
	switch (argon2_verify(encoded, password.ptr, password.len,
	    (argon2_type)format->variant)) {
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

bool
argon_new(struct str password, char new_hash[PASSWORD_HASH_SIZE])
{
	enum { KIB = 65536, PASSES = 4, LANES = 1, SALT = 16, TAG = 32 };
	unsigned char salt[SALT];

	return secret_random(salt, sizeof(salt)) &&
	       argon2id_hash_encoded(PASSES, KIB, LANES, password.ptr,
		   password.len, salt, sizeof(salt), TAG, new_hash,
		   PASSWORD_HASH_SIZE) == ARGON2_OK;
}
