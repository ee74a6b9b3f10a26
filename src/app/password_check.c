/* Checks passwords on the hash pool, with equal cost for all refusals. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "app/password_check.h"
#include "base/clock.h"
#include "base/counters.h"
#include "base/log.h"
#include "config/setting.h"

enum {
	FLOOR_PERCENT = 120,  /* percent of the time of the slowest hash */
	FLOOR_SPARE_MS = 200, /* between the floor and the deadline, at least */
	REHASH_LEFT_MIN_MS = 1000 /* with less left, do not rehash */
};

/*
 * One task of the hash pool.  It has copies of its inputs, because a task that
 * takes too long outlives its request.
 */
struct job {
	struct password_check result;
	bool is_accepted;     /* [login] formats allows the stored hash */
	int64_t rehash_by_ms; /* clock_ms; 0: do not rehash */
	struct str password, stored;
	size_t size;
	char bytes[]; /* the bytes of password and stored */
};

static size_t
count_characters(struct str text)
{
	size_t count = 0, len;

	for (; (len = str_utf8_head(text)) > 0; count++)
		text = str_from_byte(text, len);
	return count;
}

bool
password_check_is_fit(const struct conf *conf, struct str password)
{
	return count_characters(password) >= (size_t)conf->login_password_min &&
	       password.len <= PASSWORD_NEW_MAX &&
	       !str_has_char(password, '\0');
}

enum result
password_check_wanted(struct context *c, struct str wanted)
{
	if (!password_check_is_fit(c->app->conf, wanted))
		return context_refuse(c, RESULT_BAD, ANSWER_PASSWORD_UNFIT);
	if (denied_file_has(&c->app->conf->denied, wanted))
		return context_refuse(c, RESULT_BAD, ANSWER_PASSWORD_DENIED);
	return RESULT_OK;
}

static bool
has_word(enum password_family family)
{
	return family > PASSWORD_NO_FAMILY && family < PASSWORD_FAMILIES;
}

const char *
password_check_word(enum password_family family)
{
	return has_word(family)
		   ? setting_table[CONF_OPTION_login_formats].words[family - 1]
		   : NULL;
}

bool
password_check_accepts(const struct conf *conf, enum password_family family)
{
	return has_word(family) && conf->login_formats & 1u << (family - 1);
}

static void
job_discard(void *arg)
{
	struct job *job = arg;

	explicit_bzero(job, sizeof(*job) + job->size);
	free(job);
}

static struct str
job_keep(struct job *job, struct str text)
{
	char *at = job->bytes + job->size;

	if (str_is_none(text))
		return STR_NONE;
	memcpy(at, text.ptr, text.len);
	job->size += text.len;
	return (struct str){ at, text.len };
}

/* Returns a new job; NULL: no memory.  stored may be STR_NONE. */
static struct job *
job_new(struct str password, struct str stored)
{
	struct job *job = calloc(1, sizeof(*job) + password.len + stored.len);

	if (job == NULL)
		return NULL;
	job->password = job_keep(job, password);
	job->stored = job_keep(job, stored);
	job->result.verdict = PASSWORD_FAILED;
	return job;
}

/*
 * Runs the job on the hash pool.  True: it is done, and the caller owns it.
 * False: it was not done in time, and the pool frees it.
 */
static bool
job_run(const struct context *c, struct job *job, void (*work)(void *))
{
	const struct conf *conf = c->app->conf;
	int64_t done_by_ms = c->call->deadline_ms;
	int64_t start_by_ms =
	    done_by_ms - conf->server_deadline_ms + conf->login_hash_timeout_ms;

	return c->app->hash_run(c->app->hash_pool, c->call->claims,
	    &(struct hash_job){ .work = work,
		.discard = job_discard,
		.arg = job,
		.site = place_site(c->call->claims),
		.start_by_ms =
		    start_by_ms < done_by_ms ? start_by_ms : done_by_ms,
		.done_by_ms = done_by_ms });
}

static enum password_verdict
verify_measured(struct str password, struct str stored)
{
	int64_t begun_us = clock_us();
	enum password_verdict verdict = password_verify(password, stored);

	counter_observe_hash((enum counter_family)password_family_of(stored),
	    clock_us() - begun_us);
	return verdict;
}

/*
 * A wrong password costs as much as the slowest hash seen, whatever the reason.
 */
static enum password_verdict
judge_password(const struct job *job)
{
	struct str stored = job->is_accepted ? job->stored : STR_NONE;
	enum password_verdict verdict = PASSWORD_REFUSED;

	if (!str_is_none(stored))
		verdict = verify_measured(job->password, stored);
	if (verdict == PASSWORD_REFUSED)
		stored = STR_NONE;
	if (verdict == PASSWORD_REFUSED || verdict == PASSWORD_WRONG) {
		password_spend(job->password, stored);
		verdict = PASSWORD_WRONG;
	}
	return verdict;
}

static int64_t
floor_us(const struct conf *conf, struct str password)
{
	if (conf->login_floor_ms > 0)
		return conf->login_floor_ms * 1000;
	return password_slowest_us(password) * FLOOR_PERCENT / 100;
}

/* Spends the cost that a wrong password would have had in addition. */
static void
spend_rest(void *arg)
{
	const struct job *job = arg;

	password_spend(job->password, job->stored);
}

