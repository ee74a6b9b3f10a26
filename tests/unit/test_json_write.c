/* http/json_write */
#include "config.h"

#include "check.h"
#include "http/json.h"
#include "http/json_write.h"
#include "in_arena.h"

static void
commas_stand_where_they_belong(void **state)
{
	struct buf buf = buf_open(*state, 1000);
	struct json_writer writer = { .buf = &buf };

	json_write_object(&writer);
	json_write_constant(&writer, STR("c"), STR("k"));
	json_write_name(&writer, STR("empty"));
	json_write_array(&writer);
	json_write_array_end(&writer);
	json_write_name(&writer, STR("texts"));
	json_write_array(&writer);
	json_write_string(&writer, STR("a\"b"));
	json_write_string(&writer, STR_NONE);
	json_write_object(&writer);
	json_write_object_end(&writer);
	json_write_object(&writer);
	json_write_int(&writer, STR("n"), -7);
	json_write_bool(&writer, STR("yes"), true);
	json_write_object_end(&writer);
	json_write_array_end(&writer);
	json_write_name(&writer, STR("caller"));
	buf_add(&buf, STR("[1]"));
	json_write_bool(&writer, STR("no"), false);
	json_write_object_end(&writer);
	assert_str(buf_str(&buf),
	    "{\"c\":\"k\",\"empty\":[],\"texts\":[\"a\\\"b\",null,{},"
	    "{\"n\":-7,\"yes\":true}],\"caller\":[1],\"no\":false}");
	assert_true(json_is_object(json_parse(*state, buf_str(&buf), 8)));
}

static void
absent_members_are_left_out(void **state)
{
	struct buf buf = buf_open(*state, 1000);
	struct json_writer writer = { .buf = &buf };

	json_write_object(&writer);
	json_write_text(&writer, STR("a"), STR_NONE);
	json_write_time(&writer, STR("b"), -1);
	json_write_time(&writer, STR("c"), 0);
	json_write_text(&writer, STR("d"), STR(""));
	json_write_object_end(&writer);
	assert_str(buf_str(&buf), "{\"c\":0,\"d\":\"\"}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commas_stand_where_they_belong),
		cmocka_unit_test(absent_members_are_left_out),
	};

	return cmocka_run_group_tests_name(
	    "json_write", tests, open_arena, close_arena);
}
