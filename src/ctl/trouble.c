/* Keeps the last error of each store. */
#include "config.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "ctl/trouble.h"

static struct {
	pthread_mutex_t lock;
	char reasons[TROUBLES][TROUBLE_SIZE];
	char commands[TROUBLES][TROUBLE_SIZE];
} kept = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void
keep(char text[TROUBLE_SIZE], struct str value)
{
	size_t len =
	    value.len < TROUBLE_SIZE - 1 ? value.len : TROUBLE_SIZE - 1;

	/* cppcheck-suppress knownConditionTrueFalse ; a value has a length */
	for (size_t i = 0; i < len; i++)
		text[i] = value.ptr[i] >= 0x20 && value.ptr[i] < 0x7f
			      ? value.ptr[i]
			      : '?';
	text[len] = '\0';
}

/* Keeps a warning or error of a store, whose words begin with its name. */
static void
keep_event(
    enum log_level level, const char *words, const struct log_field *fields)
{
	bool is_mysql = strncmp(words, "mysql", 5) == 0;
	enum trouble_of which = is_mysql ? TROUBLE_MYSQL : TROUBLE_REDIS;

	if (level == LOG_INFO || (!is_mysql && strncmp(words, "redis", 5) != 0))
		return;
	pthread_mutex_lock(&kept.lock);
	kept.commands[which][0] = '\0';
	for (; fields->key != NULL; fields++) {
		if (strcmp(fields->key, "reason") == 0)
			keep(kept.reasons[which], fields->text);
		if (strcmp(fields->key, "command") == 0)
			keep(kept.commands[which], fields->text);
	}
	/* the pool opens its breaker at a statement that cannot be prepared */
	if (strcmp(words, "mysql lost") == 0 &&
	    strncmp(kept.reasons[which], "user_", 5) == 0)
		keep(kept.commands[which], STR("prepare"));
	pthread_mutex_unlock(&kept.lock);
}

void
trouble_begin(void)
{
	log_set_sink(keep_event);
}

void
trouble_read(enum trouble_of which, char reason[TROUBLE_SIZE],
    char command[TROUBLE_SIZE])
{
	pthread_mutex_lock(&kept.lock);
	if (reason != NULL)
		memcpy(reason, kept.reasons[which], TROUBLE_SIZE);
	if (command != NULL)
		memcpy(command, kept.commands[which], TROUBLE_SIZE);
	pthread_mutex_unlock(&kept.lock);
}

void
trouble_set(enum trouble_of which, const char *reason)
{
	pthread_mutex_lock(&kept.lock);
	keep(kept.reasons[which], str_from(reason));
	kept.commands[which][0] = '\0';
	pthread_mutex_unlock(&kept.lock);
}
