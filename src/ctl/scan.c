/* Walks over keys of one kind. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "ctl/scan.h"
#include "store/id.h"

enum { CURSOR_SIZE = 24, PATTERN_SIZE = 1024, PROGRESS_MS = 100 };

/* The number of keys so far, shown on a terminal. */
struct progress {
	bool is_shown;
	int64_t seen, next_ms;
};

static void
count_on(struct progress *progress, size_t count)
{
	progress->seen += (int64_t)count;
	if (!progress->is_shown || clock_ms() < progress->next_ms)
		return;
	progress->next_ms = clock_ms() + PROGRESS_MS;
	fprintf(stderr, "\r%" PRId64 " keys", progress->seen);
	fflush(stderr);
}

static void
end_progress(const struct progress *progress)
{
	if (progress->is_shown && progress->next_ms > 0)
		fputs("\r\033[K", stderr);
}

/* The pattern for a kind; special characters of the prefix are escaped. */
static struct str
match_of(struct ctl *ctl, const char *kind)
{
	struct buf pattern = buf_open(ctl->arena, PATTERN_SIZE);

	for (const char *c = ctl->conf->redis_key_prefix; *c != '\0'; c++) {
		if (strchr("*?[]\\^-", *c) != NULL)
			buf_add_char(&pattern, '\\');
		buf_add_char(&pattern, *c);
	}
	buf_add(&pattern, str_from(kind));
	buf_add_char(&pattern, '*');
	return buf_str(&pattern);
}

static enum result
next_batch(struct ctl *ctl, const char *kind, char cursor[CURSOR_SIZE],
    struct str **names, size_t *count)
{
	size_t skip = strlen(ctl->conf->redis_key_prefix) + strlen(kind);
	struct resp_value value;
	enum result result;

	link_add(ctl->link, STR("SCAN"), str_from(cursor), STR("MATCH"),
	    match_of(ctl, kind), STR("COUNT"), STR("1000"));
	result = link_exchange(ctl->link, &ctl->call, &value);
	if (result != RESULT_OK)
		return result;
	if (value.type != RESP_LIST || value.count != 2 ||
	    value.items[0].text.len >= CURSOR_SIZE)
		return link_odd_reply();
	memcpy(cursor, value.items[0].text.ptr, value.items[0].text.len);
	cursor[value.items[0].text.len] = '\0';
	*count = value.items[1].count;
	*names = arena_alloc(ctl->arena, (*count + 1) * sizeof((*names)[0]));
	for (size_t i = 0; i < *count; i++)
		(*names)[i] = str_from_byte(value.items[1].items[i].text, skip);
	return RESULT_OK;
}

enum result
scan_keys(struct ctl *ctl, const char *kind,
    enum result (*visit)(
	struct ctl *ctl, void *arg, const struct str *names, size_t count),
    void *arg)
{
	struct progress progress = { .is_shown = isatty(STDERR_FILENO) &&
						 !ctl->is_quiet };
	char cursor[CURSOR_SIZE] = "0";
	enum result result;

	do {
		struct str *names = NULL;
		size_t count = 0;

		ctl_begin_step(ctl);
		result = next_batch(ctl, kind, cursor, &names, &count);
		if (result == RESULT_OK && count > 0)
			result = visit(ctl, arg, names, count);
		count_on(&progress, count);
	} while (result == RESULT_OK && strcmp(cursor, "0") != 0);
	end_progress(&progress);
	return result;
}

struct str
scan_key(struct ctl *ctl, const char *kind, struct str name)
{
	struct buf key = buf_open(ctl->arena, PATTERN_SIZE + name.len);

	buf_add(&key, str_from(ctl->conf->redis_key_prefix));
	buf_add(&key, str_from(kind));
	buf_add(&key, name);
	return buf_str(&key);
}

struct str
scan_id(const struct ctl *ctl, struct str name)
{
	struct str id = STR_NONE;

	if (name.len > 2 && name.ptr[0] == '{' && name.ptr[name.len - 1] == '}')
		id = (struct str){ name.ptr + 1, name.len - 2 };
	return id_is_wellformed(ctl->conf->user_id_type, id) ? id : STR_NONE;
}
