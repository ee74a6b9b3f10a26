/*
 * redis/resp: replies are read to the same values however they come in, and a
 * command of ours is read back.
 */
#include "config.h"

#include "fuzz.h"
#include "redis/wire/resp.h"

enum { DEPTH_MAX = 16 };

static uint64_t
note(uint64_t sum, const struct resp_value *value, int depth)
{
	fuzz_claim(depth < DEPTH_MAX);
	sum = fuzz_sum(sum, &value->type, sizeof(value->type));
	switch (value->type) {
	case RESP_TEXT:
	case RESP_ERROR:
		fuzz_claim(!str_is_none(value->text));
		return fuzz_sum(sum, value->text.ptr, value->text.len);
	case RESP_INT:
		return fuzz_sum(sum, &value->number, sizeof(value->number));
	case RESP_LIST:
		fuzz_claim(value->count <= RESP_ITEMS_MAX);
		for (size_t i = 0; i < value->count; i++)
			sum = note(sum, &value->items[i], depth + 1);
		return sum;
	case RESP_NIL:
		return sum;
	}
	fuzz_broken("a type of enum resp_type", __FILE__, __LINE__);
}

/* All values there are; false once the reader has given up. */
static bool
read_values(struct resp *resp, struct arena *arena, uint64_t *sum)
{
	struct resp_value value;
	enum resp_verdict verdict;

	while ((verdict = resp_next(resp, arena, &value)) == RESP_VALUE)
		*sum = note(*sum, &value, 0);
	return verdict == RESP_MORE;
}

static uint64_t
read_replies(const char *bytes, size_t len, uint32_t seed)
{
	struct arena *arena = arena_open();
	struct resp *resp = resp_open();
	bool goes_on = true;
	uint64_t sum = 1;
	size_t at = 0;

	fuzz_claim(resp != NULL);
	while (goes_on && at < len) {
		size_t piece = fuzz_piece(&seed, len - at);

		fuzz_claim(resp_feed(resp, bytes + at, piece));
		at += piece;
		goes_on = read_values(resp, arena, &sum);
	}
	goes_on = goes_on && !resp_has_rest(resp);
	resp_close(resp);
	arena_close(arena);
	return fuzz_sum(sum, &goes_on, sizeof(goes_on));
}

/* Lines of the input as arguments. */
static void
judge_command(struct str text)
{
	struct arena *arena = arena_open();
	struct resp *resp = resp_open();
	struct str args[RESP_ARGS_MAX];
	struct resp_value value;
	size_t count = 0, len;
	char *command;

	while (count < RESP_ARGS_MAX && !str_is_none(text))
		args[count++] = fuzz_copy(arena, str_cut(&text, '\n'));
	command = arena_alloc(arena, resp_command_size_max(args, count));
	len = resp_command(command, args, count);
	fuzz_claim(len <= resp_command_size_max(args, count) && resp != NULL);
	fuzz_claim(resp_feed(resp, command, len));
	fuzz_claim(resp_next(resp, arena, &value) == RESP_VALUE);
	fuzz_claim(value.type == RESP_LIST && value.count == count);
	for (size_t i = 0; i < count; i++)
		fuzz_claim(str_eq(value.items[i].text, args[i]));
	fuzz_claim(!resp_has_rest(resp));
	fuzz_claim(resp_next(resp, arena, &value) == RESP_MORE);
	resp_close(resp);
	arena_close(arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const char *text = (const char *)bytes;
	uint32_t seed = (uint32_t)fuzz_sum(1, bytes, len) | 1;

	fuzz_claim(read_replies(text, len, 0) == read_replies(text, len, seed));
	if (len > 0)
		judge_command(fuzz_str(bytes, len));
	return 0;
}
