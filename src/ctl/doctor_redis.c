/* The findings about Redis. */
#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "config/key_kind.h"
#include "ctl/doctor.h"
#include "ctl/trouble.h"
#include "redis/generations.h"
#include "store/rows.h"

#define AREA "redis"

enum { PINGS = 20, SAMPLE_MAX = 1000, PERCENT = 100 };

/* The text of INFO: lines of `name:value`. */
struct info {
	struct str text;
};

/* The value of a line of INFO; STR_NONE: there is no such line. */
static struct str
info_text(const struct info *info, struct str name)
{
	struct str rest = info->text;

	while (!str_is_none(rest)) {
		struct str line = str_cut(&rest, '\n');
		struct str key = str_cut(&line, ':');

		if (!str_eq(key, name) || str_is_none(line))
			continue;
		if (line.len > 0 && line.ptr[line.len - 1] == '\r')
			line.len--;
		return line;
	}
	return STR_NONE;
}

static int64_t
info_number(const struct info *info, struct str name)
{
	int64_t number = 0;

	(void)str_to_int(info_text(info, name), 0, INT64_MAX, &number);
	return number;
}

static bool
info_is(const struct info *info, struct str name, struct str value)
{
	return str_eq(info_text(info, name), value);
}

/* Reads INFO.  False: it is refused, which is reported. */
static bool
ask_info(struct doctor *doctor, struct info *info)
{
	struct ctl *ctl = doctor->ctl;
	struct resp_value value;
	enum result result;

	link_add(ctl->link, STR("INFO"));
	result = link_try(ctl->link, &ctl->call, &value);
	if (result == RESULT_OK && value.type == RESP_TEXT) {
		info->text = value.text;
		return true;
	}
	doctor_report(doctor, DOCTOR_WARN, AREA,
	    "give its user +info (sessgatectl acl --admin)",
	    "memory, persistence and eviction are not known, INFO is refused");
	return false;
}

static void
check_version(struct doctor *doctor, const struct info *info)
{
	struct str version = info_text(info, STR("redis_version"));
	struct str rest = version;
	int64_t major = 0;

	(void)str_to_int(str_cut(&rest, '.'), 0, 1000, &major);
	if (major < 7)
		doctor_report(doctor, DOCTOR_BAD, AREA, "7.0 is needed",
		    "this is Redis %.*s", STR_ARG(version));
	else
		doctor_report(doctor, DOCTOR_OK, AREA, NULL, "version %.*s",
		    STR_ARG(version));
}

/* An eviction may log somebody out, or end a block. */
static void
check_memory(struct doctor *doctor, const struct info *info)
{
	const int64_t full = 80;
	int64_t max = info_number(info, STR("maxmemory"));
	int64_t used = info_number(info, STR("used_memory"));
	int64_t evicted = info_number(info, STR("evicted_keys"));
	struct str policy = info_text(info, STR("maxmemory_policy"));
	bool evicts = !str_eq(policy, STR("noeviction"));

	if (evicts)
		doctor_report(doctor, max > 0 ? DOCTOR_BAD : DOCTOR_WARN, AREA,
		    "set maxmemory-policy noeviction",
		    "maxmemory-policy is %.*s: sessions, blocks and limits "
		    "vanish when memory is full",
		    STR_ARG(policy));
	if (evicted > 0)
		doctor_report(doctor, DOCTOR_WARN, AREA,
		    "give it more memory, and noeviction",
		    "%" PRId64 " keys have been evicted since it started",
		    evicted);
	if (max > 0 &&
	    used / max * PERCENT + used % max * PERCENT / max >= full)
		doctor_report(doctor, DOCTOR_WARN, AREA, "raise maxmemory",
		    "%" PRId64 " of %" PRId64 " MiB are used", used >> 20,
		    max >> 20);
	if (!evicts && evicted == 0)
		doctor_report(
		    doctor, DOCTOR_OK, AREA, NULL, "nothing is evicted");
}

static void
check_persistence(struct doctor *doctor, const struct info *info)
{
	if (!info_is(info, STR("aof_enabled"), STR("1")))
		doctor_report(doctor, DOCTOR_WARN, AREA, "set appendonly yes",
		    "there is no append-only file: a crash logs people out, "
		    "and sessions that ended since the last dump live again");
	else if (!info_is(info, STR("aof_last_write_status"), STR("ok")))
		doctor_report(doctor, DOCTOR_BAD, AREA,
		    "look at its disk and its log",
		    "the append-only file cannot be written");
	if (info_is(info, STR("rdb_last_bgsave_status"), STR("err")))
		doctor_report(doctor, DOCTOR_BAD, AREA,
		    "look at its disk and its log",
		    "the last dump (BGSAVE) failed");
}

