/* secret/token, secret/secret, secret/digest */
#include "config.h"

#include <string.h>

#include "check.h"
#include "in_arena.h"
#include "secret/digest.h"
#include "secret/secret.h"
#include "secret/token.h"

static void
new_tokens_are_43_characters_and_differ(void **state)
{
	char tokens[50][TOKEN_LEN + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(tokens); i++) {
		assert_true(token_new(tokens[i]));
		assert_int_equal(strlen(tokens[i]), TOKEN_LEN);
		assert_true(token_is_wellformed(str_from(tokens[i])));
		assert_false(str_has_char(str_from(tokens[i]), '='));
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(tokens[i], tokens[j]);
	}
}

/* 256 bits in 43 characters: the last one carries four of its six. */
static void
new_tokens_use_the_whole_alphabet(void **state)
{
	bool has_met[256] = { false };
	int met = 0;

	(void)state;
	for (int i = 0; i < 200; i++) {
		char token[TOKEN_LEN + 1];

		assert_true(token_new(token));
		assert_non_null(
		    strchr("AEIMQUYcgkosw048", token[TOKEN_LEN - 1]));
		for (int j = 0; j < TOKEN_LEN; j++)
			has_met[(unsigned char)token[j]] = true;
	}
	for (int c = 0; c < 256; c++)
		met += has_met[c];
	assert_int_equal(met, 64);
}

static void
with_keys_a_token_has_a_tag(void **state)
{
	static const struct str both[] = {
		STR_INIT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
		STR_INIT("0123456789abcdef0123456789abcdef")
	};
	const struct tag_keys keys = { .keys = both, .count = 2 },
			      other = { .keys = both + 1, .count = 1 };
	char token[TOKEN_TAGGED_LEN + 1];

	(void)state;
	assert_true(token_new_tagged(keys, token));
	assert_int_equal(strlen(token), 66);
	assert_true(token_is_wellformed(str_from(token)));
	assert_int_equal(token_judge(keys, str_from(token)), TOKEN_GENUINE);
	assert_int_equal(token_judge(other, str_from(token)), TOKEN_FORGED);
	token[0] = token[0] == 'A' ? 'B' : 'A';
	assert_int_equal(token_judge(keys, str_from(token)), TOKEN_FORGED);
	assert_true(token_new_tagged(
	    (struct tag_keys){ .keys = both, .count = 0 }, token));
	assert_int_equal(strlen(token), TOKEN_LEN);
	assert_int_equal(token_judge(keys, str_from(token)), TOKEN_UNTAGGED);
}

