/* Digests of a salt and a password. */
#include "config.h"

#include <string.h>

#include "secret/hexdigest.h"
#include "secret/salted.h"

#define SALT_MAX 64

struct parts {
	struct str salt, digest;
};

/* Removes suffix from the end of *s.  False: *s does not end in it. */
static bool
cut_suffix(struct str *s, struct str suffix)
{
	if (s->len < suffix.len ||
	    !str_eq(str_from_byte(*s, s->len - suffix.len), suffix))
		return false;
	s->len -= suffix.len;
	return true;
}

static bool
is_salt(struct str s)
{
	if (s.len == 0 || s.len > SALT_MAX)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] > '~' || s.ptr[i] == ':')
			return false;
	return true;
}

static bool
salted_split(
    const struct format *format, struct str stored, struct parts *parts)
{
	struct str rest = str_from_byte(stored, format->prefix.len);
	struct str first;

	if (format->variant == SALTED_MAGENTO_MARKED &&
	    !cut_suffix(&rest, STR(":1")))
		return false;
	first = str_cut(&rest, ':');
	*parts = format->is_digest_first
		     ? (struct parts){ .digest = first, .salt = rest }
		     : (struct parts){ .digest = rest, .salt = first };
	return hexdigest_is_text(parts->digest, format->digest_len) &&
	       is_salt(parts->salt);
}

bool
salted_cost(const struct format *format, struct str stored, int64_t *cost)
{
	struct parts parts;

	*cost = 1;
	return salted_split(format, stored, &parts);
}

#define HASH(digest, text, ...) \
	hexdigest_write(digest, (const struct str[]){ __VA_ARGS__ }, \
	    sizeof((const struct str[]){ __VA_ARGS__ }) / sizeof(struct str), \
	    text)

static bool
compute(int variant, struct str password, struct str salt,
    char text[HEXDIGEST_SIZE])
{
	char inner[HEXDIGEST_SIZE] = "", other[HEXDIGEST_SIZE] = "";
	bool is_done = false;

	switch (variant) {
	case SALTED_JOOMLA:
		is_done = HASH("MD5", text, password, salt);
		break;
	case SALTED_MAGENTO:
	case SALTED_MAGENTO_MARKED:
		is_done = HASH("SHA256", text, salt, password);
		break;
	case SALTED_MEDIAWIKI:
		is_done = HASH("MD5", inner, password) &&
			  HASH("MD5", text, salt, STR("-"), str_from(inner));
		break;
	case SALTED_MYBB:
		is_done = HASH("MD5", inner, salt) &&
			  HASH("MD5", other, password) &&
			  HASH("MD5", text, str_from(inner), str_from(other));
		break;
	case SALTED_OPENCART:
		is_done = HASH("SHA1", inner, password) &&
			  HASH("SHA1", other, salt, str_from(inner)) &&
			  HASH("SHA1", text, salt, str_from(other));
		break;
	}
	explicit_bzero(inner, sizeof(inner));
	explicit_bzero(other, sizeof(other));
	return is_done;
}

enum password_verdict
salted_verify(
    const struct format *format, struct str password, struct str stored)
{
	char text[HEXDIGEST_SIZE] = "";
	enum password_verdict verdict = PASSWORD_FAILED;
	struct parts parts;

	if (salted_split(format, stored, &parts) &&
	    compute(format->variant, password, parts.salt, text))
		verdict = hexdigest_equal(text, parts.digest) ? PASSWORD_RIGHT
							      : PASSWORD_WRONG;
	explicit_bzero(text, sizeof(text));
	return verdict;
}
