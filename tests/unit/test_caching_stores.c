/* store/cache/stores */
#include "config.h"

#include <stddef.h>

#include "app_fixture.h"
#include "secret/token.h"
#include "store/cache/stores.h"
#include "store/rows.h"

#define OTHER_TOKEN "0123456789abcdefghijklmnopqrstuvwxyzABCDEFH"

static bool
says_yes(void *arg, int64_t now_ms)
{
	(void)now_ms;
	(void)arg;
	return true;
}

/* A fixture whose stores have a cache before them. */
static struct {
	struct fixture *fixture;
	struct cache *cache;
	struct caching_stores *caching_stores;
	const struct stores *stores;
	struct memory *memory;
	struct call *call;
} hall;

static int
open_hall(void **state)
{
	static const struct account known = { .is_known = true,
		.at_ms = INT64_C(1799999999000),
		.is_active = true,
		.login = STR_INIT("a@example.org") };

	fixture_open(state);
	hall.fixture = *state;
	hall.fixture->conf.redis_key_prefix = "p:";
	hall.fixture->conf.session_key = CONF_KEY_PLAIN;
	hall.memory = &hall.fixture->memory;
	hall.memory->users_are_cached = true;
	hall.memory->table[0].ttl_ms = 300000;
	hall.memory->records[0].facts.account = known;
	hall.call = &hall.fixture->call;
	hall.cache = cache_open(1 << 20, 60000);
	cache_trust(hall.cache, says_yes, NULL);
	hall.caching_stores = caching_stores_open(
	    hall.cache, &hall.fixture->conf, &hall.memory->stores);
	hall.stores = caching_stores_get(hall.caching_stores);
	return 0;
}

static int
close_hall(void **state)
{
	caching_stores_close(hall.caching_stores);
	cache_close(hall.cache);
	return fixture_close(state);
}

static enum result
get(const char *token, struct session_facts *facts)
{
	*facts = (struct session_facts){ .ttl_ms = -7 };
	hall.call->snapshot = NULL;
	return sessions_get(hall.stores, hall.call, str_from(token), facts);
}

static void
is_read_from_the_store(int times)
{
	struct session_facts facts;

	hall.memory->session_reads = 0;
	for (int i = 0; i < 5; i++)
		assert_int_equal(get(TOKEN, &facts), RESULT_OK);
	assert_int_equal(hall.memory->session_reads, times);
}

static void
a_session_is_read_once(void **state)
{
	struct session_facts first, again;

	(void)state;
	assert_int_equal(get(TOKEN, &first), RESULT_OK);
	assert_int_equal(get(TOKEN, &again), RESULT_OK);
	assert_int_equal(hall.memory->session_reads, 1);
	assert_str(again.session.user_id, "42");
	assert_str_eq(again.session.gen, first.session.gen);
	assert_str_eq(again.generation.gen, first.generation.gen);
	assert_str_eq(again.name, first.name);
	assert_str_eq(again.handle, token_handle(hall.call->arena, first.name));
	assert_false(again.is_hashed);
	assert_true(again.account.is_known && again.account.is_active);
	assert_str(again.account.login, "a@example.org");
	assert_between(again.now_ms - first.now_ms, 0, 10000);
	assert_true(again.now_ms - first.now_ms == first.ttl_ms - again.ttl_ms);
}

static void
another_token_never_hits(void **state)
{
	struct session_facts facts;

	(void)state;
	is_read_from_the_store(1);
	assert_int_equal(get(OTHER_TOKEN, &facts), RESULT_MISS);
	assert_int_equal(get(TOKEN "x", &facts), RESULT_MISS);
	assert_int_equal(get("0123456789abcdef", &facts), RESULT_MISS);
	assert_int_equal(hall.memory->session_reads, 4);
}

static void
an_unknown_session_is_asked_for_each_time(void **state)
{
	struct session_facts facts;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(get(OTHER_TOKEN, &facts), RESULT_MISS);
	hall.memory->sessions_result = RESULT_REDIS_DOWN;
	assert_int_equal(get(OTHER_TOKEN, &facts), RESULT_REDIS_DOWN);
	assert_int_equal(hall.memory->session_reads, 4);
}

static void
each_of_its_keys_ends_a_hit(void **state)
{
	static const char *const keys[] = { "p:ugen:{42}", "p:uauth:{42}",
		"p:sess:" TOKEN };

	(void)state;
	is_read_from_the_store(1);
	cache_forget(hall.cache, STR("p:user:42"));
	cache_forget(hall.cache, STR("ugen:{42}"));
	is_read_from_the_store(0);
	for (size_t i = 0; i < COUNT(keys); i++) {
		cache_forget(hall.cache, str_from(keys[i]));
		is_read_from_the_store(1);
	}
}