static void
a_tag_is_what_stands_behind_the_point_before_22_characters(void **state)
{
	static const struct str one[] = { STR_INIT(
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa") };
	const struct tag_keys keys = { .keys = one, .count = 1 };
	static const struct {
		struct str token;
		enum token_standing standing;
	} rows[] = {
		{ STR_INIT(""), TOKEN_UNTAGGED },
		{ { NULL, 0 }, TOKEN_UNTAGGED },
		{ STR_INIT("0123456789abcdefghijklmnopqrstuvwxyzABCDEFG."
			   "4vojOKtIrqsJ1y7ELAIMhg"),
		    TOKEN_GENUINE },
		{ STR_INIT("0123456789abcdefghijklmnopqrstuvwxyzABCDEFg."
			   "4vojOKtIrqsJ1y7ELAIMhg"),
		    TOKEN_FORGED },
		{ STR_INIT("0123456789abcdefghijklmnopqrstuvwxyzABCDEFG,"
			   "4vojOKtIrqsJ1y7ELAIMhg"),
		    TOKEN_UNTAGGED },
		{ STR_INIT("0123456789abcdefghijklmnopqrstuvwxyzABCDEFG."
			   "4vojOKtIrqsJ1y7ELAIMhg="),
		    TOKEN_UNTAGGED },
		{ STR_INIT("0123456789abcdefghijklmnopqrstuvwxyzABCDEFG."
			   "0123456789.123456789abc"),
		    TOKEN_UNTAGGED },
		{ STR_INIT("a.b.0123456789012345678901"), TOKEN_FORGED },
		{ STR_INIT(".0123456789012345678901"), TOKEN_UNTAGGED },
		{ STR_INIT("3f2504e0-4f89-41d3-9a0c-0305e82c3301"),
		    TOKEN_UNTAGGED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(token_judge(keys, rows[i].token) == rows[i].standing,
		    rows[i].token.ptr);
}

static void
wellformed_is_an_alphabet_and_a_length(void **state)
{
	static const struct {
		struct str token;
		bool is_good;
	} rows[] = {
		{ STR_INIT("0123456789abcdef"), true },
		{ STR_INIT("AZaz09-_.~+/=aaa"), true },
		{ STR_INIT("3f2504e0-4f89-41d3-9a0c-0305e82c3301"), true },
		{ STR_INIT("0123456789abcde"), false }, /* 15 */
		{ STR_INIT(""), false },
		{ { NULL, 0 }, false },
		{ STR_INIT("0123456789abcdef\0"), false },
		{ STR_INIT("0123456789\0abcdef"), false },
		{ STR_INIT("0123456789abcdef\r\n"), false },
		{ STR_INIT("0123456789abcdef%s%s"), false },
		{ STR_INIT("0123456789abcdef*"), false },
		{ STR_INIT("0123456789 abcdef"), false },
		{ STR_INIT("0123456789abcdef:x"), false },
		{ STR_INIT("0123456789abcd\xc3\xa4"), false },
		{ STR_INIT("j:{}"), false },
		{ STR_INIT("j:{\"a\":\"aaaaaaaaaaaaaaa\"}"), false },
		{ STR_INIT("\"0123456789abcdef\""), false },
	};
	char longest[8192];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(
		    token_is_wellformed(rows[i].token), rows[i].is_good);
	memset(longest, 'a', sizeof(longest));
	assert_true(token_is_wellformed((struct str){ longest, 256 }));
	assert_false(token_is_wellformed((struct str){ longest, 257 }));
	assert_false(token_is_wellformed((struct str){ longest, 8192 }));
}

/* Expected values from openssl dgst -sha256 -binary | base64, url-safe. */
static void
hashes_are_base64url_of_sha256(void **state)
{
	static const struct {
		const char *token, *hash;
	} rows[] = {
		{ "", "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU" },
		{ "abc", "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0" },
		{ "0123456789abcdef",
		    "n59REfeyengfHx3d5evC3St5a_xzZcnCi1SOVkF2kp8" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_str(
		    token_hash(*state, str_from(rows[i].token)), rows[i].hash);
}

static void
handles_are_the_head_of_a_labelled_hash(void **state)
{
	assert_str(token_handle(*state,
		       STR("ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0")),
	    "siRUZmH4tCrsh7b_");
}

static void
secrets_are_equal_byte_for_byte(void **state)
{
	(void)state;
	assert_true(secret_equal("a\0b", "a\0b", 3));
	assert_false(secret_equal("a\0b", "a\0c", 3));
	assert_false(secret_equal("xbc", "abc", 3));
	assert_true(secret_equal("a", "b", 0));
}

/* as `sha256sum | xxd -r -p | base64` has them */
static void
digests_are_base64_of_sha256(void **state)
{
	assert_str(digest_base64(*state, STR("")),
	    "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
	assert_str(digest_base64(*state, STR("abc")),
	    "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_tokens_are_43_characters_and_differ),
		cmocka_unit_test(new_tokens_use_the_whole_alphabet),
		cmocka_unit_test(with_keys_a_token_has_a_tag),
		cmocka_unit_test(
		    a_tag_is_what_stands_behind_the_point_before_22_characters),
		cmocka_unit_test(wellformed_is_an_alphabet_and_a_length),
		cmocka_unit_test(hashes_are_base64url_of_sha256),
		cmocka_unit_test(handles_are_the_head_of_a_labelled_hash),
		cmocka_unit_test(digests_are_base64_of_sha256),
		cmocka_unit_test(secrets_are_equal_byte_for_byte),
	};

	return cmocka_run_group_tests_name(
	    "token", tests, open_arena, close_arena);
}
