/* base/siphash */
#include "config.h"

#include "check.h"
#include "base/siphash.h"

/* Seed 00 .. 0f, text 00 .. len - 1: from the reference implementation. */
static void
it_gives_the_vectors_of_its_authors(void **state)
{
	static const struct {
		size_t len;
		uint64_t hash;
	} rows[] = {
		{ 0, UINT64_C(0x726fdb47dd0e0e31) },
		{ 1, UINT64_C(0x74f839c593dc67fd) },
		{ 7, UINT64_C(0xab0200f58b01d137) },
		{ 8, UINT64_C(0x93f5f5799a932462) },
		{ 15, UINT64_C(0xa129ca6149be45e5) },
		{ 63, UINT64_C(0x958a324ceb064572) },
	};
	unsigned char seed[SIPHASH_SEED];
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)i;
	for (size_t i = 0; i < sizeof(seed); i++)
		seed[i] = (unsigned char)i;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_true(siphash(seed, (struct str){ text, rows[i].len }) ==
			    rows[i].hash);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_gives_the_vectors_of_its_authors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
