/* store/rows */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "in_arena.h"
#include "store/rows.h"

static const struct session full_session = {
	.user_id = STR_INIT("42"),
	.created_ms = INT64_C(1795475664506),
	.expires_ms = INT64_C(1796080464506),
	.login = STR_INIT("alice@example.org"),
	.gen = STR_INIT("Zm9v"),
	.addr = STR_INIT("2001:db8::1"),
	.agent = STR_INIT("a \"b\"\n"),
};

#define FULL_TAIL \
	"\"expiresAt\":1796080464506,\"login\":\"alice@example.org\"," \
	"\"gen\":\"Zm9v\",\"addr\":\"2001:db8::1\"," \
	"\"agent\":\"a \\\"b\\\"\\n\"}"
#define NODE_HEAD "{\"userId\":\"42\",\"createdAt\":1795475664506"

static void
a_session_is_written_in_its_order(void **state)
{
	static const struct session bare = { .user_id = STR_INIT("42"),
		.created_ms = INT64_C(1795475664506),
		.expires_ms = -1 };
	static const struct {
		const struct session *session;
		bool is_hashed;
		const char *text;
	} rows[] = {
		{ &bare, false, NODE_HEAD "}" },
		{ &bare, true, NODE_HEAD ",\"v\":1}" },
		{ &full_session, false, NODE_HEAD "," FULL_TAIL },
		{ &full_session, true, NODE_HEAD ",\"v\":1," FULL_TAIL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf buf = buf_open(*state, ROWS_TEXT_MAX);

		rows_session_encode(&buf, rows[i].session, rows[i].is_hashed);
		assert_str(buf_str(&buf), rows[i].text);
	}
}

static void
a_session_is_read_back_as_it_was_written(void **state)
{
	for (int is_hashed = 0; is_hashed < 2; is_hashed++) {
		struct buf buf = buf_open(*state, ROWS_TEXT_MAX);
		struct session read;
		bool has_version;

		rows_session_encode(&buf, &full_session, is_hashed);
		assert_true(rows_session_decode(
		    *state, buf_str(&buf), &read, &has_version));
		assert_int_equal(has_version, is_hashed);
		assert_str_eq(read.user_id, full_session.user_id);
		assert_int_equal(read.created_ms, full_session.created_ms);
		assert_int_equal(read.expires_ms, full_session.expires_ms);
		assert_str_eq(read.login, full_session.login);
		assert_str_eq(read.gen, full_session.gen);
		assert_str_eq(read.addr, full_session.addr);
		assert_str_eq(read.agent, full_session.agent);
	}
}

static void
sessions_of_others_are_read(void **state)
{
	static const struct {
		const char *text, *user_id, *gen;
		int64_t created_ms;
		bool has_version;
	} rows[] = {
		{ NODE_HEAD "}", "42", NULL, INT64_C(1795475664506), false },
		{ "{\"userId\":42}", "42", NULL, -1, false },
		{ "{\"userId\":9223372036854775807}", "9223372036854775807",
		    NULL, -1, false },
		{ "{\"userId\":18446744073709551615}", "18446744073709551615",
		    NULL, -1, false },
		{ " { \"createdAt\" : 0 , \"userId\" : \"a-b\" } ", "a-b", NULL,
		    0, false },
		{ "{\"userId\":\"42\",\"cart\":[1,{\"x\":null}],\"pass\":7}",
		    "42", NULL, -1, false },
		{ "{\"v\":1,\"userId\":\"42\",\"gen\":\"\"}", "42", "", -1,
		    true },
		{ "{\"v\":null,\"userId\":\"42\"}", "42", NULL, -1, true },
		{ "{\"v\":0,\"userId\":\"42\"}", "42", NULL, -1, true },
		{ "{\"userId\":\"41\",\"userId\":\"42\"}", "42", NULL, -1,
		    false },
		/* times and notes of another kind are none */
		{ "{\"userId\":\"42\",\"createdAt\":null}", "42", NULL, -1,
		    false },
		{ "{\"userId\":\"42\",\"createdAt\":\"1795475664506\"}", "42",
		    NULL, -1, false },
		{ "{\"userId\":\"42\",\"createdAt\":1795475664506.5}", "42",
		    NULL, -1, false },
		{ "{\"userId\":\"42\",\"createdAt\":-7}", "42", NULL, -1,
		    false },
		{ "{\"userId\":\"42\",\"createdAt\":1e12,\"login\":{},"
		  "\"addr\":false,\"agent\":[]}",
		    "42", NULL, -1, false },
		/* what JSON.parse takes beside them */
		{ "{\"userId\":\"42\",\"x\":\"\\ud800\",\"y\\u0000\":1}", "42",
		    NULL, -1, false },
		{ "{\"userId\":\"42\",\"x\":\"\xff\",\"y\":[[[[[[]]]]]]}", "42",
		    NULL, -1, false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct session session;
		bool has_version;

		assert_row(rows_session_decode(*state, str_from(rows[i].text),
			       &session, &has_version),
		    rows[i].text);
		assert_str(session.user_id, rows[i].user_id);
		assert_int_equal(session.created_ms, rows[i].created_ms);
		assert_int_equal(session.expires_ms, -1);
		assert_str(session.gen, rows[i].gen);
		assert_true(str_is_none(session.login));
		assert_int_equal(has_version, rows[i].has_version);
	}
}

/* Texts that are no JSON object. */
static const char *const junk[] = { NULL, "", " ", "0e123", "0e84213", "null",
	"true", "42", "\"42\"", "[]", "[{\"userId\":\"42\"}]", "{", "{}", "{}x",
	"x", "a:1:{s:6:\"userId\";i:42;}", "O:8:\"stdClass\":0:{}", "undefined",
	"[object Object]", "\xff", "{\"userId\"", "{'userId':'42'}",
	"{\"userId\":\"42\"", "{\"id\":\"42\"", "{\"gen\":\"x\",\"ms\":0" };

static void
other_shapes_are_no_session(void **state)
{
	static const char *const rows[] = {
		/* connect-redis */
		"{\"cookie\":{\"originalMaxAge\":null,\"path\":\"/\"}}",
		"{\"userid\":\"42\"}",
		"{\"userId\":null}",
		"{\"userId\":\"\"}",
		"{\"userId\":true}",
		"{\"userId\":4.2}",
		"{\"userId\":42.0}",
		"{\"userId\":4e1}",
		"{\"userId\":99999999999999999999}",
		"{\"userId\":18446744073709551616}",
		"{\"userId\":-42}",
		"{\"userId\":-99999999999999999999}",
		"{\"userId\":[\"42\"]}",
		"{\"userId\":{\"id\":\"42\"}}",
		"{\"userId\\u0000\":\"42\"}",
		"{\"userId\":\"\\ud800\"}",
		"{\"userId\":\"42\",\"expiresAt\":null}",
		"{\"userId\":\"42\",\"expiresAt\":\"1\"}",
		"{\"userId\":\"42\",\"gen\":null}",
		"{\"userId\":\"42\",\"gen\":1}",
		"{\"userId\":\"42\"}{\"userId\":\"43\"}",
	};
	struct session session = { .user_id = STR("kept") };
	bool has_version;

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(!rows_session_decode(*state, str_from(rows[i]),
			       &session, &has_version),
		    rows[i]);
	for (size_t i = 0; i < COUNT(junk); i++)
		assert_false(rows_session_decode(
		    *state, str_from(junk[i]), &session, &has_version));
	assert_str(session.user_id, "kept");
}

static void
a_session_id_keeps_its_bytes(void **state)
{
	struct session session;
	bool has_version;

	assert_true(rows_session_decode(*state,
	    STR("{\"userId\":\"1\\u0000\\r\\n\"}"), &session, &has_version));
	assert_str_eq(session.user_id, STR("1\0\r\n"));
}

static void
generations_go_there_and_back(void **state)
{
	static const struct generation written = { .gen = STR_INIT("Zm9v-_"),
		.ended_ms = 0 };
	struct generation read = { .gen = STR_NONE, .ended_ms = 7 };
	struct buf buf = buf_open(*state, 100);

	rows_generation_encode(&buf, &written);
	assert_str(buf_str(&buf), "{\"gen\":\"Zm9v-_\",\"ms\":0}");
	assert_true(rows_generation_decode(*state, buf_str(&buf), &read));
	assert_str(read.gen, "Zm9v-_");
	assert_int_equal(read.ended_ms, 0);
	assert_true(rows_generation_decode(*state,
	    STR("{\"ms\":1795475664506,\"gen\":\"x\",\"more\":[]}"), &read));
	assert_str(read.gen, "x");
	assert_int_equal(read.ended_ms, INT64_C(1795475664506));
}

static void
other_shapes_are_no_generation(void **state)
{
	static const char *const rows[] = {
		"{\"gen\":\"x\"}",
		"{\"ms\":0}",
		"{\"gen\":\"\",\"ms\":0}",
		"{\"gen\":null,\"ms\":0}",
		"{\"gen\":1,\"ms\":0}",
		"{\"gen\":\"x\",\"ms\":\"0\"}",
		"{\"gen\":\"x\",\"ms\":null}",
		"{\"gen\":\"x\",\"ms\":0.5}",
		"{\"gen\":\"x\",\"ms\":-1}",
		"{\"gen\":\"x\",\"ms\":99999999999999999999}",
	};
	struct generation read;

	for (size_t i = 0; i < COUNT(rows); i++) {
		read = (struct generation){ .gen = STR("old"), .ended_ms = 7 };
		assert_row(
		    !rows_generation_decode(*state, str_from(rows[i]), &read),
		    rows[i]);
		assert_true(read.is_unreadable && str_is_none(read.gen));
		assert_true(read.ended_ms == 0 && read.blocked_ms == 0);
		assert_str(read.text, rows[i]);
	}
	for (size_t i = 0; i < COUNT(junk); i++)
		assert_false(
		    rows_generation_decode(*state, str_from(junk[i]), &read));
}

static void
a_block_is_read_whatever_stands_beside_it(void **state)
{
	static const struct {
		const char *text;
		bool is_readable;
		int64_t blocked_ms;
	} rows[] = {
		{ "{\"gen\":\"x\",\"ms\":0,\"blocked\":7}", true, 7 },
		{ "{\"gen\":\"x\",\"ms\":0,\"blocked\":-7}", true, -7 },
		{ "{\"gen\":\"x\",\"ms\":0,\"blocked\":null}", true, 0 },
		{ "{\"gen\":\"x\",\"ms\":0,\"blocked\":true}", true,
		    INT64_MAX },
		{ "{\"gen\":\"x\",\"ms\":0,\"blocked\":1e30}", true,
		    INT64_MAX },
		{ "{\"gen\":\"x\",\"ms\":0,\"blocked\":\"7\"}", true,
		    INT64_MAX },
		{ "{\"blocked\":7}", false, 7 },
		{ "{\"gen\":null,\"blocked\":{}}", false, INT64_MAX },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct generation read;

		assert_row(
		    rows_generation_decode(*state, str_from(rows[i].text),
			&read) == rows[i].is_readable,
		    rows[i].text);
		assert_true(read.blocked_ms == rows[i].blocked_ms);
		assert_true(read.is_unreadable != rows[i].is_readable);
		assert_int_equal(
		    generation_is_blocked(&read, 6), rows[i].blocked_ms > 6);
		assert_false(generation_is_blocked(&read, INT64_MAX));
	}
}

static void
a_user_is_written_without_null_columns(void **state)
{
	static const struct {
		struct user user;
		const char *text;
	} rows[] = {
		{ { .id = STR_INIT("42"),
		      .login = STR_INIT("never"),
		      .hash = STR_INIT("never"),
		      .name = STR_INIT("Al/ice \xc3\xa4"),
		      .email = STR_INIT("a@b"),
		      .image = STR_INIT("") },
		    "{\"id\":\"42\",\"name\":\"Al/ice \xc3\xa4\","
		    "\"email\":\"a@b\",\"image\":\"\"}" },
		{ { .id = STR_INIT("42"), .email = STR_INIT("a@b") },
		    "{\"id\":\"42\",\"email\":\"a@b\"}" },
		{ { .id = STR_INIT("42") }, "{\"id\":\"42\"}" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf buf = buf_open(*state, ROWS_TEXT_MAX);
		struct user read;

		rows_user_encode(&buf, &rows[i].user);
		assert_str(buf_str(&buf), rows[i].text);
		assert_true(
		    rows_user_decode(*state, buf_str(&buf), STR("42"), &read));
		assert_str_eq(read.id, rows[i].user.id);
		assert_str_eq(read.name, rows[i].user.name);
		assert_str_eq(read.email, rows[i].user.email);
		assert_str_eq(read.image, rows[i].user.image);
		assert_true(str_is_none(read.login));
		assert_true(str_is_none(read.hash));
		assert_false(read.was_cached);
	}
}

static void
cached_rows_of_others_are_read(void **state)
{
	static const struct {
		const char *text, *name, *email, *image;
	} rows[] = {
		{ "{\"id\":42,\"name\":null,\"email\":\"a@b\","
		  "\"image\":null}",
		    NULL, "a@b", NULL },
		{ "{\"image\":\"i\",\"email\":\"e\",\"name\":\"n\","
		  "\"id\":\"42\"}",
		    "n", "e", "i" },
		{ "{\"id\":\"42\",\"password\":\"$2y$..\",\"is_admin\":1,"
		  "\"roles\":[{}],\"login\":5,\"hash\":5}",
		    NULL, NULL, NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct user user;

		assert_row(rows_user_decode(*state, str_from(rows[i].text),
			       STR("42"), &user),
		    rows[i].text);
		assert_str(user.id, "42");
		assert_str(user.name, rows[i].name);
		assert_str(user.email, rows[i].email);
		assert_str(user.image, rows[i].image);
		assert_true(str_is_none(user.hash));
	}
}

static void
a_cached_row_that_is_not_this_users_is_a_miss(void **state)
{
	static const char *const rows[] = {
		"{\"id\":\"43\",\"name\":\"x\"}",
		"{\"id\":43}",
		"{\"id\":\"042\"}",
		"{\"id\":\" 42\"}",
		"{\"id\":\"42\\u0000\"}",
		"{\"id\":\"\"}",
		"{\"id\":null}",
		"{\"id\":42.0}",
		"{\"id\":[42]}",
		"{\"id\":99999999999999999999}",
		"{\"name\":\"x\"}",
		"{\"ID\":\"42\"}",
		"{\"id\":\"42\",\"name\":5}",
		"{\"id\":\"42\",\"name\":{}}",
		"{\"id\":\"42\",\"email\":false}",
		"{\"id\":\"42\",\"image\":[]}",
		"{\"id\":\"42\",\"name\":\"\\ud800\"}",
		"{\"id\":\"42\",\"name\":\"\xff\"}",
		"{\"user\":{\"id\":\"42\"}}",
		"[{\"id\":\"42\"}]",
	};
	struct user user = { .id = STR("kept") };

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(!rows_user_decode(
			       *state, str_from(rows[i]), STR("42"), &user),
		    rows[i]);
	for (size_t i = 0; i < COUNT(junk); i++)
		assert_false(rows_user_decode(
		    *state, str_from(junk[i]), STR("42"), &user));
	assert_str(user.id, "kept");
}

/* `{"id":"42","userId":"42","gen":"x","ms":0}` and blanks up to len. */
static struct str
padded_row(char *text, size_t len)
{
	static const struct str row = STR_INIT(
	    "{\"id\":\"42\",\"userId\":\"42\",\"gen\":\"x\",\"ms\":0}");

	memset(text, ' ', len);
	memcpy(text, row.ptr, row.len);
	return (struct str){ text, len };
}

static void
texts_are_bounded(void **state)
{
	char *text = malloc(ROWS_TEXT_MAX + 1);

	assert_non_null(text);
	for (size_t extra = 0; extra < 2; extra++) {
		struct str row = padded_row(text, ROWS_TEXT_MAX + extra);
		bool is_good = extra == 0, has_version;
		struct session session;
		struct generation generation;
		struct user user;

		assert_int_equal(
		    rows_session_decode(*state, row, &session, &has_version),
		    is_good);
		assert_int_equal(
		    rows_generation_decode(*state, row, &generation), is_good);
		assert_int_equal(
		    rows_user_decode(*state, row, STR("42"), &user), is_good);
	}
	free(text);
}

static void
a_record_changes_its_generation_alone(void **state)
{
	static const struct {
		const char *text, *old, *expected;
	} rows[] = {
		{ "{\"userId\":\"42\",\"gen\":\"a\",\"x\":[1]}", "a",
		    "{\"userId\":\"42\",\"gen\":\"b\",\"x\":[1]}" },
		{ "{\"gen\":\"a\"}", "a", "{\"gen\":\"b\"}" },
		{ "{ \"gen\" : \"a\" } \n", "a",
		    "{ \"gen\" : \"a\" ,\"gen\":\"b\"}" },
		{ "{\"userId\":42,\"x\":{}}", NULL,
		    "{\"userId\":42,\"x\":{},\"gen\":\"b\"}" },
	};
	struct arena *arena = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf text = buf_open(arena, ROWS_TEXT_MAX);

		rows_session_set_gen(&text, str_from(rows[i].text),
		    str_from(rows[i].old), STR("b"));
		assert_str(buf_str(&text), rows[i].expected);
	}
}

static void
what_is_no_utf8_becomes_nobodys_name(void **state)
{
	static const struct str roles[] = { STR_INIT("staff"),
		STR_INIT("sta\xff"), STR_INIT("j\xc3\xb6") };
	static const struct account account = { .is_known = true,
		.login = STR_INIT("a\xff"),
		.email = STR_INIT("a\xfe@b"),
		.name = STR_INIT("\xc3"),
		.roles = roles,
		.role_count = COUNT(roles) };
	static const struct session session = { .user_id = STR_INIT("42"),
		.created_ms = -1,
		.expires_ms = -1,
		.login = STR_INIT("a\xff") };
	struct buf buf = buf_open(*state, ROWS_TEXT_MAX);
	struct account out;
	struct session record;
	bool has_version;

	rows_account_encode(&buf, &account);
	assert_true(rows_account_decode(*state, buf_str(&buf), &out));
	assert_str_eq(out.login, ROWS_UNFIT);
	assert_str_eq(out.email, ROWS_UNFIT);
	assert_str_eq(out.name, ROWS_UNFIT);
	assert_str_eq(out.roles[0], roles[0]);
	assert_str_eq(out.roles[1], ROWS_UNFIT);
	assert_str_eq(out.roles[2], roles[2]);
	buf = buf_open(*state, ROWS_TEXT_MAX);
	rows_session_encode(&buf, &session, true);
	assert_true(
	    rows_session_decode(*state, buf_str(&buf), &record, &has_version));
	assert_str_eq(record.login, ROWS_UNFIT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_is_written_in_its_order),
		cmocka_unit_test(a_session_is_read_back_as_it_was_written),
		cmocka_unit_test(sessions_of_others_are_read),
		cmocka_unit_test(other_shapes_are_no_session),
		cmocka_unit_test(a_session_id_keeps_its_bytes),
		cmocka_unit_test(generations_go_there_and_back),
		cmocka_unit_test(other_shapes_are_no_generation),
		cmocka_unit_test(a_block_is_read_whatever_stands_beside_it),
		cmocka_unit_test(a_user_is_written_without_null_columns),
		cmocka_unit_test(cached_rows_of_others_are_read),
		cmocka_unit_test(a_cached_row_that_is_not_this_users_is_a_miss),
		cmocka_unit_test(a_record_changes_its_generation_alone),
		cmocka_unit_test(what_is_no_utf8_becomes_nobodys_name),
		cmocka_unit_test(texts_are_bounded),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
