/* redis/discovery: what Sentinels and nodes of a Cluster say, and the choice.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "check.h"
#include "redis/discovery/cluster.h"
#include "redis/discovery/sentinel_reply.h"
#include "redis/wire/server_address.h"

#define TEXT(words) \
	{ \
		.type = RESP_TEXT, .text = STR_INIT(words) \
	}
#define LIST(values) \
	{ \
		.type = RESP_LIST, .items = (values), .count = COUNT(values) \
	}

static struct resp_value good_address[] = { TEXT("10.0.0.1"), TEXT("6379") };
static struct resp_value bad_port[] = { TEXT("10.0.0.1"), TEXT("0") };
static struct resp_value no_host[] = { TEXT(""), TEXT("6379") };
static struct resp_value good_state[] = { TEXT("name"), TEXT("sg"),
	TEXT("flags"), TEXT("s_down,o_down,master"), TEXT("ip"),
	TEXT("10.0.0.9"), TEXT("config-epoch"), TEXT("7") };
static struct resp_value bad_epoch[] = { TEXT("config-epoch"), TEXT("x") };
static struct resp_value no_epoch[] = { TEXT("name"), TEXT("sg") };

static const struct reply_row {
	struct resp_value master, address;
	enum sentinel_state state;
} reply_rows[] = {
	{ LIST(good_state), LIST(good_address), SENTINEL_KNOWS },
	{ LIST(good_state), LIST(bad_port), SENTINEL_LOST },
	{ LIST(good_state), LIST(no_host), SENTINEL_LOST },
	{ LIST(good_state), LIST(no_epoch), SENTINEL_LOST },
	{ LIST(good_state), TEXT("10.0.0.1"), SENTINEL_LOST },
	{ LIST(bad_epoch), LIST(good_address), SENTINEL_LOST },
	{ LIST(no_epoch), LIST(good_address), SENTINEL_LOST },
	{ TEXT("OK"), LIST(good_address), SENTINEL_LOST },
	{ { .type = RESP_ERROR, .text = STR_INIT("ERR No such master") },
	    { .type = RESP_NIL }, SENTINEL_IGNORANT },
	{ { .type = RESP_ERROR, .text = STR_INIT("NOPERM sentinel|master") },
	    LIST(good_address), SENTINEL_LOST },
	{ LIST(good_state),
	    { .type = RESP_ERROR, .text = STR_INIT("NOAUTH x") },
	    SENTINEL_LOST },
};

static void
replies_of_sentinels_are_read(void **state)
{
	struct sentinel_answer answer;

	(void)state;
	for (size_t i = 0; i < COUNT(reply_rows); i++) {
		sentinel_reply_read(
		    &reply_rows[i].master, &reply_rows[i].address, &answer);
		assert_int_equal(answer.state, reply_rows[i].state);
		assert_int_equal(
		    answer.why[0] != '\0', answer.state == SENTINEL_LOST);
	}
	sentinel_reply_read(
	    &reply_rows[0].master, &reply_rows[0].address, &answer);
	assert_string_equal(answer.host, "10.0.0.1"); /* not 10.0.0.9 */
	assert_int_equal(answer.port, 6379);
	assert_int_equal(answer.epoch, 7);
	assert_true(answer.is_down);
}

