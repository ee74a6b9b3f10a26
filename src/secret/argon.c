/* $argon2id$ and $argon2i$; uses libargon2. */
#include "config.h"

#include <string.h>

#include <argon2.h>

#include "secret/argon.h"

#define MEMORY_MAX_KIB (1024 * 1024)
#define PASSES_MAX (4 * 1024 * 1024)
#define LANES_MAX 16
#define SALT_LEN 22 /* base64 of 16 bytes */

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz0123456789+/";

/* One of `m=65536`, `t=4`, `p=1`. */
static bool
read_number(struct str text, struct str name, int64_t max, int64_t *number)
{
	return str_starts(text, name) &&
	       str_to_int(str_from_byte(text, name.len), 1, max, number);
}

/* v=19$m=65536,t=4,p=1$SALT$TAG after the prefix. */
bool
argon_cost(const struct format *format, struct str stored, int64_t *cost)
{
	struct str tag = str_from_byte(stored, format->prefix.len);
	struct str version = str_cut(&tag, '$');
	struct str lanes = str_cut(&tag, '$');
	struct str salt = str_cut(&tag, '$');
	struct str memory = str_cut(&lanes, ',');
	struct str passes = str_cut(&lanes, ',');
	int64_t kib, times, threads;

	if (!str_eq(version, STR("v=19")) ||
	    !read_number(memory, STR("m="), MEMORY_MAX_KIB, &kib) ||
	    !read_number(passes, STR("t="), PASSES_MAX, &times) ||
	    !read_number(lanes, STR("p="), LANES_MAX, &threads))
		return false;
	*cost = kib * times;
	return kib >= 8 * threads && salt.len == SALT_LEN &&
	       str_only(salt, base64) && tag.len == format->digest_len &&
	       str_only(tag, base64);
}

/* libargon2 reads the password where it lies and compares in constant time. */
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
