/* secret/totp: the vectors of RFC 4226, RFC 6238 and RFC 4648 */
#include "config.h"

#include <string.h>

#include "check.h"
#include "in_arena.h"
#include "secret/totp.h"

/* "12345678901234567890", the secret of both RFCs */
#define SECRET "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

static struct totp_secret
read_secret(const char *text)
{
	struct totp_secret secret;

	assert_true(totp_secret_read(str_from(text), &secret));
	return secret;
}

/* RFC 4226, appendix D */
static void
codes_by_counter(void **state)
{
	static const uint32_t codes[] = { 755224, 287082, 359152, 969429,
		338314, 254676, 287922, 162583, 399871, 520489 };
	struct totp_secret secret = read_secret(SECRET);

	(void)state;
	assert_int_equal(secret.len, 20);
	assert_memory_equal(secret.bytes, "12345678901234567890", 20);
	for (size_t i = 0; i < COUNT(codes); i++)
		assert_int_equal(totp_code(&secret, i), codes[i]);
}

/* RFC 6238, appendix B: SHA-1, the last six of eight digits */
static void
codes_by_time(void **state)
{
	static const struct {
		int64_t s;
		const char *code;
	} rows[] = { { 59, "287082" }, { 1111111109, "081804" },
		{ 1111111111, "050471" }, { 1234567890, "005924" },
		{ 2000000000, "279037" }, { 20000000000, "353130" } };
	struct totp_secret secret = read_secret(SECRET);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str code = str_from(rows[i].code);
		int64_t ms = rows[i].s * 1000, step = rows[i].s / 30;

		assert_row(
		    totp_find_step(&secret, code, ms) == step, rows[i].code);
		assert_row(totp_find_step(&secret, code, ms + 30000) == step,
		    rows[i].code);
		assert_row(totp_find_step(&secret, code, ms - 30000) == step,
		    rows[i].code);
		assert_row(totp_find_step(&secret, code, ms + 60000) == -1,
		    rows[i].code);
		if (ms < 60000)
			continue;
		assert_row(totp_find_step(&secret, code, ms - 60000) == -1,
		    rows[i].code);
	}
}

static void
codes_as_people_type_them(void **state)
{
	static const char *const wrong[] = { "", "28708", "2870820", "28708x",
		"287083", "+87082", "0x1234", "287082\n1" };
	struct totp_secret secret = read_secret(SECRET);

	(void)state;
	assert_int_equal(totp_find_step(&secret, STR(" 287 082 "), 59000), 1);
	assert_int_equal(totp_find_step(&secret, STR("287-082"), 59000), 1);
	assert_int_equal(totp_find_step(&secret, STR_NONE, 59000), -1);
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_row(
		    totp_find_step(&secret, str_from(wrong[i]), 59000) == -1,
		    wrong[i]);
}

static void
secrets_as_people_store_them(void **state)
{
	static const char *const same[] = { "gezdgnbvgy3tqojqgezdgnbvgy3tqojq",
		"GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ",
		"gezd-gnbv-gy3t-qojq-gezd-gnbv-gy3t-qojq==\n" };
	static const char *const bad[] = { "", "    ", "GEZDGNBVGY3TQOJ",
		"GEZDGNBVGY3TQOJ1", "GEZDGNBVGY3TQOJQA",
		"GEZD=GNBVGY3TQOJQGEZD", "0EZDGNBVGY3TQOJQ",
		"GEZDGNBVGY3TQOJ\303\244" };
	struct totp_secret secret;
	char longest[128];

	(void)state;
	for (size_t i = 0; i < COUNT(same); i++) {
		secret = read_secret(same[i]);
		assert_row(totp_code(&secret, 1) == 287082, same[i]);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_row(
		    !totp_secret_read(str_from(bad[i]), &secret), bad[i]);
		assert_int_equal(secret.len, 0);
	}
	assert_int_equal(read_secret("JBSWY3DPEHPK3PXP").len, 10);
	memset(longest, 'A', sizeof(longest));
	assert_true(totp_secret_read((struct str){ longest, 103 }, &secret));
	assert_int_equal(secret.len, TOTP_SECRET_MAX);
	assert_false(totp_secret_read((struct str){ longest, 104 }, &secret));
}

static void
a_new_secret_is_read_again(void **state)
{
	char text[TOTP_TEXT_LEN + 1], other[TOTP_TEXT_LEN + 1];

	(void)state;
	assert_true(totp_secret_new(text) && totp_secret_new(other));
	assert_int_equal(strlen(text), TOTP_TEXT_LEN);
	assert_string_not_equal(text, other);
	assert_int_equal(read_secret(text).len, TOTP_SECRET_NEW);
}

static void
the_url_names_site_and_account(void **state)
{
	struct arena *arena = *state;

	assert_str(totp_url(arena, STR("My: site"), STR("a@b.org"), STR("AB")),
	    "otpauth://totp/My%20%20site:a%40b.org?secret=AB"
	    "&issuer=My%20%20site");
	assert_str(totp_url(arena, STR(""), STR("a"), STR("AB")),
	    "otpauth://totp/a?secret=AB");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_by_counter),
		cmocka_unit_test(codes_by_time),
		cmocka_unit_test(codes_as_people_type_them),
		cmocka_unit_test(secrets_as_people_store_them),
		cmocka_unit_test(a_new_secret_is_read_again),
		cmocka_unit_test(the_url_names_site_and_account),
	};

	return cmocka_run_group_tests_name(
	    "totp", tests, open_arena, close_arena);
}
