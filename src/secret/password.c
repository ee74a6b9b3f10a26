/*
 * Operations on stored hashes of any format.  This file knows neither users nor
 * the hash pool.
 */
#include "config.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"
#include "secret/slowest_hash.h"
#include "secret/format.h"
#include "secret/password.h"
#include "secret/argon.h"
#include "secret/unixcrypt.h"
#include "secret/wrappers.h"

#define NEW_COST 12 /* bcrypt's cost; PHP's default since 8.4 */

/*
 * bcrypt hashes that no password matches: bcrypt writes the low two bits of the
 * last character as 0, and here they are not.
 */
#define DUMMY "$2y$10$sessgatedummysaltsess.NobodyKnowsWhatThisIsTheHashOf/"
#define DUMMY_SMALL \
	"$2y$04$sessgatedummysaltsess.NobodyKnowsWhatThisIsTheHashOf/"

enum {
	DUMMY_COST = 10,
	DUMMY_SMALL_COST = 4,
	SPEND_PART = 16 /* a cost below 1/16 of the slowest is not noticeable */
};

static size_t
longest_password(const struct format *format, int64_t cost)
{
	int64_t longest = (int64_t)format->password_max;

	if (format->work_max > 0 && format->work_max / cost < longest)
		longest = format->work_max / cost;
	return (size_t)longest;
}

/*
 * Verifies password against stored.  A password that is too long is cut and
 * computed like any other, so that it takes as much time, but is never right.
 */
static enum password_verdict
spend(const struct format *format, int64_t cost, struct str password,
    struct str stored)
{
	size_t longest = longest_password(format, cost);
	bool is_possible = password.len <= longest;
	enum password_verdict verdict;

	if (!is_possible)
		password.len = longest;
	verdict = format->verify(format, password, stored);
	if (verdict == PASSWORD_RIGHT && !is_possible)
		verdict = PASSWORD_WRONG;
	return verdict;
}

/*
 * The processor time used so far, in microseconds.  libargon2 computes in
 * threads of its own, so the time of the whole process counts for argon2.  It
 * includes other work of the process, but slowest_hash keeps the quickest run.
 */
static int64_t
work_us(const struct format *format)
{
	return format->family == PASSWORD_ARGON2 ? clock_process_us()
						 : clock_thread_us();
}

/* A stored hash, split into its wrapper and the hash of a format. */
struct found {
	const struct wrapper *wrapper;
	const struct format *format; /* NULL: not supported */
	struct str stored;	     /* without the wrapper's prefix */
	int64_t cost;
};

static struct found
find_family(struct str stored)
{
	const struct wrapper *wrapper = wrapper_find(stored);
	struct found found = {
		.wrapper = wrapper,
		.stored = str_from_byte(stored, wrapper->dropped),
	};

	found.format = format_find(found.stored, &found.cost);
	if (found.format == NULL)
		return found;
	if ((wrapper->cost_max > 0 && found.cost > wrapper->cost_max) ||
	    (wrapper->inner != 0 && found.format->family != wrapper->inner))
		found.format = NULL;
	return found;
}

static struct slowest_hash
kind_of(const struct found *found)
{
	return (struct slowest_hash){ .wrapper = found->wrapper,
		.format = found->format,
		.cost = found->cost };
}

static enum password_verdict
judge_stored(const struct found *found, struct str password)
{
	const struct slowest_hash kind = kind_of(found);
	int64_t started_us = work_us(found->format);
	enum password_verdict verdict =
	    spend(found->format, found->cost, password, found->stored);

	if (verdict == PASSWORD_WRONG || verdict == PASSWORD_RIGHT)
		slowest_hash_note(
		    &kind, found->stored, work_us(found->format) - started_us);
	return verdict;
}

enum password_family
password_family_of(struct str stored)
{
	struct found found = find_family(stored);

	if (found.format == NULL)
		return PASSWORD_FAMILIES;
	if (found.wrapper->family == PASSWORD_FAMILIES)
		return found.format->family;
	return found.wrapper->family;
}

/*
 * Verifies with one way to prepare the password.  PASSWORD_WRONG also if this
 * way leaves the password unchanged.
 */
static enum password_verdict
try_way(const struct found *found, int way, struct str password)
{
	struct prepared prepared = { .bytes = NULL };
	enum password_verdict verdict = PASSWORD_FAILED;

	switch (found->wrapper->ways[way](password, &prepared)) {
	case PREPARE_FAILED:
		break;
	case PREPARE_SAME:
		verdict = PASSWORD_WRONG;
		break;
	case PREPARE_DONE:
		verdict = judge_stored(found, prepared.password);
	}
	prepare_close(&prepared);
	return verdict;
}