static const struct event_row {
	const char *channel, *text;
	enum sentinel_event event;
} event_rows[] = {
	{ "+switch-master", "sg 10.0.0.1 1 10.0.0.2 2", SENTINEL_SWITCH },
	{ "+switch-master", "sg2 10.0.0.1 1 10.0.0.2 2", SENTINEL_NO_EVENT },
	{ "+switch-master", "", SENTINEL_NO_EVENT },
	{ "+sdown", "master sg 10.0.0.1 1", SENTINEL_SWITCH },
	{ "-sdown", "master sg 10.0.0.1 1", SENTINEL_SWITCH },
	{ "+sdown", "master sg2 10.0.0.1 1", SENTINEL_NO_EVENT },
	{ "+sdown", "slave a:2 10.0.0.2 2 @ sg 10.0.0.1 1", SENTINEL_NO_EVENT },
	{ "+promoted-slave", "slave a:2 10.0.0.2 2 @ sg 10.0.0.1 1",
	    SENTINEL_SWITCH },
	{ "+promoted-slave", "slave a:2 10.0.0.2 2 @ other 10.0.0.1 1",
	    SENTINEL_NO_EVENT },
	{ "+failover-state-wait-promotion",
	    "slave a:2 10.0.0.2 2 @ sg 10.0.0.1 1", SENTINEL_PROMOTING },
	{ "+failover-state-wait-promotion",
	    "slave a:2 10.0.0.2 x @ sg 10.0.0.1 1", SENTINEL_NO_EVENT },
	{ "+failover-state-wait-promotion", "slave a:2 10.0.0.2 2",
	    SENTINEL_NO_EVENT },
};

static void
messages_of_sentinels_are_read(void **state)
{
	struct resp_value pong[] = { TEXT("pong"), TEXT("") };
	struct resp_value other = LIST(pong);
	struct sentinel_answer replica = { .port = 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(event_rows); i++) {
		struct resp_value items[] = { TEXT("message"),
			{ .type = RESP_TEXT,
			    .text = str_from(event_rows[i].channel) },
			{ .type = RESP_TEXT,
			    .text = str_from(event_rows[i].text) } };
		struct resp_value message = LIST(items);

		assert_int_equal(
		    sentinel_reply_event(&message, STR("sg"), &replica),
		    event_rows[i].event);
	}
	assert_string_equal(replica.host, "10.0.0.2");
	assert_int_equal(replica.port, 2);
	assert_int_equal(sentinel_reply_event(&other, STR("sg"), &replica),
	    SENTINEL_NO_EVENT);
}

/* Answers of three Sentinels as "HOST EPOCH", NULL: lost; then the choice. */
static const struct choice_row {
	const char *answers[3];
	int64_t now_ms;
	const char *host;
	bool is_change;
} choice_rows[] = {
	{ { NULL, NULL, NULL }, 1000, "", false },
	{ { "a 1", NULL, NULL }, 1000, "a", true },
	{ { "a 1", "a 1", "a 1" }, 1000, "a", false },
	/* the leader is the first to know */
	{ { "a 1", "b 2", "a 1" }, 2000, "b", true },
	{ { "a 1", "b 2", "b 2" }, 2000, "b", false },
	/* it freezes, and an old answer alone is left: not believed */
	{ { "a 1", NULL, NULL }, 3000, "b", false },
	{ { NULL, NULL, NULL }, 4000, "b", false },
	/* another address under the same epoch is not believed either */
	{ { "a 2", NULL, NULL }, 4000, "b", false },
	{ { "a 2", "b 2", NULL }, 4000, "b", false },
	{ { "b 1", NULL, NULL }, 12500, "b", false },
	/* the way back has an epoch of its own */
	{ { "b 2", "a 3", "b 2" }, 13000, "a", true },
	/* all have forgotten */
	{ { "c 0", "c 0", "c 0" }, 20000, "a", false },
	{ { "c 0", "c 0", "c 0" }, 29999, "a", false },
	{ { "c 0", "c 0", "c 0" }, 30000, "c", true },
	{ { "c 0", "c 0", "d 0" }, 30000, "c", false },
};

