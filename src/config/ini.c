/* The syntax of the configuration file. */
#include "config.h"

#include <string.h>

#include "config/ini.h"

static const char byte_order_mark[] = "\xef\xbb\xbf";

struct ini
ini_open(char *bytes, size_t len)
{
	struct ini ini = { .ptr = bytes, .end = bytes + len, .line_no = 1 };

	if (str_starts((struct str){ bytes, len }, STR(byte_order_mark)))
		ini.ptr += sizeof(byte_order_mark) - 1;
	return ini;
}

/* A trimmed line; it points into the bytes of the file. */
struct line {
	char *ptr;
	size_t len;
};

static struct str
line_str(const struct line *line)
{
	return (struct str){ line->ptr, line->len };
}

static void
line_trim(struct line *line)
{
	struct str trimmed = str_trim(line_str(line));

	line->ptr += trimmed.ptr - line->ptr;
	line->len = trimmed.len;
}

/*
 * Takes the next line, without its LF or CR LF, trimmed, and counts it.  *why:
 * NULL, or the error of the line.
 */
static struct line
take_line(struct ini *ini, const char **why)
{
	size_t left = (size_t)(ini->end - ini->ptr);
	char *newline = memchr(ini->ptr, '\n', left);
	struct line line = { ini->ptr,
		newline != NULL ? (size_t)(newline - ini->ptr) : left };

	ini->ptr += line.len + (newline != NULL ? 1 : 0);
	ini->line_no++;
	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	*why = NULL;
	if (line.len > INI_LINE_MAX)
		*why = "the line is too long";
	else if (str_has_char(line_str(&line), '\0'))
		*why = "the line holds a NUL";
	else if (!str_is_utf8(line_str(&line)))
		*why = "the line is not UTF-8";
	line_trim(&line);
	return line;
}

static bool
is_comment(const struct line *line)
{
	return line->len == 0 || line->ptr[0] == '#' || line->ptr[0] == ';';
}

static bool
is_continued(const struct line *line)
{
	return line->len > 0 && line->ptr[line->len - 1] == '\\';
}

/* Appends next to line in place, over the backslash and the newline. */
static void
append_line(struct line *line, const struct line *next)
{
	line->len--;
	line_trim(line);
	if (line->len > 0)
		line->ptr[line->len++] = ' ';
	memmove(line->ptr + line->len, next->ptr, next->len);
	line->len += next->len;
}

/*
 * Joins continued lines.  Takes all of them, even after an error.  Returns
 * NULL, or the first error.
 */
static const char *
join_lines(struct ini *ini, struct line *line)
{
	const char *first_why = NULL;
	bool goes_on = is_continued(line);

	while (goes_on) {
		const char *why;
		struct line next;

		if (ini->ptr == ini->end)
			return "the file ends where the line goes on";
		next = take_line(ini, &why);
		goes_on = is_continued(&next);
		if (why == NULL && line->len + next.len > INI_LINE_MAX)
			why = "the continued line is too long";
		if (first_why == NULL)
			first_why = why;
		if (first_why == NULL)
			append_line(line, &next);
	}
	return first_why;
}

static const char *
read_section(struct str line, struct ini_item *item)
{
	if (line.len < 2 || line.ptr[line.len - 1] != ']')
		return "a section stands alone on its line, as [name]";
	item->kind = INI_SECTION;
	item->name = str_trim((struct str){ line.ptr + 1, line.len - 2 });
	return NULL;
}

static const char *
read_key(struct str line, struct ini_item *item)
{
	struct str value = line;

	item->name = str_trim(str_cut(&value, '='));
	if (str_is_none(value))
		return "the line is no comment, no [section] and no "
		       "key = value";
	if (item->name.len == 0)
		return "there is no key before the =";
	value = str_trim(value);
	if (value.len > 0 && value.ptr[0] == '"') {
		if (value.len == 1 || value.ptr[value.len - 1] != '"')
			return "the value has a double quote at one end only";
		value = (struct str){ value.ptr + 1, value.len - 2 };
	}
	item->kind = INI_KEY;
	item->value = value;
	return NULL;
}

bool
ini_next(struct ini *ini, struct ini_item *item)
{
	while (ini->ptr < ini->end) {
		const char *why;
		struct line line;

		*item = (struct ini_item){ .kind = INI_WRONG,
			.line_no = ini->line_no };
		line = take_line(ini, &why);
		if (is_comment(&line)) {
			if (why == NULL)
				continue;
		} else if (line.ptr[0] == '[') {
			if (why == NULL)
				why = read_section(line_str(&line), item);
		} else {
			const char *joined_why = join_lines(ini, &line);

			if (why == NULL)
				why = joined_why;
			if (why == NULL)
				why = read_key(line_str(&line), item);
		}
		item->words = why;
		return true;
	}
	return false;
}
