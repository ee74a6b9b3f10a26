/* Recovery codes: made, hashed, and found in a list of hashes. */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "secret/digest.h"
#include "secret/recovery.h"
#include "secret/secret.h"

/* Crockford's base32: no letter looks like a digit. */
static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

static struct str
hash_of(struct arena *arena, const char code[RECOVERY_LEN])
{
	return digest_text(
	    arena, (struct str){ code, RECOVERY_LEN }, DIGEST_BYTES);
}

static void
add_code(struct buf *codes, const char code[RECOVERY_LEN])
{
	if (codes->len > 0)
		buf_add_char(codes, '\n');
	for (size_t i = 0; i < RECOVERY_LEN; i++) {
		if (i > 0 && i % RECOVERY_GROUP == 0)
			buf_add_char(codes, '-');
		buf_add_char(codes, code[i]);
	}
}

static void
add_hash(struct buf *list, struct str hash)
{
	if (list->len > 0)
		buf_add_char(list, ' ');
	buf_add(list, hash);
}

bool
recovery_new(struct arena *arena, struct str *codes, struct str *list)
{
	struct buf shown =
	    buf_open(arena, RECOVERY_CODES * (RECOVERY_SHOWN_LEN + 1));
	struct buf hashes = buf_open(arena, RECOVERY_LIST_MAX + 1);
	char code[RECOVERY_LEN];

	for (int i = 0; i < RECOVERY_CODES; i++) {
		if (!secret_random_text(alphabet, code, sizeof(code)))
			return false;
		add_code(&shown, code);
		add_hash(&hashes, hash_of(arena, code));
	}
	explicit_bzero(code, sizeof(code));
	*codes = buf_str(&shown);
	*list = buf_str(&hashes);
	return true;
}

/*
 * The character of the alphabet that a typed character stands for; NUL: it is a
 * separator.
 */
static char
meant_by(char c)
{
	if (c >= 'A' && c <= 'Z')
		c = (char)(c - 'A' + 'a');
	if (c == 'o')
		return '0';
	if (c == 'i' || c == 'l')
		return '1';
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '\0';
}

struct str
recovery_hash(struct arena *arena, struct str code)
{
	char meant[RECOVERY_LEN];
	struct str hash = STR_NONE;
	size_t len = 0;

	for (size_t i = 0; i < code.len; i++) {
		char c = meant_by(code.ptr[i]);

		if (c == '\0')
			continue;
		if (len == RECOVERY_LEN || strchr(alphabet, c) == NULL)
			goto out;
		meant[len++] = c;
	}
	if (len == RECOVERY_LEN)
		hash = hash_of(arena, meant);
out:
	explicit_bzero(meant, sizeof(meant));
	return hash;
}

bool
recovery_without(
    struct arena *arena, struct str list, struct str hash, struct str *left)
{
	struct buf kept = buf_open(arena, list.len + 1);
	bool is_found = false;

	*left = list;
	while (!str_is_none(list)) {
		struct str item = str_cut(&list, ' ');

		if (item.len == hash.len && hash.len == RECOVERY_HASH_LEN &&
		    secret_equal(item.ptr, hash.ptr, RECOVERY_HASH_LEN))
			is_found = true;
		else if (item.len > 0)
			add_hash(&kept, item);
	}
	if (is_found)
		*left = buf_str(&kept);
	return is_found;
}

size_t
recovery_count(struct str list)
{
	size_t count = 0;

	while (!str_is_none(list))
		count += str_cut(&list, ' ').len > 0;
	return count;
}
