/*
 * fcgi/listen: the text of --listen.  Its reader is the file's own, and a
 * test that opens sockets would be none of a parser: hence the source itself
 * is included.
 */
#include "config.h"

#include "fcgi/listen.c" /* NOLINT */
#include "fuzz.h"

static void
judge_text(const char *text, size_t size)
{
	fuzz_claim(memchr(text, '\0', size) != NULL);
	fuzz_claim(text[0] != '\0');
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = arena_open();
	const char *text = arena_cstr(arena, fuzz_str(bytes, len));
	struct wanted wanted;
	int64_t port;

	if (read_wanted(text, &wanted)) {
		fuzz_claim(wanted.mode <= 0777);
		fuzz_claim(memchr(wanted.site, '\0', sizeof(wanted.site)));
		if (wanted.is_unix) {
			judge_text(wanted.path, sizeof(wanted.path));
		} else {
			judge_text(wanted.host, sizeof(wanted.host));
			judge_text(wanted.port, sizeof(wanted.port));
			fuzz_claim(
			    str_to_int(str_from(wanted.port), 1, 65535, &port));
		}
	}
	arena_close(arena);
	return 0;
}
