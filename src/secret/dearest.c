/* The price list of stored forms, by experience. */
#include "config.h"

#include <pthread.h>
#include <string.h>

#include "secret/dearest.h"

#define KINDS_MAX 16

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards both */
static struct dearest kinds[KINDS_MAX];
static int kind_count;

static struct dearest *
find_kind(const struct format *format, int64_t cost)
{
	for (int i = 0; i < kind_count; i++)
		if (kinds[i].format == format && kinds[i].cost == cost)
			return &kinds[i];
	return NULL;
}

static struct dearest *
find_extreme(bool is_dearest)
{
	struct dearest *found = &kinds[0];

	for (int i = 1; i < kind_count; i++)
		if ((kinds[i].us > found->us) == is_dearest)
			found = &kinds[i];
	return found;
}

/* A new one, or the cheapest to be written over; NULL: this is cheaper. */
static struct dearest *
find_room(int64_t us)
{
	struct dearest *cheapest;

	if (kind_count < KINDS_MAX)
		return &kinds[kind_count++];
	cheapest = find_extreme(false);
	return cheapest->us < us ? cheapest : NULL;
}

/* Its settings and salt; the digest is nobody's, lest it lie around. */
static void
keep_form(struct dearest *kind, struct str stored)
{
	struct str digest = format_digest(kind->format, stored);
	size_t digest_at = (size_t)(digest.ptr - stored.ptr);

	memcpy(kind->form, stored.ptr, stored.len);
	for (size_t i = digest_at; i < digest_at + digest.len; i++)
		if (stored.ptr[i] != '=') /* base64's end stays one */
			kind->form[i] = 'A';
	kind->len = stored.len;
}

void
dearest_note(
    const struct format *format, int64_t cost, struct str stored, int64_t us)
{
	struct dearest *kind;

	pthread_mutex_lock(&lock);
	kind = find_kind(format, cost);
	if (kind != NULL) {
		if (us < kind->us)
			kind->us = us;
	} else {
		kind = find_room(us);
		if (kind != NULL) {
			*kind = (struct dearest){
				.format = format, .cost = cost, .us = us
			};
			keep_form(kind, stored);
		}
	}
	pthread_mutex_unlock(&lock);
}

int64_t
dearest_us(const struct format *format, int64_t cost)
{
	const struct dearest *kind;
	int64_t us;

	pthread_mutex_lock(&lock);
	kind = find_kind(format, cost);
	us = kind != NULL ? kind->us : 0;
	pthread_mutex_unlock(&lock);
	return us;
}

bool
dearest_find(struct dearest *dearest)
{
	bool is_found;

	pthread_mutex_lock(&lock);
	is_found = kind_count > 0;
	if (is_found)
		*dearest = *find_extreme(true);
	pthread_mutex_unlock(&lock);
	return is_found;
}
