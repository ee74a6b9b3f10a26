/* base/log_throttle: one line an interval, and no count is lost */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log_throttle.h"
#include "check.h"

static int64_t
limited(const char *addr, const char *limit, const char *site)
{
	const struct log_field fields[] = { log_text("addr", addr),
		log_text("limit", limit), log_text("user", "x"), LOG_END };

	return log_throttle_admit(LOG_INFO, "login limited", site, fields);
}

/* Empties the table; how many events were counted. */
static int64_t
drain(void)
{
	struct log_pending pending;
	int64_t count = 0;

	while (log_throttle_next(INT64_MAX / 2, &pending))
		count += pending.count;
	return count;
}

static void
the_first_line_of_each_key_is_written_at_once(void **state)
{
	(void)state;
	assert_int_equal(limited("192.0.2.1", "pair", NULL), 1);
	assert_int_equal(limited("192.0.2.1", "pair", NULL), 0);
	assert_int_equal(limited("192.0.2.2", "pair", NULL), 1);
	assert_int_equal(limited("192.0.2.1", "network", NULL), 1);
	assert_int_equal(limited("192.0.2.1", "pair", "shop"), 1);
	assert_int_equal(limited("2001:db8:0:1::1", "pair", NULL), 1);
	assert_int_equal(limited("2001:db8:0:1:f::2", "pair", NULL), 0);
	assert_int_equal(limited("2001:db8:0:2::1", "pair", NULL), 1);
	assert_int_equal(drain(), 2);
}

static void
other_events_are_never_counted(void **state)
{
	const struct log_field fields[] = { log_text("addr", "192.0.2.1"),
		LOG_END };

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(
		    log_throttle_admit(LOG_INFO, "login failed", NULL, fields),
		    1);
	assert_int_equal(drain(), 0);
}

static void
what_was_counted_comes_when_it_is_due(void **state)
{
	struct log_pending pending;
	int64_t now_ms = clock_ms();

	(void)state;
	assert_int_equal(limited("198.51.100.1", "pair", "shop"), 1);
	for (int i = 0; i < 5; i++)
		assert_int_equal(limited("198.51.100.1", "pair", "shop"), 0);
	assert_false(log_throttle_next(now_ms, &pending));
	assert_true(log_throttle_next(now_ms + 60000, &pending));
	assert_int_equal(pending.count, 5);
	assert_false(pending.is_shared);
	assert_str(((struct str){ pending.body, pending.len }),
	    "login limited site=shop addr=198.51.100.1 limit=pair user=x");
	assert_false(log_throttle_next(now_ms + 60000, &pending));
}

static void
keys_of_any_length_stay_in_their_room(void **state)
{
	char id[600];
	struct log_field fields[] = { log_text("reason", "of some length"),
		LOG_END, LOG_END };

	(void)state;
	memset(id, 'a', sizeof(id));
	for (size_t len = 480; len <= sizeof(id); len++) {
		fields[1] = log_str("id", (struct str){ id, len });
		log_throttle_admit(LOG_ERROR, "login refused", NULL, fields);
	}
	drain();
}

static void
a_field_that_does_not_fit_is_left_out_whole(void **state)
{
	struct log_pending pending;
	char path[400] = "";
	struct log_field fields[] = { log_text("addr", "198.51.100.9"),
		log_text("limit", "request"), LOG_END, LOG_END };

	(void)state;
	memset(path, '\n', sizeof(path));
	fields[2] = log_str("path", (struct str){ path, sizeof(path) });
	for (int i = 0; i < 2; i++)
		log_throttle_admit(LOG_INFO, "request limited", NULL, fields);
	assert_true(log_throttle_next(INT64_MAX / 2, &pending));
	assert_str(((struct str){ pending.body, pending.len }),
	    "request limited addr=198.51.100.9 limit=request");
}

/* More networks than are told apart: none is lost, and others are not hurt. */
static void
a_crowd_of_networks_is_counted_together(void **state)
{
	const struct log_field unreadable[] = { log_text("key", "sess:"),
		log_text("reason", "x"), LOG_END };
	struct log_pending pending;
	int64_t written = 0, counted = 0, shared = 0;
	char addr[32];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		snprintf(addr, sizeof(addr), "10.1.%d.%d", i / 250, i % 250);
		written += limited(addr, "pair", NULL);
	}
	assert_between(written, 256, 512);
	assert_int_equal(log_throttle_admit(
			     LOG_WARN, "session unreadable", NULL, unreadable),
	    1);
	while (log_throttle_next(INT64_MAX / 2, &pending)) {
		counted += pending.count;
		if (pending.is_shared) {
			assert_string_equal(pending.words, "login limited");
			shared++;
		}
	}
	assert_int_equal(shared, 1);
	assert_int_equal(written + counted, 20000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_line_of_each_key_is_written_at_once),
		cmocka_unit_test(other_events_are_never_counted),
		cmocka_unit_test(what_was_counted_comes_when_it_is_due),
		cmocka_unit_test(a_field_that_does_not_fit_is_left_out_whole),
		cmocka_unit_test(a_crowd_of_networks_is_counted_together),
		cmocka_unit_test(keys_of_any_length_stay_in_their_room),
	};

	return cmocka_run_group_tests_name("log_throttle", tests, NULL, NULL);
}
