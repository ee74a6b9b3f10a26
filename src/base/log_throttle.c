/* Rate limit for log lines that a client can cause. */
#include "config.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/log_line.h"
#include "base/log_throttle.h"
#include "base/siphash.h"

/*
 * Intervals in milliseconds: fail2ban needs a line a second, an operator one in
 * ten.
 */
enum { SECOND = 1000, TEN = 10000, KEYS_MAX = 2 };

/*
 * Every event that a client can cause at will.  Other events are bounded
 * elsewhere.  The login limits and the cost of a hash bound `login failed` and
 * `password refused`.  Audit lines of successes come once per session or
 * password, the states of the stores at each change of a breaker.  `cookie
 * needs https` and `mysql active unreadable` are logged once.
 */
static const struct rule {
	const char *words;
	int every_ms;
	/* names of fields; addr is reduced to its network */
	const char *keys[KEYS_MAX];
} rules[] = {
	{ "login limited", SECOND, { "addr", "limit" } },
	{ "request limited", SECOND, { "addr", "limit" } },
	{ "connection closed", SECOND, { "reason" } },
	{ "mysql statement failed", SECOND, { "reason" } },
	{ "accept paused", TEN, { "reason" } },
	{ "answer too long", TEN, { NULL } },
	{ "connections closed", TEN, { "reason" } },
	{ "gate refused", TEN, { "id", "reason" } },
	{ "gate value left out", TEN, { "id", "name" } },
	{ "login refused", TEN, { "id", "reason" } },
	{ "mysql column left out", TEN, { "column" } },
	{ "mysql password_update changed many rows", TEN, { "id" } },
	{ "mysql row without id", TEN, { NULL } },
	{ "mysql totp_codes_update changed many rows", TEN, { "id" } },
	{ "mysql totp_update changed many rows", TEN, { "id" } },
	{ "own row not found", TEN, { "user" } },
	{ "password format refused", TEN, { "user", "reason" } },
	{ "password not changed", TEN, { "user", "reason" } },
	{ "password not rehashed", TEN, { "user", "reason" } },
	{ "recovery codes not written", TEN, { "user", "reason" } },
	{ "redis refused", TEN, { "reason" } },
	{ "request lost", TEN, { "reason" } },
	{ "session unreadable", TEN, { "key", "reason" } },
	{ "site unknown", TEN, { NULL } },
	{ "totp not set", TEN, { "user", "reason" } },
	{ "totp unreadable", TEN, { "user" } },
};

/*
 * A set-associative table.  Keys with a network have sets of their own, so that
 * many networks do not displace other keys.
 */
enum {
	RULES = sizeof(rules) / sizeof(rules[0]),
	WAYS = 8,
	NETWORK_SETS = 64,
	OTHER_SETS = 8,
	SLOTS = (NETWORK_SETS + OTHER_SETS) * WAYS,
	KEY_SIZE = 512
};

/*
 * The slot of a key.  It is in use while its interval lasts or its count is
 * above 0.
 */
struct slot {
	uint64_t hash;
	int64_t due_ms;
	int every_ms; /* interval of the rule */
	struct log_pending pending;
};

static struct {
	pthread_mutex_t lock; /* guards the fields below; not held across I/O */
	bool has_seed;
	unsigned char seed[SIPHASH_SEED];
	int64_t counted;		  /* the sum of all counts */
	struct slot slots[SLOTS + RULES]; /* the keys' slots, then one shared
					     slot per rule */
} table = { .lock = PTHREAD_MUTEX_INITIALIZER };

static const struct rule *
find_rule(const char *words)
{
	for (size_t i = 0; i < RULES; i++)
		if (strcmp(rules[i].words, words) == 0)
			return &rules[i];
	return NULL;
}

static struct str
find_field(const struct log_field *fields, const char *key)
{
	for (; fields->key != NULL; fields++)
		if (strcmp(fields->key, key) == 0)
			return fields->text;
	return STR_NONE;
}

/* Returns the /64 of an IPv6 address (in *bytes); any other text unchanged. */
static struct str
network_of_key(struct str address, struct in6_addr *bytes)
{
	char text[INET6_ADDRSTRLEN];

	if (address.len >= sizeof(text) || !str_has_char(address, ':'))
		return address;
	memcpy(text, address.ptr, address.len);
	text[address.len] = '\0';
	if (inet_pton(AF_INET6, text, bytes) != 1)
		return address;
	return (struct str){ (const char *)bytes->s6_addr, 8 };
}

static void
key_add(char key[KEY_SIZE], size_t *len, struct str part)
{
	uint16_t size = (uint16_t)part.len;
	size_t space = KEY_SIZE - *len;

	if (space < sizeof(size))
		return; /* the earlier parts have filled the key */
	space -= sizeof(size);
	if (part.len > space)
		part.len = space;
	memcpy(key + *len, &size, sizeof(size));
	if (part.len > 0) /* memcpy needs a valid address even for no bytes */
		memcpy(key + *len + sizeof(size), part.ptr, part.len);
	*len += sizeof(size) + part.len;
}

/*
 * Called with the lock held.  Returns the hash of the event's key: its words,
 * its site and the fields of its rule.  Draws the seed first, if there is none.
 */