/* Tries the wrapper's ways in turn until one is right. */
static enum password_verdict
try_ways(const struct found *found, struct str password)
{
	enum password_verdict verdict = PASSWORD_WRONG;

	if (password.len > PASSWORD_MAX)
		password.len = PASSWORD_MAX;
	for (int way = 0; verdict == PASSWORD_WRONG && way < WRAPPER_WAYS_MAX &&
			  found->wrapper->ways[way] != NULL;
	     way++)
		verdict = try_way(found, way, password);
	return verdict;
}

enum password_verdict
password_verify(struct str password, struct str stored)
{
	struct found found = find_family(stored);
	bool is_possible =
	    password.len <= PASSWORD_MAX && !str_has_char(password, '\0');
	enum password_verdict verdict;

	if (found.format == NULL)
		return PASSWORD_REFUSED;
	verdict = try_ways(&found, password);
	if (verdict == PASSWORD_RIGHT && !is_possible)
		return PASSWORD_WRONG;
	return verdict;
}

bool
password_is_beyond_bcrypt(struct str password, struct str stored)
{
	struct found found = find_family(stored);
	struct prepared prepared = { .bytes = NULL };
	bool is_beyond;

	if (password.len <= PASSWORD_NEW_MAX || found.format == NULL ||
	    found.format->password_max != PASSWORD_NEW_MAX)
		return false;
	is_beyond =
	    found.wrapper->ways[0](password, &prepared) != PREPARE_DONE ||
	    prepared.password.len > PASSWORD_NEW_MAX ||
	    found.wrapper->ways[0] == prepare_for_bcrypt;
	prepare_close(&prepared);
	return is_beyond;
}

static int64_t dummy_us;

static void
measure_dummy(void)
{
	int64_t started_us = clock_thread_us();

	(void)spend(&format_bcrypt, DUMMY_COST, STR("x"), STR(DUMMY));
	dummy_us = clock_thread_us() - started_us;
}

int64_t
password_slowest_us(struct str password)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct slowest_hash slowest_hash;

	pthread_once(&once, measure_dummy);
	if (slowest_hash_find(password, &slowest_hash) &&
	    slowest_hash.us > dummy_us)
		return slowest_hash.us;
	return dummy_us;
}

static void
spend_whole(struct str password, const struct slowest_hash *slowest_hash)
{
	const struct found found = { .wrapper = slowest_hash->wrapper,
		.format = slowest_hash->format,
		.cost = slowest_hash->cost,
		.stored = { slowest_hash->stored, slowest_hash->len } };

	(void)try_ways(&found, password);
}

/*
 * Uses up us microseconds of processor time, in steps of one bcrypt at cost 4,
 * and at most one such step more.
 */
static void
spend_us(int64_t us)
{
	int64_t until_us = clock_thread_us() + us;

	while (clock_thread_us() < until_us)
		(void)spend(&format_bcrypt, DUMMY_SMALL_COST, STR("x"),
		    STR(DUMMY_SMALL));
}

/*
 * If `stored` costs little compared with the slowest kind, or is not accepted,
 * a hash of the slowest kind is computed, not bcrypt steps: under load, formats
 * that need much memory slow down more than bcrypt does.
 */
void
password_spend(struct str password, struct str stored)
{
	struct found found = find_family(stored);
	const struct slowest_hash own = kind_of(&found);
	struct slowest_hash slowest_hash;
	int64_t own_us = 0;

	if (!slowest_hash_find(password, &slowest_hash)) {
		(void)spend(&format_bcrypt, DUMMY_COST, password, STR(DUMMY));
		return;
	}
	if (found.format != NULL)
		own_us = slowest_hash_us(&own) *
			 wrapper_tries(found.wrapper, password);
	if (own_us < slowest_hash.us / SPEND_PART)
		spend_whole(password, &slowest_hash);
	else
		spend_us(slowest_hash.us - own_us);
}

bool
password_is_strong(struct str stored)
{
	struct found found = find_family(stored);

	return found.format != NULL && found.format->cost_strong > 0 &&
	       found.cost >= found.format->cost_strong;
}

bool
password_may_renew(struct str password, struct str stored)
{
	struct prepared prepared = { .bytes = NULL };
	bool may = wrapper_find(stored)->ways[0](password, &prepared) ==
		       PREPARE_DONE &&
		   str_eq(prepared.password, password);

	prepare_close(&prepared);
	return may;
}

bool
password_new(struct str password, char new_hash[PASSWORD_NEW_SIZE])
{
	return unixcrypt_new_bcrypt(password, NEW_COST, new_hash);
}

bool
password_new_hash(
    struct str password, struct str format, char new_hash[PASSWORD_HASH_SIZE])
{
	if (str_eq(format, STR("bcrypt")))
		return password_new(password, new_hash);
	if (password.len > PASSWORD_MAX || str_has_char(password, '\0'))
		return false;
	if (str_eq(format, STR("argon2id")))
		return argon_new(password, new_hash);
	return str_eq(format, STR("yescrypt")) &&
	       unixcrypt_new_yescrypt(password, new_hash);
}
