/* base/fold */
#include "config.h"

#include "base/arena.h"
#include "base/fold.h"
#include "check.h"

static const struct {
	const char *text, *folded;
} rows[] = {
	{ "", "" }, { "Alice@Example.ORG", "alice@example.org" },
	{ "boss  ", "boss" }, { " boss", " boss" }, { "b\tss", "b\tss" },
	{ "Álïcé Ångström", "alice angstrom" },
	{ "a\xcc\x81lice", "alice" }, /* a combining acute */
	{ "STRAẞE straße", "strasse strasse" },
	{ "Æsop œuvre ĳs", "aesop oeuvre ijs" }, { "Łódź Đà", "lodz da" },
	{ "Nguyễn Ṩ", "nguyen s" }, { "ＡＢｃ．１", "abc.1" },
	{ "al\xc2\xadi\xe2\x80\x8b\x63\x65", "alice" }, /* without a width */
	{ "ΑΒΓ ПРИВЕТ Ё", "αβγ привет ё" },
	{ "日本🙂×÷", "日本🙂×÷" },
	{ "\xff\xc3", "\xff\xc3" }, /* no UTF-8 */
};

static void
spellings_become_one(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(str_eq(fold_text(arena, str_from(rows[i].text)),
			       str_from(rows[i].folded)),
		    rows[i].text);
	arena_close(arena);
}

static void
what_is_folded_stays_so(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(str_eq(fold_text(arena, str_from(rows[i].folded)),
			       str_from(rows[i].folded)),
		    rows[i].folded);
	arena_close(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spellings_become_one),
		cmocka_unit_test(what_is_folded_stays_so),
	};

	return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