static uint64_t
hash_key(
    const struct rule *rule, const char *site, const struct log_field *fields)
{
	struct in6_addr bytes;
	char key[KEY_SIZE];
	size_t len = 0;

	if (!table.has_seed)
		table.has_seed = getrandom(table.seed, sizeof(table.seed),
				     GRND_NONBLOCK) == sizeof(table.seed);
	key_add(key, &len, str_from(rule->words));
	key_add(key, &len, str_from(site != NULL ? site : ""));
	for (int i = 0; i < KEYS_MAX && rule->keys[i] != NULL; i++) {
		struct str part = find_field(fields, rule->keys[i]);

		if (strcmp(rule->keys[i], "addr") == 0)
			part = network_of_key(part, &bytes);
		key_add(key, &len, str_is_none(part) ? STR("") : part);
	}
	return siphash(table.seed, (struct str){ key, len });
}

static bool
is_slot_free(const struct slot *slot, int64_t now_ms)
{
	return slot->pending.count == 0 && now_ms >= slot->due_ms;
}

/* Returns the slot of the key, else a free slot of its set, else NULL. */
static struct slot *
find_slot(const struct rule *rule, uint64_t hash, int64_t now_ms)
{
	bool has_network =
	    rule->keys[0] != NULL && strcmp(rule->keys[0], "addr") == 0;
	size_t set = has_network ? hash % NETWORK_SETS
				 : NETWORK_SETS + hash % OTHER_SETS;
	struct slot *slots = &table.slots[set * WAYS], *found = NULL;

	for (int i = 0; i < WAYS; i++) {
		bool is_unused = is_slot_free(&slots[i], now_ms);

		if (!is_unused && slots[i].hash == hash)
			return &slots[i];
		if (is_unused && found == NULL)
			found = &slots[i];
	}
	if (found != NULL) {
		found->hash = hash;
		found->every_ms = rule->every_ms;
	}
	return found;
}

/* Stores the line with as many whole fields as fit, from the first on. */
static void
remember(struct log_pending *pending, const char *words, const char *site,
    const struct log_field *fields)
{
	struct log_field kept[LOG_FIELDS_MAX + 1] = { LOG_END };
	size_t count = 0;
	bool is_cut;

	while (count < LOG_FIELDS_MAX && fields[count].key != NULL) {
		kept[count] = fields[count];
		count++;
	}
	for (;;) {
		kept[count].key = NULL; /* the end of the list */
		pending->len = log_line_body(pending->body,
		    sizeof(pending->body), &is_cut, words, site, kept);
		if (!is_cut || count == 0)
			return;
		count--;
	}
}

/* Called with the lock held.  Counts the event in its rule's shared slot. */
static void
count_shared(const struct rule *rule, enum log_level level, int64_t now_ms)
{
	struct slot *slot = &table.slots[SLOTS + (rule - rules)];

	if (is_slot_free(slot, now_ms))
		slot->due_ms = now_ms + rule->every_ms;
	slot->every_ms = rule->every_ms;
	slot->pending.count++;
	slot->pending.level = level;
	slot->pending.words = rule->words;
	slot->pending.is_shared = true;
	table.counted++;
}

/*
 * Called with the lock held.  If the interval of the slot has passed, begins
 * the next one, and returns the number of events that a line written now stands
 * for.  0: it has not passed.
 */
static int64_t
admit(struct slot *slot, int64_t now_ms)
{
	int64_t count = slot->pending.count + 1;

	if (now_ms < slot->due_ms)
		return 0;
	table.counted -= slot->pending.count;
	slot->pending.count = 0;
	slot->due_ms = now_ms + slot->every_ms;
	return count;
}

int64_t
log_throttle_admit(enum log_level level, const char *words, const char *site,
    const struct log_field *fields)
{
	const struct rule *rule = find_rule(words);
	int64_t now_ms = clock_ms(), count = 0;
	struct slot *slot;

	if (rule == NULL)
		return 1;
	pthread_mutex_lock(&table.lock);
	slot = find_slot(rule, hash_key(rule, site, fields), now_ms);
	if (slot == NULL) {
		count_shared(rule, level, now_ms);
	} else {
		count = admit(slot, now_ms);
		if (count == 0 && slot->pending.count++ == 0) {
			slot->pending.level = level;
			slot->pending.words = rule->words;
			remember(&slot->pending, words, site, fields);
		}
		table.counted += count == 0;
	}
	pthread_mutex_unlock(&table.lock);
	return count;
}

/*
 * Called with the lock held.  Moves the count of the slot to *pending and
 * begins the next interval.  False: the count is 0, or not due at now_ms.
 */
static bool
take_slot(struct slot *slot, int64_t now_ms, struct log_pending *pending)
{
	if (slot->pending.count == 0 || now_ms < slot->due_ms)
		return false;
	*pending = slot->pending;
	table.counted -= slot->pending.count;
	slot->pending.count = 0;
	slot->due_ms = now_ms + slot->every_ms;
	return true;
}

bool
log_throttle_next(int64_t now_ms, struct log_pending *pending)
{
	bool is_found = false;

	pthread_mutex_lock(&table.lock);
	for (size_t i = 0; table.counted > 0 && !is_found && i < SLOTS + RULES;
	     i++)
		is_found = take_slot(&table.slots[i], now_ms, pending);
	pthread_mutex_unlock(&table.lock);
	return is_found;
}
