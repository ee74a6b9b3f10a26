/* secret/tag: RFC 2104 over PURPOSE:TEXT, cut to 128 bits */
#include "config.h"

#include <string.h>

#include "check.h"
#include "secret/tag.h"

static const struct str both[] = { STR_INIT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
	STR_INIT("0123456789abcdef0123456789abcdef") };
static const struct tag_keys keys = { .keys = both, .count = 2 };
static const struct tag_keys first = { .keys = both, .count = 1 };
static const struct tag_keys second = { .keys = both + 1, .count = 1 };

/* From openssl dgst -sha256 -hmac KEY -binary, the first 16 bytes. */
static void
the_first_key_signs(void **state)
{
	char tag[TAG_LEN + 1];

	(void)state;
	assert_true(tag_make(keys, STR("token"), STR("abc"), tag));
	assert_string_equal(tag, "ypRRMUPlVPad3ihQsNQX_A");
	assert_true(tag_make(second, STR("token"), STR("abc"), tag));
	assert_string_equal(tag, "I64r9CqCLy3NpKs__rXr3Q");
	assert_true(tag_make(second, STR(""), STR(""), tag));
	assert_string_equal(tag, "GN5NpzhxoMPwpNoNV86u1Q");
}

static void
all_keys_verify(void **state)
{
	char tag[TAG_LEN + 1];

	(void)state;
	assert_true(tag_make(second, STR("token"), STR("abc"), tag));
	assert_true(tag_fits(keys, STR("token"), STR("abc"), str_from(tag)));
	assert_true(tag_fits(second, STR("token"), STR("abc"), str_from(tag)));
	assert_false(tag_fits(first, STR("token"), STR("abc"), str_from(tag)));
}

static void
nothing_else_fits(void **state)
{
	char tag[TAG_LEN + 1];

	(void)state;
	assert_true(tag_make(keys, STR("token"), STR("abc"), tag));
	assert_false(tag_fits(keys, STR("token"), STR("abd"), str_from(tag)));
	assert_false(tag_fits(keys, STR("device"), STR("abc"), str_from(tag)));
	assert_false(tag_fits(keys, STR("token:a"), STR("bc"), str_from(tag)));
	assert_false(tag_fits((struct tag_keys){ .keys = NULL, .count = 0 },
	    STR("token"), STR("abc"), str_from(tag)));
	for (size_t i = 0; i < TAG_LEN; i++) {
		char wrong[TAG_LEN + 1];

		memcpy(wrong, tag, sizeof(wrong));
		wrong[i] = wrong[i] == 'A' ? 'B' : 'A';
		assert_false(
		    tag_fits(keys, STR("token"), STR("abc"), str_from(wrong)));
		assert_false(tag_fits(
		    keys, STR("token"), STR("abc"), (struct str){ tag, i }));
	}
	assert_false(tag_fits(keys, STR("token"), STR("abc"), STR_NONE));
}

/* From openssl, over shop/token:abc. */
static void
sites_with_one_secret_have_tags_of_their_own(void **state)
{
	const struct tag_keys shop = { both, 2, STR("shop") };
	const struct tag_keys forum = { both, 2, STR("forum") };
	char tag[TAG_LEN + 1];

	(void)state;
	assert_true(tag_make(shop, STR("token"), STR("abc"), tag));
	assert_string_equal(tag, "33wb4AoJoS4sNyUhpz6ZbQ");
	assert_true(tag_fits(shop, STR("token"), STR("abc"), str_from(tag)));
	assert_false(tag_fits(forum, STR("token"), STR("abc"), str_from(tag)));
	assert_false(tag_fits(keys, STR("token"), STR("abc"), str_from(tag)));
	assert_true(tag_make(keys, STR("token"), STR("abc"), tag));
	assert_false(tag_fits(shop, STR("token"), STR("abc"), str_from(tag)));
}

/* The last character carries two bits: another spelling is another tag. */
static void
a_tag_has_one_spelling(void **state)
{
	char tag[TAG_LEN + 1];
	int fitting = 0;

	(void)state;
	assert_true(tag_make(keys, STR("token"), STR("abc"), tag));
	assert_non_null(strchr("AQgw", tag[TAG_LEN - 1]));
	for (int c = 1; c < 256; c++) {
		tag[TAG_LEN - 1] = (char)c;
		fitting +=
		    tag_fits(keys, STR("token"), STR("abc"), str_from(tag));
	}
	assert_int_equal(fitting, 1);
}

static void
what_is_too_long_has_no_tag(void **state)
{
	char text[TAG_TEXT_MAX + 1], tag[TAG_LEN + 1] = "";

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_true(tag_make(
	    keys, STR("abc"), (struct str){ text, TAG_TEXT_MAX - 3 }, tag));
	assert_false(tag_make(
	    keys, STR("abc"), (struct str){ text, TAG_TEXT_MAX - 2 }, tag));
	assert_false(tag_make((struct tag_keys){ .keys = both, .count = 0 },
	    STR("abc"), STR("a"), tag));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_key_signs),
		cmocka_unit_test(all_keys_verify),
		cmocka_unit_test(nothing_else_fits),
		cmocka_unit_test(sites_with_one_secret_have_tags_of_their_own),
		cmocka_unit_test(a_tag_has_one_spelling),
		cmocka_unit_test(what_is_too_long_has_no_tag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