/* The answer is not held back so long that it misses the deadline. */
void
password_check_hold(struct context *c, struct str password,
    const struct user *user, const struct password_check *password_check)
{
	int64_t until_us =
	    password_check->started_us + floor_us(c->app->conf, password);
	int64_t until_ms = (until_us + 999) / 1000;
	int64_t last_ms = c->call->deadline_ms - FLOOR_SPARE_MS;
	struct job *job;

	if (password_check->verdict == PASSWORD_RIGHT) {
		job = job_new(password, user->hash);
		if (job != NULL && job_run(c, job, spend_rest))
			job_discard(job);
	}
	c->not_before_ms = until_ms < last_ms ? until_ms : last_ms;
}

static bool
wants_new_hash(const struct job *job)
{
	return job->result.verdict == PASSWORD_RIGHT &&
	       !password_is_strong(job->stored) &&
	       password_may_renew(job->password, job->stored) &&
	       job->rehash_by_ms >= clock_ms();
}

static void
verify_on_pool(void *arg)
{
	struct job *job = arg;

	job->result.started_us = clock_us();
	job->result.verdict = judge_password(job);
	if (wants_new_hash(job) &&
	    !password_new(job->password, job->result.new_hash))
		/* the password is longer than bcrypt takes */
		job->result.new_hash[0] = '\0';
}

static void
log_refusal(const struct user *user, enum password_family family)
{
	if (family == PASSWORD_FAMILIES)
		log_event(LOG_WARN, "password format refused",
		    log_str("user", user->id),
		    log_text("reason", "unknown, not whole, or too dear"),
		    log_text("format", password_unsupported(user->hash)),
		    LOG_END);
	else
		log_event(LOG_WARN, "password format refused",
		    log_str("user", user->id),
		    log_text("reason", "not in [login] formats"), LOG_END);
}

/* Returns the reason for the log; no answer contains it. */
static const char *
reason_of_refusal(const struct user *user, struct str password, bool is_usable)
{
	if (str_is_none(user->id))
		return "unknown";
	if (!is_usable)
		return "format_unsupported";
	if (password_is_beyond_bcrypt(password, user->hash))
		return "bcrypt_72";
	return "password";
}

static int64_t
rehash_by_ms(const struct context *c)
{
	if (!c->app->conf->login_rehash || !c->stores->user_table->has_set_hash)
		return 0;
	return c->call->deadline_ms - REHASH_LEFT_MIN_MS;
}

enum result
password_check_run(const struct context *c, struct str password,
    const struct user *user, struct password_check *password_check)
{
	enum password_family family = password_family_of(user->hash);
	bool is_usable = password_check_accepts(c->app->conf, family);
	struct job *job = job_new(password, user->hash);

	*password_check = (struct password_check){ .verdict = PASSWORD_FAILED };
	if (job == NULL)
		return RESULT_FAULT;
	job->is_accepted = is_usable;
	job->rehash_by_ms = rehash_by_ms(c);
	if (!job_run(c, job, verify_on_pool))
		return RESULT_FULL;
	*password_check = job->result;
	job_discard(job);
	password_check->reason = reason_of_refusal(user, password, is_usable);
	if (!str_is_none(user->id) && !is_usable)
		log_refusal(user, family);
	return password_check->verdict == PASSWORD_FAILED ? RESULT_FAULT
							  : RESULT_OK;
}

static void
make_hash(void *arg)
{
	struct job *job = arg;

	if (!password_new(job->password, job->result.new_hash))
		job->result.new_hash[0] = '\0';
}

enum result
password_check_new_hash(const struct context *c, struct str password,
    char new_hash[PASSWORD_NEW_SIZE])
{
	struct job *job = job_new(password, STR_NONE);

	new_hash[0] = '\0';
	if (job == NULL)
		return RESULT_FAULT;
	if (!job_run(c, job, make_hash))
		return RESULT_FULL;
	memcpy(new_hash, job->result.new_hash, PASSWORD_NEW_SIZE);
	job_discard(job);
	return new_hash[0] != '\0' ? RESULT_OK : RESULT_FAULT;
}

static const char *
reason_of(enum result result)
{
	switch (result) {
	case RESULT_MISS:
		return "the row was changed meanwhile";
	case RESULT_BAD:
		return "the column is too narrow";
	case RESULT_REFUSED:
		return "no privilege";
	case RESULT_REDIS_DOWN:
		return "redis unavailable";
	case RESULT_MYSQL_DOWN:
		return "mysql unavailable";
	case RESULT_FULL:
		return "mysql busy";
	default:
		return "a defect";
	}
}

enum result
password_check_update_failed(enum log_level level, const char *event,
    struct str user_id, enum result result)
{
	if (result != RESULT_BAD && result != RESULT_REFUSED)
		return result;
	log_event(level, event, log_str("user", user_id),
	    log_text("reason", reason_of(result)), LOG_END);
	return result == RESULT_BAD ? RESULT_FAULT : RESULT_MYSQL_DOWN;
}

void
password_check_keep(const struct context *c, const struct user *user,
    const struct password_check *password_check)
{
	struct str new_hash = str_from(password_check->new_hash);
	enum result result;

	if (new_hash.len == 0)
		return;
	result = user_table_set_hash(
	    c->stores, c->call, user->id, user->hash, new_hash);
	if (result == RESULT_OK)
		log_event(LOG_INFO, "password rehashed",
		    log_str("user", user->id), LOG_END);
	else
		log_event(LOG_WARN, "password not rehashed",
		    log_str("user", user->id),
		    log_text("reason", reason_of(result)), LOG_END);
}
