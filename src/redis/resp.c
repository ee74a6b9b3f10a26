/*
 * The only user of hiredis: its formatter, and its reader with object
 * functions of ours, which build values straight in the arena.  They also
 * bound what the reader does not: it would reserve whatever length of a list
 * the server names.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <hiredis.h>

#include "redis/resp.h"

/* hiredis 1.0 widened the length of a list, and reads types of RESP3. */
#if HIREDIS_MAJOR >= 1
typedef size_t reader_count;
#else
typedef int reader_count;
#endif

struct resp {
	redisReader *reader;
	size_t rest; /* bytes beyond the values that were read */
};

char *
resp_command(const struct str *args, size_t count, size_t *len)
{
	const char *argv[RESP_ARGS_MAX];
	size_t lens[RESP_ARGS_MAX];
	char *command = NULL;
	long long formatted;

	if (count > RESP_ARGS_MAX)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		argv[i] = args[i].ptr;
		lens[i] = args[i].len;
	}
	formatted = redisFormatCommandArgv(&command, (int)count, argv, lens);
	if (formatted < 0)
		return NULL;
	*len = (size_t)formatted;
	return command;
}

void
resp_command_free(char *command, size_t len)
{
	explicit_bzero(command, len);
	redisFreeCommand(command);
}

/* Where the object of a task goes: its list, or a place of its own. */
static struct resp_value *
place_of(const redisReadTask *task)
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
	struct resp_value *value = place_of(task);

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
	value = place_of(task);
	value->type = RESP_LIST;
	value->count = (size_t)count;
	value->items =
	    arena_alloc(task->privdata, value->count * sizeof(*value->items));
	return value;
}

static void *
create_int(const redisReadTask *task, long long number)
{
	struct resp_value *value = place_of(task);

	value->type = RESP_INT;
	value->number = number;
	return value;
}

static void *
create_nil(const redisReadTask *task)
{
	struct resp_value *value = place_of(task);

	value->type = RESP_NIL;
	return value;
}

#if HIREDIS_MAJOR >= 1
/* Nobody asked for RESP3: NULL ends the conversation. */
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

/* The arena owns everything. */
static void
free_nothing(void *object)
{
	(void)object;
}

/* Not const: hiredis takes it so, and never writes to it. */
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

bool
resp_feed(struct resp *resp, const char *bytes, size_t len)
{
	resp->rest += len;
	return redisReaderFeed(resp->reader, bytes, len) == REDIS_OK;
}

bool
resp_has_rest(const struct resp *resp)
{
	return resp->rest > 0;
}

enum resp_verdict
resp_next(struct resp *resp, struct arena *arena, struct resp_value *value)
{
	void *reply = NULL;

	resp->reader->privdata = arena;
	if (redisReaderGetReply(resp->reader, &reply) != REDIS_OK)
		return RESP_BAD;
	if (reply == NULL)
		return RESP_MORE;
	resp->rest = resp->reader->len - resp->reader->pos;
	*value = *(struct resp_value *)reply;
	return RESP_VALUE;
}
