/* Asks the stores whether they serve, and remembers the answer. */
#include "config.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/readiness.h"
#include "base/clock.h"

/* A report older than this is not returned, even while another worker asks. */
enum { OLD_MS = 5000 };

struct readiness {
	pthread_mutex_t lock; /* guards the fields below */
	bool is_asking;
	int64_t asked_ms; /* time of the report; INT64_MIN / 2: there is none */
	struct readiness_report report;
};

struct readiness *
readiness_open(void)
{
	struct readiness *readiness = calloc(1, sizeof(*readiness));

	if (readiness == NULL)
		return NULL;
	pthread_mutex_init(&readiness->lock, NULL);
	readiness->asked_ms = INT64_MIN / 2;
	return readiness;
}

void
readiness_close(struct readiness *readiness)
{
	if (readiness == NULL)
		return;
	pthread_mutex_destroy(&readiness->lock);
	free(readiness);
}

/*
 * Reads the last report.  False: it is too old, and the caller must ask the
 * stores.
 */
static bool
read_last(struct readiness *readiness, struct readiness_report *report)
{
	int64_t age_ms;
	bool is_read;

	pthread_mutex_lock(&readiness->lock);
	age_ms = clock_ms() - readiness->asked_ms;
	is_read = age_ms < READINESS_AGE_MS ||
		  (readiness->is_asking && age_ms < OLD_MS);
	if (is_read)
		*report = readiness->report;
	else
		readiness->is_asking = true;
	pthread_mutex_unlock(&readiness->lock);
	return is_read;
}

static void
keep_report(struct readiness *readiness, int64_t asked_ms,
    const struct readiness_report *report)
{
	pthread_mutex_lock(&readiness->lock);
	readiness->is_asking = false;
	if (report != NULL) {
		readiness->asked_ms = asked_ms;
		readiness->report = *report;
	}
	pthread_mutex_unlock(&readiness->lock);
}

static void
note(char text[READINESS_WHY_SIZE], enum result result, struct str why)
{
	if (result == RESULT_OK)
		text[0] = '\0';
	else
		snprintf(text, READINESS_WHY_SIZE, "%.*s", STR_ARG(why));
}

/*
 * Asks SQL first: if there is no free place for SQL, Redis has not been written
 * to yet.
 */
static enum result
ask_stores(const struct stores *stores, struct call *call,
    struct readiness_report *report)
{
	struct str why = STR("it does not answer");
	enum result result = user_table_ping(stores, call, &why);

	if (result == RESULT_FULL)
		return RESULT_FULL;
	note(report->mysql, result, why);
	why = STR("it does not answer");
	note(report->redis, sessions_ping(stores, call, &why), why);
	return RESULT_OK;
}

enum result
readiness_read(struct readiness *readiness, const struct stores *stores,
    struct call *call, struct readiness_report *report)
{
	int64_t now_ms = clock_ms();
	enum result result;

	if (read_last(readiness, report))
		return RESULT_OK;
	result = ask_stores(stores, call, report);
	keep_report(readiness, now_ms, result == RESULT_OK ? report : NULL);
	return result;
}