/* INFO counts good replicas only if min-replicas-to-write is set. */
static void
check_replicas(struct doctor *doctor, const struct info *info)
{
	if (doctor->ctl->all.common.redis.way != REDIS_SENTINEL)
		return;
	if (str_is_none(info_text(info, STR("min_slaves_good_slaves"))))
		doctor_report(doctor, DOCTOR_WARN, AREA,
		    "set min-replicas-to-write 1 and min-replicas-max-lag 10",
		    "a primary that is cut off from its replicas goes on "
		    "taking writes, and they are lost");
	else
		doctor_report(doctor, DOCTOR_OK, AREA, NULL,
		    "a primary without replicas takes no writes");
}

static void
check_clients(struct doctor *doctor, const struct info *info)
{
	const int64_t crowded = 80;
	const struct conf *conf = &doctor->ctl->all.common;
	int64_t have = info_number(info, STR("connected_clients"));
	int64_t max = info_number(info, STR("maxclients"));
	int64_t need = conf->server_workers + 8; /* refreshers, prober, .. */

	if (max > 0 && have * PERCENT >= max * crowded)
		doctor_report(doctor, DOCTOR_WARN, AREA, "raise maxclients",
		    "%" PRId64 " of %" PRId64 " clients are connected", have,
		    max);
	else if (max > 0 && max < need)
		doctor_report(doctor, DOCTOR_BAD, AREA, "raise maxclients",
		    "maxclients is %" PRId64
		    ", and a process of sessgate connects up to %" PRId64
		    " times",
		    max, need);
	if (info_number(info, STR("rejected_connections")) > 0)
		doctor_report(doctor, DOCTOR_WARN, AREA, "raise maxclients",
		    "%" PRId64 " connections were rejected since it started",
		    info_number(info, STR("rejected_connections")));
}

/*
 * Redis' clock ends sessions; that of this host is in logs and device cookies.
 */
static void
check_clock(struct doctor *doctor)
{
	const int64_t tolerated_ms = 2000;
	struct ctl *ctl = doctor->ctl;
	int64_t now_ms, apart_ms;

	if (redis_sessions_time(ctl->sessions, &ctl->call, &now_ms) !=
	    RESULT_OK)
		return;
	apart_ms = now_ms - clock_wall_ms();
	if (apart_ms < -tolerated_ms || apart_ms > tolerated_ms)
		doctor_report(doctor, DOCTOR_WARN, AREA,
		    "run NTP on both hosts",
		    "its clock is %" PRId64 " s %s that of this host",
		    (apart_ms < 0 ? -apart_ms : apart_ms) / 1000,
		    apart_ms > 0 ? "ahead of" : "behind");
	else
		doctor_report(doctor, DOCTOR_OK, AREA, NULL,
		    "its clock agrees with that of this host");
}

static int
order_numbers(const void *a, const void *b)
{
	const int64_t *one = a, *other = b;

	return (*one > *other) - (*one < *other);
}

static void
check_latency(struct doctor *doctor)
{
	const int64_t slow_us = 5000;
	struct ctl *ctl = doctor->ctl;
	int64_t took_us[PINGS];

	for (int i = 0; i < PINGS; i++) {
		int64_t started_us = clock_us();
		struct resp_value value;

		link_add(ctl->link, STR("PING"));
		if (link_exchange(ctl->link, &ctl->call, &value) != RESULT_OK)
			return;
		took_us[i] = clock_us() - started_us;
	}
	qsort(took_us, PINGS, sizeof(took_us[0]), order_numbers);
	if (took_us[PINGS / 2] > slow_us)
		doctor_report(doctor, DOCTOR_WARN, AREA,
		    "look at the network, SLOWLOG and the disk",
		    "half of its answers take longer than %" PRId64 " ms",
		    took_us[PINGS / 2] / 1000);
	else
		doctor_report(doctor, DOCTOR_OK, AREA, NULL,
		    "it answers in %" PRId64 " us, at most %" PRId64,
		    took_us[PINGS / 2], took_us[PINGS - 1]);
}

/* Counts over a sample of the keys of sessgate. */
struct sample {
	int64_t keys, sessions;
	int64_t endless;    /* keys that never expire */
	int64_t unreadable; /* keys of sessions with another program's value */
	int64_t loopback;   /* sessions that were opened from this host */
	/* the last key of each; of a session, only its beginning */
	struct str endless_key, unreadable_key;
};

enum { SHOWN_CHARS = 4 };

static bool
is_local_address(struct str address)
{
	return str_starts(address, STR("127.")) || str_eq(address, STR("::1"));
}

/* Returns the index of the key's kind in KEY_KINDS; -1: no key of sessgate. */
static int
key_kind_of(struct str prefix, struct str key)
{
	static const char *const kinds[] = { KEY_KINDS };

	if (!str_starts(key, prefix))
		return -1;
	key = str_from_byte(key, prefix.len);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_starts(key, str_from(kinds[i])))
			return (int)i;
	return -1;
}

/*
 * Returns a pattern for SCAN with the beginning of a session's key.  The whole
 * key may have the token ([session] key plain, or another program's).
 */
static struct str
beginning_of(struct arena *arena, struct str prefix, struct str key)
{
	size_t len = prefix.len + strlen(KEY_KIND_SESSION) + SHOWN_CHARS;
	struct buf pattern = buf_open(arena, len + 1);

	if (key.len <= len)
		return key;
	buf_add(&pattern, (struct str){ key.ptr, len });
	buf_add_char(&pattern, '*');
	return buf_str(&pattern);
}

