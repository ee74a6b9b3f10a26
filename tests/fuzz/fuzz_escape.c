/*
 * Whatever is written for a reader elsewhere (a log, HTML, a header, a URL, a
 * terminal) is one piece there, and the reader gets the same bytes back.
 */
#include "config.h"

#include "base/buf.h"
#include "base/log.h"
#include "config/quote.h"
#include "config/value.h"
#include "fuzz.h"
#include "http/percent.h"
#include "http/reply.h"

enum { TEXT_MAX = 1024 * 1024, LINE_MAX_LEN = 2048, HEAD_LEN = 4 };

/* The value of the only key in a line, unescaped as log readers do. */
static struct str
log_value(struct arena *arena, struct str line)
{
	struct str value = str_from_byte(line, HEAD_LEN);
	char *out = arena_alloc(arena, value.len + 1);
	size_t len = 0;

	if (!str_starts(value, STR("\"")))
		return value;
	fuzz_claim(value.len >= 2 && value.ptr[value.len - 1] == '"');
	for (size_t i = 1; i + 1 < value.len; i++) {
		char hex[3] = "";

		fuzz_claim(value.ptr[i] != '"');
		if (value.ptr[i] == '\\' && value.ptr[i + 1] == 'x') {
			fuzz_claim(i + 4 < value.len);
			memcpy(hex, value.ptr + i + 2, 2);
			out[len++] = (char)strtol(hex, NULL, 16);
			i += 3;
			continue;
		}
		i += value.ptr[i] == '\\';
		out[len++] = value.ptr[i];
	}
	return (struct str){ out, len };
}

static void
judge_log(struct arena *arena, struct str text, size_t size)
{
	const struct log_field fields[] = { log_str("k", text), LOG_END };
	char *line = arena_alloc(arena, size);
	struct str written = { line, log_format(line, size, "w", fields) };

	fuzz_claim(written.len <= size);
	for (size_t i = 0; i < written.len; i++)
		fuzz_claim(line[i] >= ' ' && line[i] < 0x7f);
	if (written.len < size)
		fuzz_claim(str_eq(log_value(arena, written), text));
}

/* Entities back to what they stand for. */
static struct str
from_html(struct arena *arena, struct str html)
{
	static const struct row {
		const char *entity;
		char c;
	} rows[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' },
		{ "&quot;", '"' }, { "&#39;", '\'' } };
	char *out = arena_alloc(arena, html.len + 1);
	size_t len = 0;

	while (html.len > 0) {
		char c = html.ptr[0];
		size_t step = 1;

		fuzz_claim(c != '<' && c != '>' && c != '"' && c != '\'');
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			if (!str_starts(html, str_from(rows[i].entity)))
				continue;
			c = rows[i].c;
			step = strlen(rows[i].entity);
		}
		fuzz_claim(c != '&' || step > 1);
		out[len++] = c;
		html = str_from_byte(html, step);
	}
	return (struct str){ out, len };
}

static void
judge_bufs(struct arena *arena, struct str text)
{
	struct buf html = buf_open(arena, TEXT_MAX);
	struct buf percent = buf_open(arena, TEXT_MAX);
	struct buf small = buf_open(arena, text.len);

	buf_add_html(&html, text);
	fuzz_claim(str_eq(from_html(arena, buf_str(&html)), text));
	buf_add_percent(&percent, text);
	fuzz_claim(
	    str_eq(percent_decode(arena, buf_str(&percent), true), text));
	fuzz_claim(!str_has_char(buf_str(&percent), '&'));
	buf_add_json(&small, text);
	fuzz_claim(small.is_full && small.len <= text.len);
}

/* A header line stays one line, or is left out. */
static void
judge_header(struct arena *arena, struct str text)
{
	struct reply reply = reply_open(arena);
	struct str head, line;

	reply_header(&reply, "X-Test", text);
	head = buf_str(&reply.head);
	if (head.len == 0)
		return;
	line = str_cut(&head, '\r');
	fuzz_claim(str_eq(head, STR("\n")));
	fuzz_claim(!str_has_char(line, '\n') && !str_has_char(line, '\0'));
	fuzz_claim(str_eq(str_from_byte(line, sizeof("X-Test: ") - 1), text));
}

static void
judge_quoted(struct str text)
{
	char quoted[QUOTE_SIZE];
	struct str shown;

	quote_text(text, quoted);
	fuzz_claim(memchr(quoted, '\0', sizeof(quoted)) != NULL);
	shown = str_from(quoted);
	fuzz_claim(str_is_utf8(shown) && shown.len >= 2);
	for (size_t i = 0; i < shown.len; i++)
		fuzz_claim(
		    (unsigned char)quoted[i] >= ' ' && quoted[i] != 0x7f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = arena_open();
	struct str text = fuzz_copy(arena, fuzz_str(bytes, len));

	judge_log(arena, text, LINE_MAX_LEN);
	judge_log(arena, text, len % 40);
	judge_bufs(arena, text);
	judge_header(arena, text);
	judge_quoted(text);
	arena_close(arena);
	return 0;
}
