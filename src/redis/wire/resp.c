/*
 * The only user of hiredis: its reader with our object functions, which build
 * the values directly in the arena.  They also reject lists that are too long,
 * since the reader would allocate any length that the server announces.
 *
 * Commands are encoded by our own code.  hiredis' formatter allocates each
 * command and prints each length by sprintf, which took 5,000 instructions a
 * command.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hiredis.h>

#include "redis/wire/bulk_bound.h"
#include "redis/wire/resp.h"

/* hiredis 1.0 widened the length of a list, and reads types of RESP3. */
#if HIREDIS_MAJOR >= 1
typedef size_t reader_count;
#else
typedef int reader_count;
#endif

#define LINE_END STR("\r\n")

enum {
	DIGITS_MAX = 20,
	HEAD_MAX = 1 + DIGITS_MAX + 2 /* a mark, a number and the line's end */
};

struct resp {
	redisReader *reader;
	struct bulk_bound bound;
	size_t rest; /* bytes that no value has consumed */
};

size_t
resp_command_size_max(const struct str *args, size_t count)
{
	size_t size = HEAD_MAX;

	for (size_t i = 0; i < count; i++)
		size += HEAD_MAX + args[i].len + LINE_END.len;
	return size;
}

static char *
put_bytes(char *at, struct str bytes)
{
	if (bytes.len > 0)
		memcpy(at, bytes.ptr, bytes.len);
	return at + bytes.len;
}

static char *
put_number(char *at, char mark, size_t number)
{
	char digits[DIGITS_MAX];
	size_t first = DIGITS_MAX;

	do
		digits[--first] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	*at = mark;
	at = put_bytes(
	    at + 1, (struct str){ digits + first, DIGITS_MAX - first });
	return put_bytes(at, LINE_END);
}

size_t
resp_command(char *at, const struct str *args, size_t count)
{
	const char *begin = at;

	at = put_number(at, '*', count);
	for (size_t i = 0; i < count; i++) {
		at = put_number(at, '$', args[i].len);
		at = put_bytes(put_bytes(at, args[i]), LINE_END);
	}
	return (size_t)(at - begin);
}

/* The memory for a task's value: its slot in the parent list, or its own. */
static struct resp_value *
memory_for(const redisReadTask *task)
{
	struct arena *arena = task->privdata;

	if (task->parent != NULL) {
		struct resp_value *list = task->parent->obj;

		return &list->items[task->idx];
	}
	return arena_alloc(arena, sizeof(struct resp_value));
}

static void *
create_text(const redisReadTask *task, char *text, size_t len)
{
	struct resp_value *value = memory_for(task);

	value->type = task->type == REDIS_REPLY_ERROR ? RESP_ERROR : RESP_TEXT;
	value->text = arena_dup(task->privdata, (struct str){ text, len });
	return value;
}

static void *
create_list(const redisReadTask *task, reader_count count)
{
	struct resp_value *value;

	if (count > RESP_ITEMS_MAX)
		return NULL;
	value = memory_for(task);
	value->type = RESP_LIST;
	value->count = (size_t)count;
	value->items =
	    arena_alloc(task->privdata, value->count * sizeof(*value->items));
	return value;
}

static void *
create_int(const redisReadTask *task, long long number)
{
	struct resp_value *value = memory_for(task);

	value->type = RESP_INT;
	value->number = number;
	return value;
}

static void *
create_nil(const redisReadTask *task)
{
	struct resp_value *value = memory_for(task);

	value->type = RESP_NIL;
	return value;
}

#if HIREDIS_MAJOR >= 1
/* RESP3 was not negotiated: NULL makes the reader fail. */
static void *
refuse_double(const redisReadTask *task, double number, char *text, size_t len)
{
	(void)task, (void)number, (void)text, (void)len;
	return NULL;
}

static void *
refuse_bool(const redisReadTask *task, int claim)
{
	(void)task, (void)claim;
	return NULL;
}
#endif

/* Frees nothing: the arena owns all values. */
static void
free_nothing(void *object)
{
	(void)object;
}