static void
what_is_about_to_end_is_not_kept(void **state)
{
	struct session_facts *facts = &hall.memory->records[0].facts;

	(void)state;
	facts->ttl_ms = -2; /* gone meanwhile */
	is_read_from_the_store(5);
	facts->ttl_ms = 1000;
	facts->session.expires_ms = hall.memory->now_ms;
	is_read_from_the_store(5);
	facts->session.expires_ms = -1;
	facts->account.at_ms = hall.memory->now_ms - ACCOUNT_LIFE_MS;
	cache_flush(hall.cache);
	is_read_from_the_store(5);
	facts->account.at_ms = hall.memory->now_ms;
	is_read_from_the_store(1);
}

static void
ones_own_writes_are_seen_at_once(void **state)
{
	const struct session session = { .user_id = STR("42"),
		.expires_ms = -1 };
	const struct account nothing = { .is_known = false };
	const struct account old = { .is_known = true, .at_ms = 1 };
	struct generation generation;
	struct account account;
	struct session_facts facts;
	int64_t now_ms;

	(void)state;
	is_read_from_the_store(1);
	assert_int_equal(sessions_enter(hall.stores, hall.call, STR("42"),
			     &generation, &now_ms),
	    RESULT_OK);
	is_read_from_the_store(1);
	assert_int_equal(accounts_ask(hall.stores, hall.call,
			     &(struct account_question){
				 STR("42"), 5, ACCOUNT_NEW, &nothing },
			     &account),
	    RESULT_OK);
	is_read_from_the_store(1);
	assert_int_equal(
	    accounts_ask(hall.stores, hall.call,
		&(struct account_question){ STR("42"), 5, ACCOUNT_NEW, &old },
		&account),
	    RESULT_OK);
	is_read_from_the_store(1);
	assert_int_equal(
	    accounts_forget(hall.stores, hall.call, STR("42")), RESULT_OK);
	is_read_from_the_store(1);
	assert_int_equal(
	    sessions_end(hall.stores, hall.call, STR(TOKEN)), RESULT_OK);
	assert_int_equal(get(TOKEN, &facts), RESULT_MISS);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(sessions_put(hall.stores, hall.call,
				     STR(TOKEN), &session, 1000),
		    RESULT_OK);
		is_read_from_the_store(1);
	}
}

static void
what_is_done_to_a_user_s_sessions_is_seen_at_once(void **state)
{
	struct session_facts own, facts;
	struct generation generation;
	int64_t now_ms;

	(void)state;
	is_read_from_the_store(1);
	assert_int_equal(get(TOKEN, &own), RESULT_OK);
	assert_int_equal(
	    sessions_touch(hall.stores, hall.call, &own, 0), RESULT_OK);
	is_read_from_the_store(1);
	assert_int_equal(sessions_supersede(hall.stores, hall.call,
			     &(struct supersession){ .user_id = STR("42"),
				 .known = &own.generation },
			     &generation, &now_ms),
	    RESULT_OK);
	is_read_from_the_store(1);
	assert_int_equal(
	    sessions_renew(hall.stores, hall.call, &own, generation.gen),
	    RESULT_OK);
	is_read_from_the_store(1);
	assert_int_equal(get(TOKEN, &facts), RESULT_OK);
	assert_str_eq(facts.session.gen, generation.gen);
	hall.memory->records[0].handle = "h";
	assert_int_equal(
	    sessions_end_named(hall.stores, hall.call, STR("42"), STR("h")),
	    RESULT_OK);
	assert_int_equal(get(TOKEN, &facts), RESULT_MISS);
}

static void
a_write_that_may_have_been_made_is_one(void **state)
{
	(void)state;
	is_read_from_the_store(1);
	hall.memory->sessions_result = RESULT_REDIS_DOWN;
	assert_int_equal(sessions_end(hall.stores, hall.call, STR(TOKEN)),
	    RESULT_REDIS_DOWN);
	hall.memory->sessions_result = RESULT_OK;
	is_read_from_the_store(1);
}

static void
old_news_of_an_account_keep_what_is_known(void **state)
{
	const struct account known = hall.memory->records[0].facts.account;
	struct account account;

	(void)state;
	is_read_from_the_store(1);
	hall.memory->users_result = RESULT_MYSQL_DOWN;
	assert_int_equal(accounts_ask(hall.stores, hall.call,
			     &(struct account_question){
				 STR("42"), 5, ACCOUNT_IF_EASY, &known },
			     &account),
	    RESULT_OK);
	is_read_from_the_store(0);
}

static int themes;

static bool
counts_looks(void *arg, int64_t now_ms)
{
	(void)now_ms;
	(void)arg;
	themes++;
	return true;
}

/* One that is missing would end the program at its first call. */
static void
every_port_has_all_that_the_ports_behind_have(void **state)
{
	const struct {
		const void *front, *behind;
		size_t size;
	} ports[] = {
		{ hall.stores->sessions, &hall.memory->sessions,
		    offsetof(struct session_port, on_ended) },
		{ hall.stores->accounts, &hall.memory->accounts,
		    sizeof(struct account_port) },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(ports); i++) {
		void *const *front = ports[i].front;
		void *const *behind = ports[i].behind;

		for (size_t j = 0; j < ports[i].size / sizeof(*front); j++)
			assert_true((front[j] == NULL) == (behind[j] == NULL));
	}
}

