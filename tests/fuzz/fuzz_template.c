/*
 * http/template and http/style: no value reaches a page without being escaped,
 * and no page is longer than was said.  The input is a template.
 */
#include "config.h"

#include "fuzz.h"
#include "http/style.h"
#include "http/template.h"

enum { PAGE_MAX = 16 * 1024 * 1024 };

static const char *const names[] = { "a", "b", "empty", "list", NULL };
/* what no template that is kept below says of itself */
static const struct str values[4 + TEMPLATE_LANGUAGES_MAX] = { STR_INIT(
								   "<\x01>"),
	STR_INIT("\"\x01'"), STR_INIT(""), STR_INIT("1"), STR_INIT("1") };

static void
fill_row(void *arg, size_t row, struct str *row_values)
{
	(void)arg;
	row_values[1] = row == 1 ? STR("") : values[1];
}

static void
judge_page(struct arena *arena, const struct template *template)
{
	static const size_t sizes[4 + TEMPLATE_LANGUAGES_MAX] = { 9, 12, 0, 1,
		1 };
	static const struct template_list list = {
		.name = 3, .count = 3, .fill = fill_row
	};
	struct buf page = buf_open(arena, PAGE_MAX);
	struct str filled[4 + TEMPLATE_LANGUAGES_MAX];
	struct str rest;

	memcpy(filled, values, sizeof(filled));
	template_write(template, filled, &list, &page);
	fuzz_claim(!page.is_full);
	fuzz_claim(page.len <=
		   template_size_max(template, sizes, list.name, list.count));
	rest = buf_str(&page);
	for (size_t i = 0; i + 1 < rest.len; i++)
		if (rest.ptr[i + 1] == '\x01')
			fuzz_claim(rest.ptr[i] == ';');
}

/* The marks found lie in the text, each behind the one before. */
static void
judge_styles(struct str text)
{
	const char *end = text.ptr + text.len, *behind = text.ptr;
	struct str rest = text, style;

	while (style_next(&rest, &style)) {
		fuzz_claim(style.ptr >= behind + strlen("<style>"));
		behind = style.ptr + style.len;
		fuzz_claim(behind <= end);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = arena_open();
	struct str text = fuzz_copy(arena, fuzz_str(bytes, len));
	struct template_error error = { .line_no = 0 };
	const struct template *template =
	    template_parse(arena, text, names, &error);

	if (template == NULL)
		fuzz_claim(error.line_no > 0 && error.words[0] != '\0');
	else if (!str_has_char(text, '\x01'))
		judge_page(arena, template);
	judge_styles(text);
	arena_close(arena);
	return 0;
}
