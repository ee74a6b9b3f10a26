/* store/cache/pack */
#include "config.h"

#include "check.h"
#include "in_arena.h"
#include "store/cache/pack.h"

static void
a_session_comes_back_whole(void **state)
{
	static const struct session_facts rows[] = {
		{ .session = { .user_id = STR_INIT("42"),
		      .created_ms = 1,
		      .expires_ms = 2,
		      .login = STR_INIT("alice"),
		      .gen = STR_INIT("g"),
		      .pw = STR_INIT("fingerprint"),
		      .addr = STR_INIT("::1"),
		      .agent = STR_INIT("a\0b") },
		    .is_hashed = true,
		    .handle = STR_INIT("handle"),
		    .text = STR_INIT("{}"),
		    .ttl_ms = 3,
		    .seen_ms = 4,
		    .now_ms = INT64_C(1795475664506) },
		{ .session = { .user_id = STR_INIT("7"),
		      .created_ms = -1,
		      .expires_ms = -1,
		      .login = STR_INIT("") },
		    .ttl_ms = -1,
		    .seen_ms = -1 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct session *in = &rows[i].session;
		struct session_facts out = { 0 };
		int64_t answered_ms = 0;

		unpack_session(
		    pack_session(*state, &rows[i], 99), &out, &answered_ms);
		assert_int_equal(answered_ms, 99);
		assert_str_eq(out.session.user_id, in->user_id);
		assert_true(out.session.created_ms == in->created_ms);
		assert_true(out.session.expires_ms == in->expires_ms);
		assert_str_eq(out.session.login, in->login);
		assert_str_eq(out.session.gen, in->gen);
		assert_str_eq(out.session.pw, in->pw);
		assert_str_eq(out.session.addr, in->addr);
		assert_str_eq(out.session.agent, in->agent);
		assert_int_equal(out.is_hashed, rows[i].is_hashed);
		assert_str_eq(out.handle, rows[i].handle);
		assert_str_eq(out.text, rows[i].text);
		assert_true(out.ttl_ms == rows[i].ttl_ms);
		assert_true(out.seen_ms == rows[i].seen_ms);
		assert_true(out.now_ms == rows[i].now_ms);
	}
}

static void
a_generation_comes_back_whole(void **state)
{
	static const struct generation rows[] = {
		{ .gen = STR_INIT("abc"),
		    .ended_ms = 5,
		    .blocked_ms = 6,
		    .is_unreadable = true,
		    .text = STR_INIT("{}") },
		{ .gen = STR_INIT(""), .ended_ms = 0 },
		{ .gen = { NULL, 0 } },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct generation out;

		unpack_generation(pack_generation(*state, &rows[i]), &out);
		assert_str_eq(out.gen, rows[i].gen);
		assert_str_eq(out.text, rows[i].text);
		assert_true(out.ended_ms == rows[i].ended_ms);
		assert_true(out.blocked_ms == rows[i].blocked_ms);
		assert_int_equal(out.is_unreadable, rows[i].is_unreadable);
	}
}

static void
an_account_comes_back_whole(void **state)
{
	static const struct str roles[] = { STR_INIT("admin"), STR_INIT("") };
	static const struct account rows[] = {
		{ .is_known = true,
		    .at_ms = 1,
		    .asking_ms = 2,
		    .is_active = true,
		    .login = STR_INIT("alice"),
		    .email = STR_INIT("a@example.org"),
		    .name = STR_INIT("A"),
		    .roles = roles,
		    .role_count = 2,
		    .pw = STR_INIT("f"),
		    .text = STR_INIT("{}") },
		{ .is_known = false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct account out;

		unpack_account(*state, pack_account(*state, &rows[i]), &out);
		assert_int_equal(out.is_known, rows[i].is_known);
		assert_true(out.at_ms == rows[i].at_ms);
		assert_true(out.asking_ms == rows[i].asking_ms);
		assert_int_equal(out.is_active, rows[i].is_active);
		assert_str_eq(out.login, rows[i].login);
		assert_str_eq(out.email, rows[i].email);
		assert_str_eq(out.name, rows[i].name);
		assert_str_eq(out.pw, rows[i].pw);
		assert_str_eq(out.text, rows[i].text);
		assert_int_equal(out.role_count, rows[i].role_count);
		for (size_t k = 0; k < out.role_count; k++)
			assert_str_eq(out.roles[k], roles[k]);
	}
}

static void
a_user_comes_back_without_the_hash(void **state)
{
	static const struct user in = { .id = STR_INIT("42"),
		.login = STR_INIT("alice"),
		.name = STR_INIT("A"),
		.image = STR_INIT("/a.png"),
		.hash = STR_INIT("$2y$"),
		.was_cached = true,
		.ttl_ms = 300000,
		.text = STR_INIT("{\"id\":\"42\"}") };
	struct user out;

	unpack_user(pack_user(*state, &in), &out);
	assert_str_eq(out.id, in.id);
	assert_str_eq(out.login, in.login);
	assert_str_eq(out.name, in.name);
	assert_true(str_is_none(out.email));
	assert_str_eq(out.image, in.image);
	assert_str_eq(out.text, in.text);
	assert_true(str_is_none(out.hash));
	assert_true(out.was_cached);
	assert_true(out.ttl_ms == in.ttl_ms);
}

static void
what_is_too_large_is_not_packed(void **state)
{
	const struct str large = { arena_alloc(*state, PACK_MAX), PACK_MAX };

	assert_true(
	    str_is_none(pack_user(*state, &(struct user){ .name = large })));
	assert_true(str_is_none(pack_session(*state,
	    &(struct session_facts){ .session = { .agent = large } }, 0)));
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, open_arena, close_arena)
	const struct CMUnitTest tests[] = {
		TEST(a_session_comes_back_whole),
		TEST(a_generation_comes_back_whole),
		TEST(an_account_comes_back_whole),
		TEST(a_user_comes_back_without_the_hash),
		TEST(what_is_too_large_is_not_packed),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