static void
the_highest_epoch_is_chosen_and_no_older_one(void **state)
{
	struct sentinel_choice choice = { .is_known = false };

	(void)state;
	for (size_t i = 0; i < COUNT(choice_rows); i++) {
		struct sentinel_answer answers[3];

		for (size_t j = 0; j < 3; j++) {
			const char *text = choice_rows[i].answers[j];

			answers[j] =
			    (struct sentinel_answer){ .state = SENTINEL_LOST };
			if (text == NULL)
				continue;
			answers[j].state = SENTINEL_KNOWS;
			answers[j].port = 6379;
			answers[j].host[0] = text[0];
			answers[j].epoch = text[2] - '0';
		}
		assert_int_equal(sentinel_choose(&choice, answers, 3,
				     choice_rows[i].now_ms) != NULL,
		    choice_rows[i].is_change);
		assert_string_equal(choice.host, choice_rows[i].host);
	}
}

static const struct moved_row {
	const char *text, *host;
	int port;
} moved_rows[] = {
	{ "MOVED 3999 127.0.0.1:6381", "127.0.0.1", 6381 },
	{ "MOVED 3999 ::1:6381", "::1", 6381 },
	{ "MOVED 3999 node-1.example:6381", "node-1.example", 6381 },
	{ "MOVED 3999 :6381", "", 6381 },
	{ "MOVED 3999 127.0.0.1:0", NULL, 0 },
	{ "MOVED 3999 127.0.0.1:65536", NULL, 0 },
	{ "MOVED 3999 127.0.0.1", NULL, 0 },
	{ "MOVED 3999", NULL, 0 },
	{ "MOVED", NULL, 0 },
	{ "ASK 3999 127.0.0.1:6381", NULL, 0 },
	{ "", NULL, 0 },
};

static void
redirections_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(moved_rows); i++) {
		struct str host = STR_NONE;
		int port = 0;
		bool is_read = cluster_read_moved(
		    str_from(moved_rows[i].text), &host, &port);

		assert_int_equal(is_read, moved_rows[i].host != NULL);
		if (!is_read)
			continue;
		assert_str(host, moved_rows[i].host);
		assert_int_equal(port, moved_rows[i].port);
	}
}

static const struct owner_row {
	const char *error;
	bool owns;
} owner_rows[] = {
	{ "MOVED 3999 127.0.0.1:6381", false },
	{ "CLUSTERDOWN Hash slot not served", false },
	{ "LOADING Redis is loading the dataset in memory", false },
	{ "NOAUTH Authentication required.", false },
	{ "ASK 3999 127.0.0.1:6381", true },
	{ "TRYAGAIN Multiple keys request during rehashing", true },
	{ "NOPERM this user has no permissions", true },
	{ "WRONGTYPE Operation against a key", true },
};

static void
a_node_owns_the_slot_until_it_redirects(void **state)
{
	struct resp_value reply = { .type = RESP_NIL };

	(void)state;
	assert_true(cluster_owns(&reply));
	for (size_t i = 0; i < COUNT(owner_rows); i++) {
		reply = (struct resp_value){ .type = RESP_ERROR,
			.text = str_from(owner_rows[i].error) };
		assert_int_equal(cluster_owns(&reply), owner_rows[i].owns);
	}
}

static void
addresses_are_told_as_text(void **state)
{
	struct server_address found[SERVER_ADDRESS_MAX], path;
	char text[SERVER_ADDRESS_TEXT_MAX];

	(void)state;
	assert_int_equal(server_address_resolve("127.0.0.1", 6379, found), 1);
	server_address_text(&found[0], text);
	assert_string_equal(text, "127.0.0.1:6379");
	assert_true(server_address_of_path("/run/r.sock", &path));
	server_address_text(&path, text);
	assert_string_equal(text, "/run/r.sock");
	assert_false(server_address_equal(&path, &found[0]));
	server_address_text(&(struct server_address){ .len = 0 }, text);
	assert_string_equal(text, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_of_sentinels_are_read),
		cmocka_unit_test(messages_of_sentinels_are_read),
		cmocka_unit_test(the_highest_epoch_is_chosen_and_no_older_one),
		cmocka_unit_test(redirections_are_read),
		cmocka_unit_test(a_node_owns_the_slot_until_it_redirects),
		cmocka_unit_test(addresses_are_told_as_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
