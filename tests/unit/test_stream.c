/* fcgi/stream: the records of one connection, proven */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "fed.h"

static void
a_request_is_whole_however_it_is_cut(void **state)
{
	(void)state;
	for (size_t step = 1; step < 40; step++) {
		struct fed fed = fed_open();

		add_request(&fed.wire, FCGI_REC_KEEP_CONN, NULL, "hello");
		assert_int_equal(feed(&fed, step), STREAM_WHOLE);
		assert_int_equal(fed.at, fed.wire.len);
		assert_true(fed.stream.keeps);
		assert_int_equal(fed.stream.id, 1);
		assert_int_equal(fed.stream.body_len, 5);
		assert_memory_equal(fed.stream.buffer->body, "hello", 5);
		fed_close(&fed);
	}
}

static void
content_length_says_when_and_how_much(void **state)
{
	static const struct row {
		const char *name, *length, *body;
		enum stream_verdict verdict;
		size_t body_len;
		enum answer refusal;
	} rows[] = {
		{ "as said", "5", "hello", STREAM_WHOLE, 5, 0 },
		{ "cut at what was said", "2", "hello", STREAM_WHOLE, 2, 0 },
		{ "nothing to wait for", "0", NULL, STREAM_WHOLE, 0, 0 },
		{ "empty is absent", "", "hello", STREAM_WHOLE, 5, 0 },
		{ "still to come", "5", NULL, STREAM_MORE, 0, 0 },
		{ "shorter than said", "9", "hello", STREAM_REFUSE, 0,
		    ANSWER_BAD_REQUEST },
		{ "negative", "-1", "hello", STREAM_REFUSE, 0,
		    ANSWER_BAD_REQUEST },
		{ "no number", "5x", "hello", STREAM_REFUSE, 0,
		    ANSWER_BAD_REQUEST },
		{ "too large", "65537", NULL, STREAM_REFUSE, 0,
		    ANSWER_BODY_TOO_LARGE },
		{ "beyond any integer", "99999999999999999999", NULL,
		    STREAM_REFUSE, 0, ANSWER_BODY_TOO_LARGE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fed fed = fed_open();
		enum stream_verdict verdict;

		add_request(&fed.wire, 0, rows[i].length, rows[i].body);
		verdict = feed(&fed, 1000);
		assert_row(verdict == rows[i].verdict, rows[i].name);
		if (verdict == STREAM_WHOLE)
			assert_row(fed.stream.body_len == rows[i].body_len,
			    rows[i].name);
		if (verdict == STREAM_REFUSE)
			assert_row(fed.stream.refusal == rows[i].refusal,
			    rows[i].name);
		fed_close(&fed);
	}
}

static void
what_follows_a_whole_request_is_left(void **state)
{
	struct fed fed = fed_open();
	size_t first;

	(void)state;
	add_request(&fed.wire, FCGI_REC_KEEP_CONN, "3", "one");
	first = fed.wire.len - 8; /* CONTENT_LENGTH needs no end of STDIN */
	add_request(&fed.wire, FCGI_REC_KEEP_CONN, "3", "two");
	assert_int_equal(feed(&fed, 100000), STREAM_WHOLE);
	assert_int_equal(fed.at, first);
	stream_next(&fed.stream);
	assert_false(fed.stream.is_peer_done);
	assert_int_equal(feed(&fed, 100000), STREAM_WHOLE);
	assert_memory_equal(fed.stream.buffer->body, "two", 3);
	fed_close(&fed);
}

static void
the_late_end_of_a_body_is_told_from_all_else(void **state)
{
	static const struct {
		uint8_t type;
		uint16_t id;
		const char *content;
		size_t cut;
		size_t taken;
	} cases[] = {
		{ FCGI_REC_STDIN, 1, "", 0, 8 },
		{ FCGI_REC_STDIN, 1, "", 1, 0 },
		{ FCGI_REC_STDIN, 1, "x", 0, 0 },
		{ FCGI_REC_STDIN, 2, "", 0, 0 },
		{ FCGI_REC_DATA, 1, "", 0, 0 },
		{ FCGI_REC_BEGIN, 1, "12345678", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fed fed = fed_open();
		size_t first;

		add_request(&fed.wire, FCGI_REC_KEEP_CONN, "3", "one");
		fed.wire.len -= 8; /* CONTENT_LENGTH needs no end of STDIN */
		first = fed.wire.len;
		assert_int_equal(feed(&fed, 100000), STREAM_WHOLE);
		add_record(&fed.wire, cases[i].type, cases[i].id,
		    cases[i].content, strlen(cases[i].content), 0);
		/* not while the request is there */
		assert_int_equal(
		    stream_late_end(&fed.stream, fed.wire.bytes + first,
			fed.wire.len - first),
		    0);
		stream_next(&fed.stream);
		assert_int_equal(
		    stream_late_end(&fed.stream, fed.wire.bytes + first,
			fed.wire.len - first - cases[i].cut),
		    cases[i].taken);
		fed_close(&fed);
	}
}

static void
a_gate_is_whole_at_the_end_of_params(void **state)
{
	struct fed fed = fed_open();

	(void)state;
	add_begin(&fed.wire, 1, FCGI_REC_AUTHORIZER, 0);
	add_param(&fed.wire, "CONTENT_LENGTH", "99999999");
	add_end(&fed.wire, FCGI_REC_PARAMS);
	assert_int_equal(feed(&fed, 1000), STREAM_WHOLE);
	stream_next(&fed.stream);
	add_begin(&fed.wire, 1, FCGI_REC_RESPONDER, 0);
	add_param(&fed.wire, "SESSGATE_ROLE", "gate");
	add_param(&fed.wire, "CONTENT_LENGTH", "7");
	add_end(&fed.wire, FCGI_REC_PARAMS);
	assert_int_equal(feed(&fed, 1000), STREAM_WHOLE);
	fed_close(&fed);
}

static void
the_last_length_counts_and_an_empty_one_says_nothing(void **state)
{
	static const struct row {
		const char *name, *first, *last;
		int64_t length;
		enum stream_verdict verdict;
	} rows[] = {
		{ "the last one", "99", "3", 3, STREAM_MORE },
		{ "a bad one before", "abc", "3", 3, STREAM_MORE },
		{ "an empty one", "3", "", -1, STREAM_MORE },
		{ "a bad one last", "3", "-1", 0, STREAM_REFUSE },
		{ "a huge one last", "3", "99999999", 0, STREAM_REFUSE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fed fed = fed_open();

		add_begin(&fed.wire, 1, FCGI_REC_RESPONDER, 0);
		add_param(&fed.wire, "CONTENT_LENGTH", rows[i].first);
		add_param(&fed.wire, "CONTENT_LENGTH", rows[i].last);
		add_end(&fed.wire, FCGI_REC_PARAMS);
		assert_row(feed(&fed, 1000) == rows[i].verdict, rows[i].name);
		if (rows[i].verdict == STREAM_MORE)
			assert_row(fed.stream.content_length == rows[i].length,
			    rows[i].name);
		fed_close(&fed);
	}
}

static void
unsound_parameters_are_refused(void **state)
{
	static const struct row {
		const char *name, *content;
		size_t len;
	} rows[] = {
		{ "= in a name", "\3\1a=bv", 6 },
		{ "NUL in a name", "\3\1a\0bv", 6 },
		{ "NUL in a value", "\1\3na\0b", 6 },
		{ "a length beyond the end", "\1\5nv", 4 },
		{ "a huge length", "\xff\xff\xff\xff\1n", 6 },
		{ "a cut length", "\x80\0", 2 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fed fed = fed_open();

		add_begin(&fed.wire, 1, FCGI_REC_RESPONDER, 0);
		add_record(&fed.wire, FCGI_REC_PARAMS, 1, rows[i].content,
		    rows[i].len, 0);
		add_end(&fed.wire, FCGI_REC_PARAMS);
		assert_row(feed(&fed, 3) == STREAM_REFUSE, rows[i].name);
		assert_row(
		    fed.stream.refusal == ANSWER_BAD_REQUEST, rows[i].name);
		fed_close(&fed);
	}
}

static void
at_the_gate_there_is_one_refusal(void **state)
{
	struct fed fed = fed_open();

	(void)state;
	add_begin(&fed.wire, 1, FCGI_REC_AUTHORIZER, 0);
	add_record(&fed.wire, FCGI_REC_PARAMS, 1, "\3\1a=bv", 6, 0);
	add_end(&fed.wire, FCGI_REC_PARAMS);
	assert_int_equal(feed(&fed, 1000), STREAM_REFUSE);
	assert_int_equal(fed.stream.refusal, ANSWER_FORBIDDEN);
	fed_close(&fed);
}

static void
params_above_64_KiB_are_refused_before_they_come(void **state)
{
	static const char content[65535] = { 0 };
	struct fed fed = fed_open();

	(void)state;
	add_begin(&fed.wire, 1, FCGI_REC_RESPONDER, 0);
	add_record(&fed.wire, FCGI_REC_PARAMS, 1, content, 65535, 0);
	add_record(&fed.wire, FCGI_REC_PARAMS, 1, content, 2, 0);
	assert_int_equal(feed(&fed, 70000), STREAM_REFUSE);
	assert_int_equal(fed.stream.refusal, ANSWER_PARAMS_TOO_LARGE);
	assert_int_equal(fed.at, fed.wire.len - 2);
	fed_close(&fed);
}

static void
a_body_without_length_ends_at_64_KiB(void **state)
{
	static const char content[65535] = { 0 };
	struct fed fed = fed_open();

	(void)state;
	add_request(&fed.wire, 0, NULL, NULL);
	add_record(&fed.wire, FCGI_REC_STDIN, 1, content, 65535, 0);
	add_record(&fed.wire, FCGI_REC_STDIN, 1, content, 1, 0);
	assert_int_equal(feed(&fed, 4096), STREAM_MORE);
	add_record(&fed.wire, FCGI_REC_STDIN, 1, content, 1, 0);
	assert_int_equal(feed(&fed, 4096), STREAM_REFUSE);
	assert_int_equal(fed.stream.refusal, ANSWER_BODY_TOO_LARGE);
	fed_close(&fed);
}

/* The result of a record that is alone on a connection. */
static void
single_records(void **state)
{
	static const struct row {
		const char *name;
		uint8_t type;
		uint16_t id;
		size_t len;
		enum stream_verdict verdict;
	} rows[] = {
		{ "ABORT of nothing", FCGI_REC_ABORT, 1, 0, STREAM_MORE },
		{ "late STDIN", FCGI_REC_STDIN, 1, 6, STREAM_MORE },
		{ "PARAMS of nothing", FCGI_REC_PARAMS, 9, 6, STREAM_MORE },
		{ "a type of no use", FCGI_REC_STDOUT, 1, 6, STREAM_MORE },
		{ "a type beyond", 200, 1, 6, STREAM_MORE },
		{ "management, unknown", 200, 0, 6, STREAM_REPLY },
		{ "BEGIN with id 0", FCGI_REC_BEGIN, 0, 8, STREAM_BAD },
		{ "STDIN with id 0", FCGI_REC_STDIN, 0, 2, STREAM_BAD },
		{ "a short BEGIN", FCGI_REC_BEGIN, 1, 7, STREAM_BAD },
		{ "BEGIN with role 0", FCGI_REC_BEGIN, 1, 8, STREAM_REPLY },
	};
	static const char content[8] = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fed fed = fed_open();

		add_record(&fed.wire, rows[i].type, rows[i].id, content,
		    rows[i].len, 0);
		assert_row(feed(&fed, 3) == rows[i].verdict, rows[i].name);
		fed_close(&fed);
	}
}

static void
another_version_is_bad(void **state)
{
	struct fed fed = fed_open();

	(void)state;
	add_raw(&fed.wire, "\2\1\0\1\0\0\0\0", 8);
	assert_int_equal(feed(&fed, 100), STREAM_BAD);
	assert_string_equal(fed.stream.bad, "version");
	fed_close(&fed);
}

static void
get_values_answers_each_known_name_once(void **state)
{
	static const char expected[] = "\1\12\0\0\0\60\0\0"
				       "\16\3FCGI_MAX_CONNS512"
				       "\17\1FCGI_MPXS_CONNS0";
	struct fed fed = fed_open();
	char content[200];
	size_t len = 0;

	(void)state;
	for (int i = 0; i < 4; i++)
		len += write_pair(content + len, "FCGI_MAX_CONNS", "", 0);
	len += write_pair(content + len, "FCGI_MPXS_CONNS", "", 0);
	len += write_pair(content + len, "UNKNOWN", "", 0);
	add_begin(&fed.wire, 1, FCGI_REC_RESPONDER, 0);
	add_record(&fed.wire, FCGI_REC_GET_VALUES, 0, content, len, 5);
	add_end(&fed.wire, FCGI_REC_PARAMS);
	add_end(&fed.wire, FCGI_REC_STDIN);
	assert_int_equal(feed(&fed, 1), STREAM_REPLY);
	assert_false(fed.stream.ends_after);
	assert_int_equal(fed.stream.reply[0], 1);
	assert_int_equal(fed.stream.reply[1], FCGI_REC_GET_VALUES_RESULT);
	assert_int_equal(fed.stream.reply_len, 8 + 19 + 18);
	assert_memory_equal(fed.stream.reply + 8, expected + 8, 19 + 18);
	assert_int_equal(feed(&fed, 1), STREAM_WHOLE);
	fed_close(&fed);
}

static void
abort_ends_an_unfinished_request(void **state)
{
	struct fed fed = fed_open();

	(void)state;
	add_begin(&fed.wire, 1, FCGI_REC_RESPONDER, FCGI_REC_KEEP_CONN);
	add_param(&fed.wire, "A", "b");
	add_record(&fed.wire, FCGI_REC_ABORT, 1, NULL, 0, 0);
	assert_int_equal(feed(&fed, 1), STREAM_REPLY);
	assert_int_equal(fed.stream.reply[1], FCGI_REC_END);
	assert_false(fed.stream.ends_after);
	add_request(&fed.wire, 0, NULL, "x");
	assert_int_equal(feed(&fed, 1), STREAM_WHOLE);
	fed_close(&fed);
}

static void
a_second_request_beside_the_first_is_turned_away(void **state)
{
	struct fed fed = fed_open();

	(void)state;
	add_begin(&fed.wire, 1, FCGI_REC_RESPONDER, 0);
	add_begin(&fed.wire, 2, FCGI_REC_RESPONDER, 0);
	assert_int_equal(feed(&fed, 1000), STREAM_REPLY);
	assert_int_equal(fed.stream.reply[3], 2);
	assert_int_equal(fed.stream.reply[12], FCGI_REC_CANT_MPX);
	assert_false(fed.stream.ends_after);
	add_record(&fed.wire, FCGI_REC_PARAMS, 2, "\1\1ab", 4, 0);
	add_end(&fed.wire, FCGI_REC_PARAMS);
	add_end(&fed.wire, FCGI_REC_STDIN);
	assert_int_equal(feed(&fed, 1000), STREAM_WHOLE);
	assert_int_equal(fed.stream.params_len, 0);
	fed_close(&fed);
}

static void
streams_do_not_go_on_after_their_end(void **state)
{
	struct fed fed = fed_open();
	struct fed other = fed_open();

	(void)state;
	add_request(&fed.wire, 0, "9", NULL);
	add_param(&fed.wire, "A", "b");
	assert_int_equal(feed(&fed, 1000), STREAM_BAD);
	add_begin(&other.wire, 1, FCGI_REC_RESPONDER, 0);
	add_end(&other.wire, FCGI_REC_STDIN);
	add_record(&other.wire, FCGI_REC_STDIN, 1, "x", 1, 0);
	assert_int_equal(feed(&other, 1000), STREAM_BAD);
	fed_close(&fed);
	fed_close(&other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_whole_however_it_is_cut),
		cmocka_unit_test(content_length_says_when_and_how_much),
		cmocka_unit_test(what_follows_a_whole_request_is_left),
		cmocka_unit_test(the_late_end_of_a_body_is_told_from_all_else),
		cmocka_unit_test(a_gate_is_whole_at_the_end_of_params),
		cmocka_unit_test(
		    the_last_length_counts_and_an_empty_one_says_nothing),
		cmocka_unit_test(unsound_parameters_are_refused),
		cmocka_unit_test(at_the_gate_there_is_one_refusal),
		cmocka_unit_test(
		    params_above_64_KiB_are_refused_before_they_come),
		cmocka_unit_test(a_body_without_length_ends_at_64_KiB),
		cmocka_unit_test(single_records),
		cmocka_unit_test(another_version_is_bad),
		cmocka_unit_test(get_values_answers_each_known_name_once),
		cmocka_unit_test(abort_ends_an_unfinished_request),
		cmocka_unit_test(
		    a_second_request_beside_the_first_is_turned_away),
		cmocka_unit_test(streams_do_not_go_on_after_their_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
