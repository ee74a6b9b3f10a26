/* config/ini: the syntax of the configuration file. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "config/ini.h"

/* The parsed lines as text: `1[name] 2 key=<value> 3!`; the caller frees. */
static char *
read_all(const char *text, size_t len)
{
	char *bytes = malloc(len > 0 ? len : 1); /* overruns show */
	struct ini_item item;
	char *printed = NULL;
	size_t printed_len;
	FILE *out = open_memstream(&printed, &printed_len);
	struct ini ini;

	memcpy(bytes, text, len);
	ini = ini_open(bytes, len);
	while (ini_next(&ini, &item)) {
		fprintf(out, "%d", item.line_no);
		if (item.kind == INI_SECTION)
			fprintf(out, "[%.*s] ", STR_ARG(item.name));
		else if (item.kind == INI_KEY)
			fprintf(out, " %.*s=<%.*s> ", STR_ARG(item.name),
			    STR_ARG(item.value));
		else
			fprintf(out, "! %s. ", item.words);
	}
	fclose(out);
	free(bytes);
	return printed;
}

static const struct row {
	struct str text;
	const char *printed;
} rows[] = {
	// clang-format off
	{ STR_INIT(""), "" },
	{ STR_INIT("\n\r\n \t\n"), "" },
	{ STR_INIT("# a\n; b\n  # c\n#d \\\nk=v"), "5 k=<v> " },
	{ STR_INIT("[server]\nk = v\n[ a b ]"), "1[server] 2 k=<v> 3[a b] " },
	{ STR_INIT("[site \"x\"]"), "1[site \"x\"] " },
	{ STR_INIT("\xef\xbb\xbf[server]\r\nk = v w \r\n"), "1[server] 2 k=<v w> " },
	{ STR_INIT("k=\nk =\nk= \n"), "1 k=<> 2 k=<> 3 k=<> " },
	{ STR_INIT("k = a # b ; c = d"), "1 k=<a # b ; c = d> " },
	{ STR_INIT("k = \" a \"\nk=\"\"\nk=\"a\" \"b\""), "1 k=< a > 2 k=<> 3 k=<a\" \"b> " },
	{ STR_INIT("k = a \"b\""), "1 k=<a \"b\"> " },
	{ STR_INIT("k = SELECT a \\\n\tFROM b \\  \r\n  WHERE c\nl=1"), "1 k=<SELECT a FROM b WHERE c> 4 l=<1> " },
	{ STR_INIT("k = a\\\n\nl=1"), "1 k=<a> 3 l=<1> " },
	{ STR_INIT("\\\n k = v"), "1 k=<v> " },
	{ STR_INIT("k = a \\\n# b"), "1 k=<a # b> " },
	{ STR_INIT("k = \xc3\xa4"), "1 k=<\xc3\xa4> " },
	{ STR_INIT("k = \"a\nl=1"), "1! the value has a double quote at one end only. 2 l=<1> " },
	{ STR_INIT("k = \""), "1! the value has a double quote at one end only. " },
	{ STR_INIT("k\nl=1"), "1! the line is no comment, no [section] and no key = value. 2 l=<1> " },
	{ STR_INIT("\\\n\n"), "1! the line is no comment, no [section] and no key = value. " },
	{ STR_INIT(" = v"), "1! there is no key before the =. " },
	{ STR_INIT("[a\n[\n[a] b"), "1! a section stands alone on its line, as [name]. 2! a section stands alone on its line, as [name]. 3! a section stands alone on its line, as [name]. " },
	{ STR_INIT("k = a\0b\nl=1"), "1! the line holds a NUL. 2 l=<1> " },
	{ STR_INIT("# \xff\nl=1"), "1! the line is not UTF-8. 2 l=<1> " },
	{ STR_INIT("k = a \\\n\xed\xa0\x80 \\\n b\nl=1"), "1! the line is not UTF-8. 4 l=<1> " },
	{ STR_INIT("k = a \\"), "1! the file ends where the line goes on. " },
	{ STR_INIT("k = a \\\n"), "1! the file ends where the line goes on. " },
	// clang-format on
};

static void
lines_are_read_as_the_manual_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *printed = read_all(rows[i].text.ptr, rows[i].text.len);

		assert_string_equal(printed, rows[i].printed);
		free(printed);
	}
}

static void
lines_beyond_the_limit_are_refused_whole(void **state)
{
	static char text[2 * INI_LINE_MAX + 64];
	size_t len = INI_LINE_MAX;
	char *printed;

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, "k=", 2);
	memcpy(text + len + 1, "\nl=1", 4);
	printed = read_all(text, len + 5);
	assert_string_equal(printed, "1! the line is too long. 2 l=<1> ");
	free(printed);

	memcpy(text + len / 2, "\\\n", 2);
	printed = read_all(text, len + 5);
	assert_non_null(strstr(printed, "1 k=<aaa"));
	assert_non_null(strstr(printed, "> 3 l=<1> "));
	free(printed);

	text[len + 1] = 'a';
	memcpy(text + len + 50, "\nl=1", 4);
	printed = read_all(text, len + 54);
	assert_string_equal(
	    printed, "1! the continued line is too long. 3 l=<1> ");
	free(printed);
}

/* Every cut of every text: no read beyond the end, and an end. */
static void
every_cut_of_a_file_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t len = 0; len < rows[i].text.len; len++)
			free(read_all(rows[i].text.ptr, len));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_read_as_the_manual_says),
		cmocka_unit_test(lines_beyond_the_limit_are_refused_whole),
		cmocka_unit_test(every_cut_of_a_file_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
