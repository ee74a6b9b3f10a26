/* fcgi/params: who is read is found, and nobody else */
#include "config.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "fcgi/params.h"
#include "fcgi/protocol.h"
#include "fcgi/stream.h"
#include "http/request.h"

static void
every_parameter_that_is_read_has_its_field(void **state)
{
	static const struct row {
		struct str name;
		size_t field;
	} rows[] = {
		/* clang-format off */
		{ STR_INIT("REQUEST_METHOD"), offsetof(struct request, method) },
		{ STR_INIT("REQUEST_URI"), offsetof(struct request, target) },
		{ STR_INIT("QUERY_STRING"), offsetof(struct request, query) },
		{ STR_INIT("CONTENT_TYPE"), offsetof(struct request, content_type) },
		{ STR_INIT("REMOTE_ADDR"), offsetof(struct request, remote_addr) },
		{ STR_INIT("HTTP_USER_AGENT"), offsetof(struct request, user_agent) },
		{ STR_INIT("SESSGATE_ROLE"), offsetof(struct request, role) },
		{ STR_INIT("SESSGATE_SITE"), offsetof(struct request, site) },
		{ STR_INIT("HTTP_HOST"), offsetof(struct request, host) },
		{ STR_INIT("HTTP_SEC_FETCH_SITE"), offsetof(struct request, sec_fetch_site) },
		{ STR_INIT("HTTP_SEC_FETCH_MODE"), offsetof(struct request, sec_fetch_mode) },
		{ STR_INIT("HTTP_ACCEPT"), offsetof(struct request, accept) },
		{ STR_INIT("HTTP_ACCEPT_LANGUAGE"), offsetof(struct request, accept_language) },
		{ STR_INIT("HTTP_X_REQUESTED_WITH"), offsetof(struct request, requested_with) },
		{ STR_INIT("HTTP_REFERER"), offsetof(struct request, referer) },
		{ STR_INIT("HTTP_CONTENT_ENCODING"), offsetof(struct request, content_encoding) },
		{ STR_INIT("HTTP_ORIGIN"), offsetof(struct request, origin) },
		{ STR_INIT("HTTP_COOKIE"), offsetof(struct request, cookie) },
		{ STR_INIT("HTTP_X_FORWARDED_FOR"), offsetof(struct request, forwarded_for) },
		{ STR_INIT("SCRIPT_NAME"), offsetof(struct request, script_name) },
		{ STR_INIT("PATH_INFO"), offsetof(struct request, path_info) },
		/* clang-format on */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct param *param = param_find(rows[i].name);

		assert_row(param != NULL, rows[i].name.ptr);
		assert_row(param->field == rows[i].field, rows[i].name.ptr);
	}
}

static void
two_decide_when_a_request_is_whole(void **state)
{
	(void)state;
	assert_int_equal(
	    param_find(STR("CONTENT_LENGTH"))->use, PARAM_CONTENT_LENGTH);
	assert_int_equal(param_find(STR("SESSGATE_ROLE"))->use, PARAM_ROLE);
	assert_int_equal(param_find(STR("HTTP_COOKIE"))->use, PARAM_FIELD);
}

static void
other_names_are_found_nowhere(void **state)
{
	static const char *const others[] = { "", "I", "RI", "URI", "NAME",
		"REQUEST_URIS", "REQUEST_URL", "request_uri", "HTTP_COOKIE2",
		"HTTP_XOOKIE", "XCRIPT_NAME", "PATH_INFX", "SERVER_NAME",
		"HTTP_ACCEPT_LANGUAGES", "REMOTE_PORT", "\xff\xff\xff" };

	(void)state;
	for (size_t i = 0; i < COUNT(others); i++)
		assert_row(param_find(str_from(others[i])) == NULL, others[i]);
	assert_null(param_find(STR_NONE));
	assert_null(param_find(STR("PATH_INFO\0")));
}

/* The buffer of these pairs, with 7-bit lengths, once they are complete. */
static struct str
keep(struct stream_buffer *room, struct str pairs)
{
	static const uint8_t begin[16] = { 1, 1, 0, 1, 0, 8, 0, 0, 0, 1 };
	struct stream stream = stream_open(1);
	uint8_t header[8];
	size_t used;

	stream.buffer = room;
	stream_feed(&stream, (const char *)begin, sizeof(begin), &used);
	for (int i = 0; i < 2; i++) {
		stream_write_header(header, FCGI_REC_PARAMS, 1, pairs.len);
		stream_feed(&stream, (char *)header, sizeof(header), &used);
		stream_feed(&stream, pairs.ptr, pairs.len, &used);
		pairs.len = 0;
	}
	assert_true(stream.has_params);
	return (struct str){ room->params, stream.params_len };
}

static void
what_nobody_reads_leaves_nothing_behind(void **state)
{
	struct stream_buffer *room = calloc(1, sizeof(*room));

	(void)state;
	assert_non_null(room);
	assert_str_eq(keep(room, STR("\5\7X_KEYhunter2"
				     "\11\5PATH_INFO/auth"
				     "\5\7Y_KEYhunter2"
				     "\13\3HTTP_COOKIEa=b"
				     "\5\7Z_KEYhunter2")),
	    STR("\11\5PATH_INFO/auth\13\3HTTP_COOKIEa=b"));
	assert_null(memmem(room->params, sizeof(room->params), "hunter2", 7));
	free(room);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_parameter_that_is_read_has_its_field),
		cmocka_unit_test(two_decide_when_a_request_is_whole),
		cmocka_unit_test(other_names_are_found_nowhere),
		cmocka_unit_test(what_nobody_reads_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
