/* app/login_body: what a body says of who wants to log in, and for how long */
#include "config.h"

#include "check.h"
#include "in_arena.h"
#include "app/login_body.h"

struct row {
	const char *body;
	bool is_read, is_remembered;
};

static bool
is_here(struct user_table_port *port)
{
	(void)port;
	return true;
}

static void
read_rows(
    struct arena *arena, bool is_form, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct request request = { .body =
						     str_from(rows[i].body) };
		struct user_table_port port = { .has_totp = is_here };
		const struct stores stores = { .user_table = &port };
		struct call call = { .arena = arena };
		struct context c = { .request = &request,
			.stores = &stores,
			.call = &call,
			.is_form = is_form };
		struct login_body given;

		assert_row(login_body_read(&c, &given) == rows[i].is_read,
		    rows[i].body);
		if (rows[i].is_read)
			assert_row(given.is_remembered == rows[i].is_remembered,
			    rows[i].body);
		assert_row(c.form.is_filled == is_form, rows[i].body);
		if (is_form)
			assert_row(c.form.is_remembered == given.is_remembered,
			    rows[i].body);
	}
}

#define JSON "{\"email\":\"a\",\"password\":\"b\""

static void
json_remembers_unless_told_otherwise(void **state)
{
	static const struct row rows[] = {
		{ JSON "}", true, true },
		{ JSON ",\"remember\":true}", true, true },
		{ JSON ",\"remember\":false}", true, false },
		{ JSON ",\"remember\":true,\"remember\":false}", true, false },
		{ JSON ",\"Remember\":false}", true, true },
		{ JSON ",\"remember\":null}", false, true },
		{ JSON ",\"remember\":0}", false, true },
		{ JSON ",\"remember\":1}", false, true },
		{ JSON ",\"remember\":\"false\"}", false, true },
		{ JSON ",\"remember\":[]}", false, true },
		{ JSON ",\"remember\":{}}", false, true },
		{ JSON ",\"code\":\"1\"}", true, true },
		{ JSON ",\"code\":null}", true, true },
		{ JSON ",\"code\":1}", false, true },
	};

	read_rows(*state, false, rows, COUNT(rows));
}

#define FORM "email=a&password=b"

static void
a_form_says_it_by_the_first_field(void **state)
{
	static const struct row rows[] = {
		{ FORM, true, true },
		{ FORM "&remember=1", true, true },
		{ FORM "&remember=on", true, true },
		{ FORM "&remember=1&remember=0", true, true },
		{ FORM "&remember=0", true, false },
		{ FORM "&remember=", true, false },
		{ FORM "&remember", true, false },
		{ FORM "&remember=false", true, false },
		{ FORM "&remember=0&remember=1", true, false },
		{ "remember=0&email=a", false, false },
	};

	read_rows(*state, true, rows, COUNT(rows));
}

static void
a_form_has_the_code_in_one_of_two_fields(void **state)
{
	static const struct {
		const char *body, *with, *without; /* recovery codes */
	} rows[] = { { FORM, NULL, NULL }, { FORM "&code=1", "1", "1" },
		{ FORM "&code=1&recovery=2", "2", "1" },
		{ FORM "&code=&recovery=2", "2", "" },
		{ FORM "&recovery=2", "2", NULL },
		{ FORM "&code=1&recovery=", "1", "1" },
		{ FORM "&recovery=", NULL, NULL } };

	for (size_t i = 0; i < 2 * COUNT(rows); i++) {
		bool has_recovery = i % 2 == 0;
		const struct request request = { .body = str_from(
						     rows[i / 2].body) };
		struct user_table_port port = { .has_totp = is_here,
			.has_set_recovery = has_recovery };
		const struct stores stores = { .user_table = &port };
		struct call call = { .arena = *state };
		struct context c = { .request = &request,
			.stores = &stores,
			.call = &call,
			.is_form = true };
		struct login_body given;

		assert_true(login_body_read(&c, &given));
		assert_str(given.code,
		    has_recovery ? rows[i / 2].with : rows[i / 2].without);
	}
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, open_arena, close_arena)
	const struct CMUnitTest tests[] = {
		TEST(json_remembers_unless_told_otherwise),
		TEST(a_form_says_it_by_the_first_field),
		TEST(a_form_has_the_code_in_one_of_two_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