static void
sample_record(struct ctl *ctl, const struct resp_value *value, struct str shown,
    struct sample *sample)
{
	struct session session;
	bool has_version;

	if (value->type == RESP_NIL)
		return;
	if (value->type != RESP_TEXT ||
	    !rows_session_decode(
		ctl->arena, value->text, &session, &has_version)) {
		sample->unreadable++;
		sample->unreadable_key = shown;
		return;
	}
	sample->sessions++;
	sample->loopback += is_local_address(session.addr);
}

static enum result
sample_key(
    struct ctl *ctl, struct str prefix, struct str key, struct sample *sample)
{
	struct resp_value values[2];
	int kind = key_kind_of(prefix, key);
	struct str shown = key;
	enum result result;

	if (kind < 0)
		return RESULT_OK;
	sample->keys++;
	link_add(ctl->link, STR("PTTL"), key);
	if (kind == 0) /* KEY_KIND_SESSION */
		link_add(ctl->link, STR("GET"), key);
	result = link_exchange(ctl->link, &ctl->call, values);
	if (result != RESULT_OK)
		return result;
	if (kind == 0)
		shown = beginning_of(ctl->arena, prefix, key);
	if (values[0].number == -1) {
		sample->endless++;
		sample->endless_key = shown;
	}
	if (kind == 0)
		sample_record(ctl, &values[1], shown, sample);
	return RESULT_OK;
}

static bool
take_sample(struct ctl *ctl, struct str prefix, struct sample *sample)
{
	struct str cursor = STR("0");

	do {
		struct resp_value value;
		enum result result;

		link_add(
		    ctl->link, STR("SCAN"), cursor, STR("COUNT"), STR("250"));
		result = link_exchange(ctl->link, &ctl->call, &value);
		if (result != RESULT_OK || value.type != RESP_LIST ||
		    value.count != 2)
			return false;
		cursor = value.items[0].text;
		value = value.items[1];
		for (size_t i = 0; i < value.count && sample->keys < SAMPLE_MAX;
		     i++)
			if (sample_key(ctl, prefix, value.items[i].text,
				sample) != RESULT_OK)
				return false;
	} while (!str_eq(cursor, STR("0")) && sample->keys < SAMPLE_MAX);
	return true;
}

static void
check_keys(struct doctor *doctor, const struct conf *conf)
{
	const int64_t few = 5;
	struct ctl *ctl = doctor->ctl;
	struct sample sample = { .keys = 0 };

	ctl_reset_deadline(ctl);
	if (!take_sample(ctl, str_from(conf->redis_key_prefix), &sample)) {
		doctor_report(doctor, DOCTOR_WARN, AREA,
		    "give its user +scan (sessgatectl acl --admin)",
		    "the keys are not looked at, SCAN is refused");
		return;
	}
	if (sample.endless > 0)
		doctor_report(doctor, DOCTOR_WARN, AREA,
		    "find the program that writes such keys",
		    "%" PRId64 " of %" PRId64 " keys never expire, as %.*s",
		    sample.endless, sample.keys, STR_ARG(sample.endless_key));
	if (sample.unreadable > 0)
		doctor_report(doctor, DOCTOR_WARN, AREA,
		    "give sessgate a [redis] key_prefix or a database of its "
		    "own",
		    "%" PRId64 " of %" PRId64
		    " keys of sessions are another program's, as %.*s",
		    sample.unreadable, sample.keys,
		    STR_ARG(sample.unreadable_key));
	if (sample.sessions >= few && sample.loopback == sample.sessions &&
	    conf->server_trusted_proxies.count == 0)
		doctor_report(doctor, DOCTOR_WARN, "host",
		    "name the proxy in [server] trusted_proxies",
		    "all sessions come from this host itself: limits on "
		    "guessing take everybody for one");
}

static void
check_redis_encryption(struct doctor *doctor)
{
	const struct redis_url *url = &doctor->ctl->all.common.redis;

	if (url->is_unix || url->is_tls ||
	    is_local_address(str_from(url->host)) ||
	    strcmp(url->host, "localhost") == 0)
		return;
	doctor_report(doctor, DOCTOR_WARN, AREA, "use rediss://",
	    "sessions go to %s without encryption", url->host);
}

void
doctor_redis(struct doctor *doctor)
{
	struct info info;

	if (ctl_open_redis(doctor->ctl) >= 0)
		return;
	if (ask_info(doctor, &info)) {
		check_version(doctor, &info);
		check_memory(doctor, &info);
		check_persistence(doctor, &info);
		check_replicas(doctor, &info);
		check_clients(doctor, &info);
	}
	check_redis_encryption(doctor);
	check_clock(doctor);
	if (doctor->is_quick)
		return;
	check_latency(doctor);
	for (int i = 0; i < conf_count(&doctor->ctl->all); i++)
		check_keys(doctor, conf_at(&doctor->ctl->all, i));
}