static void
an_account_is_forgotten_at_once(void **state)
{
	(void)state;
	is_read_from_the_store(1);
	assert_int_equal(
	    accounts_forget(hall.stores, hall.call, STR("42")), RESULT_OK);
	assert_int_equal(hall.memory->account_forgets, 1);
	is_read_from_the_store(1);
}

static void
a_request_looks_once(void **state)
{
	struct session_facts facts;
	struct user user;

	(void)state;
	cache_trust(hall.cache, counts_looks, NULL);
	assert_int_equal(get(TOKEN, &facts), RESULT_OK);
	assert_int_equal(
	    users_by_id(hall.stores, hall.call, STR("42"), &user), RESULT_OK);
	assert_int_equal(themes, 1);
}

static struct user
read_user(int reads)
{
	struct user user;

	hall.memory->id_reads = 0;
	hall.call->snapshot = NULL;
	assert_int_equal(
	    users_by_id(hall.stores, hall.call, STR("42"), &user), RESULT_OK);
	assert_int_equal(hall.memory->id_reads, reads);
	return user;
}

static void
a_row_is_read_once_and_comes_ready_to_send(void **state)
{
	static const char json[] =
	    "{\"id\":\"42\",\"name\":\"A\",\"email\":\"a@example.org\"}";
	struct user user = read_user(1);
	struct buf text = buf_open(hall.call->arena, 1000);

	(void)state;
	assert_str(user.text, json);
	user = read_user(0);
	assert_str(user.text, json);
	assert_str(user.name, "A");
	assert_true(user.was_cached);
	user.name = STR("not looked at");
	rows_user_encode(&text, &user);
	assert_str(buf_str(&text), json);
}

static void
a_row_that_redis_did_not_hold_is_not_kept(void **state)
{
	(void)state;
	hall.memory->users_are_cached = false;
	assert_true(str_is_none(read_user(1).text));
	read_user(1);
	hall.memory->users_are_cached = true;
	hall.memory->table[0].ttl_ms = -2;
	read_user(1);
	read_user(1);
}

static void
a_change_of_a_row_is_seen_at_once(void **state)
{
	struct user_changes changes = { .is_given = { [USER_NAME] = true },
		.values = { [USER_NAME] = STR("B") } };

	(void)state;
	read_user(1);
	assert_int_equal(
	    users_update(hall.stores, hall.call, STR("42"), &changes),
	    RESULT_OK);
	assert_str(read_user(1).name, "B");
	cache_forget(hall.cache, STR("p:user:42"));
	read_user(1);
	read_user(0);
}

static void
a_plain_token_is_found_in_either_form(void **state)
{
	struct session_facts facts;

	(void)state;
	caching_stores_close(hall.caching_stores);
	hall.fixture->conf.session_key = CONF_KEY_MIGRATE;
	hall.caching_stores = caching_stores_open(
	    hall.cache, &hall.fixture->conf, &hall.memory->stores);
	hall.stores = caching_stores_get(hall.caching_stores);
	is_read_from_the_store(1);
	assert_int_equal(get(TOKEN, &facts), RESULT_OK);
	assert_false(facts.is_hashed);
	assert_str(facts.name, TOKEN);
	assert_int_equal(
	    sessions_end(hall.stores, hall.call, STR(TOKEN)), RESULT_OK);
	assert_int_equal(get(TOKEN, &facts), RESULT_MISS);
}

/* The cached value was read in the other form: the store is asked. */
static void
a_session_hits_only_in_the_form_it_was_read_in(void **state)
{
	(void)state;
	hall.memory->records[0].facts.is_hashed = true;
	is_read_from_the_store(5);
	hall.memory->records[0].facts.is_hashed = false;
	cache_forget(hall.cache, STR("p:sess:" TOKEN));
	is_read_from_the_store(1);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_hall, close_hall)
	const struct CMUnitTest tests[] = {
		TEST(a_session_is_read_once),
		TEST(another_token_never_hits),
		TEST(a_session_hits_only_in_the_form_it_was_read_in),
		TEST(an_unknown_session_is_asked_for_each_time),
		TEST(each_of_its_keys_ends_a_hit),
		TEST(what_is_about_to_end_is_not_kept),
		TEST(ones_own_writes_are_seen_at_once),
		TEST(what_is_done_to_a_user_s_sessions_is_seen_at_once),
		TEST(a_write_that_may_have_been_made_is_one),
		TEST(old_news_of_an_account_keep_what_is_known),
		TEST(every_port_has_all_that_the_ports_behind_have),
		TEST(an_account_is_forgotten_at_once),
		TEST(a_request_looks_once),
		TEST(a_row_is_read_once_and_comes_ready_to_send),
		TEST(a_row_that_redis_did_not_hold_is_not_kept),
		TEST(a_change_of_a_row_is_seen_at_once),
		TEST(a_plain_token_is_found_in_either_form),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
