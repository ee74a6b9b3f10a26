/* A table of the processor time of each kind of stored hash. */
#include "config.h"

#include <pthread.h>
#include <string.h>

#include "secret/slowest_hash.h"

#define KINDS_MAX 16

/* guards the two below */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct slowest_hash kinds[KINDS_MAX];
static int kind_count;

static struct slowest_hash *
find_kind(const struct slowest_hash *kind)
{
	for (int i = 0; i < kind_count; i++)
		if (kinds[i].wrapper == kind->wrapper &&
		    kinds[i].format == kind->format &&
		    kinds[i].cost == kind->cost)
			return &kinds[i];
	return NULL;
}

static struct slowest_hash *
find_cheapest(void)
{
	struct slowest_hash *found = &kinds[0];

	for (int i = 1; i < kind_count; i++)
		if (kinds[i].us < found->us)
			found = &kinds[i];
	return found;
}

/*
 * An unused row, or the cheapest one, which the caller overwrites; NULL: every
 * row took at least us microseconds.
 */
static struct slowest_hash *
find_room(int64_t us)
{
	struct slowest_hash *cheapest;

	if (kind_count < KINDS_MAX)
		return &kinds[kind_count++];
	cheapest = find_cheapest();
	return cheapest->us < us ? cheapest : NULL;
}

/*
 * Copies stored with a constant in place of its digest, so that no user's
 * digest stays in memory.  The copy is well-formed: hexadecimal digits are
 * lower case, and base64 of A has no stray bits.
 */
static void
keep_without_digest(struct slowest_hash *kind, struct str stored)
{
	struct str digest = format_digest(kind->format, stored);
	size_t digest_at = (size_t)(digest.ptr - stored.ptr);
	char nobodys = str_only(digest, "0123456789abcdef") ? 'a' : 'A';

	memcpy(kind->stored, stored.ptr, stored.len);
	for (size_t i = digest_at; i < digest_at + digest.len; i++)
		if (stored.ptr[i] != '=') /* keep the padding of base64 */
			kind->stored[i] = nobodys;
	kind->len = stored.len;
}

void
slowest_hash_note(
    const struct slowest_hash *kind, struct str stored, int64_t us)
{
	struct slowest_hash *known;

	pthread_mutex_lock(&lock);
	known = find_kind(kind);
	if (known != NULL) {
		if (us < known->us)
			known->us = us;
	} else {
		known = find_room(us);
		if (known != NULL) {
			*known =
			    (struct slowest_hash){ .wrapper = kind->wrapper,
				    .format = kind->format,
				    .cost = kind->cost,
				    .us = us };
			keep_without_digest(known, stored);
		}
	}
	pthread_mutex_unlock(&lock);
}

int64_t
slowest_hash_us(const struct slowest_hash *kind)
{
	const struct slowest_hash *known;
	int64_t us;

	pthread_mutex_lock(&lock);
	known = find_kind(kind);
	us = known != NULL ? known->us : 0;
	pthread_mutex_unlock(&lock);
	return us;
}

bool
slowest_hash_find(struct str password, struct slowest_hash *slowest_hash)
{
	const struct slowest_hash *found = NULL;
	int64_t most_us = -1;

	pthread_mutex_lock(&lock);
	for (int i = 0; i < kind_count; i++) {
		int64_t us =
		    kinds[i].us * wrapper_tries(kinds[i].wrapper, password);

		if (us > most_us) {
			most_us = us;
			found = &kinds[i];
		}
	}
	if (found != NULL) {
		*slowest_hash = *found;
		slowest_hash->us = most_us;
	}
	pthread_mutex_unlock(&lock);
	return found != NULL;
}