/* Not const: hiredis takes a non-const pointer, and never writes to it. */
static redisReplyObjectFunctions functions = {
	.createString = create_text,
	.createArray = create_list,
	.createInteger = create_int,
	.createNil = create_nil,
#if HIREDIS_MAJOR >= 1
	.createDouble = refuse_double,
	.createBool = refuse_bool,
#endif
	.freeObject = free_nothing,
};

struct resp *
resp_open(void)
{
	struct resp *resp = calloc(1, sizeof(*resp));

	if (resp == NULL)
		return NULL;
	resp->bound.space = RESP_SPACE;
	resp->reader = redisReaderCreateWithFunctions(&functions);
	if (resp->reader != NULL)
		return resp;
	free(resp);
	return NULL;
}

void
resp_close(struct resp *resp)
{
	if (resp == NULL)
		return;
	redisReaderFree(resp->reader);
	free(resp);
}

static bool
feed(struct resp *resp, struct str piece)
{
	resp->rest += piece.len;
	return piece.len == 0 ||
	       redisReaderFeed(resp->reader, piece.ptr, piece.len) == REDIS_OK;
}

/* Adjacent pieces are fed as one: hiredis may allocate for each. */
bool
resp_feed(struct resp *resp, const char *bytes, size_t len)
{
	struct str in = { bytes, len }, run = { bytes, 0 };

	while (in.len > 0) {
		struct str piece = bulk_bound_take(&resp->bound, &in);

		if (piece.ptr == run.ptr + run.len) {
			run.len += piece.len;
			continue;
		}
		if (!feed(resp, run) || !feed(resp, piece))
			return false;
		run = (struct str){ in.ptr, 0 };
	}
	return feed(resp, run);
}

void
resp_set_space(struct resp *resp, size_t space)
{
	resp->bound.space = space;
}

int64_t
resp_skipping(const struct resp *resp)
{
	return resp->bound.state == BULK_IN_SKIP ? resp->bound.left : 0;
}

bool
resp_has_rest(const struct resp *resp)
{
	return resp->rest > 0 || resp->bound.state != BULK_AT_TYPE;
}

enum resp_verdict
resp_next(struct resp *resp, struct arena *arena, struct resp_value *value)
{
	void *reply = NULL;

	resp->reader->privdata = arena;
	if (resp->bound.is_over ||
	    redisReaderGetReply(resp->reader, &reply) != REDIS_OK)
		return RESP_BAD;
	if (reply == NULL)
		return RESP_MORE;
	resp->rest = resp->reader->len - resp->reader->pos;
	*value = *(struct resp_value *)reply;
	return RESP_VALUE;
}

/* Parses the number after the mark ('*' or '$') at the start of *text. */
static bool
take_number(struct str *text, char mark, int64_t *number)
{
	struct str line = str_cut(text, '\r');

	if (str_is_none(*text) || line.len < 2 || line.ptr[0] != mark)
		return false;
	*text = str_from_byte(*text, 1); /* skip the line feed */
	return str_to_int(str_from_byte(line, 1), 0, INT32_MAX, number);
}

static bool
take_arg(struct str *text, struct str *arg)
{
	int64_t len;

	if (!take_number(text, '$', &len) || text->len < (size_t)len + 2)
		return false;
	*arg = (struct str){ text->ptr, (size_t)len };
	*text = str_from_byte(*text, (size_t)len + 2);
	return true;
}

/*
 * Takes the next command from *commands, and sets args to its first two
 * arguments.
 */
static bool
take_command(struct str *commands, struct str args[2])
{
	struct str arg;
	int64_t count;

	args[0] = STR("");
	args[1] = STR("");
	if (!take_number(commands, '*', &count))
		return false;
	for (int64_t i = 0; i < count; i++) {
		if (!take_arg(commands, &arg))
			return false;
		if (i < 2)
			args[i] = arg;
	}
	return true;
}

void
resp_describe(struct str commands, int index, char *words, size_t size)
{
	struct str args[2] = { STR_NONE, STR_NONE }, key;

	words[0] = '\0';
	for (int i = 0; i <= index; i++)
		if (!take_command(&commands, args))
			return;
	key = args[1];
	while (key.len > 0 && key.ptr[key.len - 1] != ':')
		key.len--;
	snprintf(words, size, "%.*s%s%.*s", STR_ARG(args[0]),
	    key.len > 0 ? " " : "", STR_ARG(key));
}
