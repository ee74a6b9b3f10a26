/* What happens around the verification of a password. */
#include "config.h"

#include <errno.h>
#include <time.h>

#include "app/verification.h"
#include "base/clock.h"
#include "base/log.h"

enum {
	FLOOR_PERCENT = 120,	  /* of the dearest form seen */
	FLOOR_SPARE_MS = 200,	  /* left of the deadline after the floor */
	REHASH_LEFT_MIN_MS = 1000 /* less, and the login itself comes first */
};

static const enum password_family families[] = {
	[CONF_FORMAT_BCRYPT] = PASSWORD_BCRYPT,
	[CONF_FORMAT_ARGON2] = PASSWORD_ARGON2,
	[CONF_FORMAT_YESCRYPT] = PASSWORD_YESCRYPT,
	[CONF_FORMAT_SCRYPT] = PASSWORD_SCRYPT,
	[CONF_FORMAT_SHA512_CRYPT] = PASSWORD_SHA512_CRYPT,
	[CONF_FORMAT_SHA256_CRYPT] = PASSWORD_SHA256_CRYPT,
	[CONF_FORMAT_WORDPRESS] = PASSWORD_WORDPRESS,
	[CONF_FORMAT_PHPBB] = PASSWORD_PHPBB,
	[CONF_FORMAT_DRUPAL] = PASSWORD_DRUPAL,
	[CONF_FORMAT_DJANGO] = PASSWORD_DJANGO,
	[CONF_FORMAT_MEDIAWIKI] = PASSWORD_MEDIAWIKI,
	[CONF_FORMAT_PBKDF2] = PASSWORD_PBKDF2,
	[CONF_FORMAT_WERKZEUG] = PASSWORD_WERKZEUG,
	[CONF_FORMAT_MAGENTO] = PASSWORD_MAGENTO,
	[CONF_FORMAT_MD5] = PASSWORD_MD5,
	[CONF_FORMAT_SHA1] = PASSWORD_SHA1,
	[CONF_FORMAT_SHA256] = PASSWORD_SHA256,
	[CONF_FORMAT_SHA512] = PASSWORD_SHA512,
	[CONF_FORMAT_MAGENTO_SHA256] = PASSWORD_MAGENTO_SHA256,
	[CONF_FORMAT_JOOMLA] = PASSWORD_JOOMLA,
	[CONF_FORMAT_MEDIAWIKI_MD5] = PASSWORD_MEDIAWIKI_MD5,
	[CONF_FORMAT_MYBB] = PASSWORD_MYBB,
	[CONF_FORMAT_OPENCART] = PASSWORD_OPENCART,
};

/* One verification on its way to the hash threads and back. */
struct job {
	const struct context *c;
	struct str password, stored;
	enum password_family family;
	struct verification *verification;
};

static bool
is_accepted(const struct conf *conf, enum password_family family)
{
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (families[i] == family)
			return conf->login_formats & 1u << i;
	return false;
}

/* Whoever does not exist, or has no form that is accepted, costs the same. */
static enum password_verdict
judge(const struct job *job)
{
	enum password_verdict verdict = PASSWORD_REFUSED;

	if (is_accepted(job->c->app->conf, job->family))
		verdict = password_verify(job->password, job->stored);
	if (verdict != PASSWORD_REFUSED)
		return verdict;
	password_spend(job->password);
	return PASSWORD_WRONG;
}

static int64_t
floor_us(const struct conf *conf)
{
	if (conf->login_floor_ms > 0)
		return conf->login_floor_ms * 1000;
	return password_dearest_us() * FLOOR_PERCENT / 100;
}

static void
sleep_until(int64_t until_us)
{
	int64_t left_us;

	while ((left_us = until_us - clock_us()) > 0) {
		const struct timespec pause = { .tv_sec = left_us / 1000000,
			.tv_nsec = left_us % 1000000 * 1000 };

		nanosleep(&pause, NULL);
	}
}

/* The deadline must leave time for the answer. */
void
verification_wait(
    const struct context *c, const struct verification *verification)
{
	int64_t until_us = verification->started_us + floor_us(c->app->conf);
	int64_t last_us = (c->call->deadline_ms - FLOOR_SPARE_MS) * 1000;

	sleep_until(until_us < last_us ? until_us : last_us);
}

static bool
wants_form(const struct job *job)
{
	const struct context *c = job->c;

	return job->verification->verdict == PASSWORD_RIGHT &&
	       c->app->conf->login_rehash && c->stores->users->has_set_hash &&
	       !password_is_strong(job->stored) &&
	       password_may_renew(job->password, job->stored) &&
	       clock_left_ms(c->call->deadline_ms) >= REHASH_LEFT_MIN_MS;
}

static void
run(void *arg)
{
	struct job *job = arg;
	struct verification *verification = job->verification;

	verification->started_us = clock_us();
	verification->verdict = judge(job);
	if (wants_form(job) && !password_new(job->password, verification->form))
		verification->form[0] = '\0'; /* too long for bcrypt */
}

static void
log_refusal(const struct job *job, const struct user *user)
{
	if (job->family == PASSWORD_FAMILIES)
		log_event(LOG_WARN, "password format refused",
		    log_str("user", user->id),
		    log_text("reason", "unknown, not whole, or too dear"),
		    log_text("format", password_unsupported(job->stored)),
		    LOG_END);
	else
		log_event(LOG_WARN, "password format refused",
		    log_str("user", user->id),
		    log_text("reason", "not in [login] formats"), LOG_END);
}

/* For the log only: no answer tells it. */
static const char *
reason_of_refusal(const struct job *job)
{
	if (!is_accepted(job->c->app->conf, job->family))
		return "format_unsupported";
	if (password_is_beyond_bcrypt(job->password, job->stored))
		return "bcrypt_72";
	return "password";
}

void
verification_run(const struct context *c, struct str password,
    const struct user *user, struct verification *verification)
{
	struct job job = {
		.c = c,
		.password = password,
		.stored = user->hash,
		.family = password_family_of(user->hash),
		.verification = verification,
	};

	*verification = (struct verification){ .verdict = PASSWORD_FAILED };
	c->app->hash_run(c->app->hash_pool, run, &job);
	verification->reason =
	    str_is_none(user->id) ? "unknown" : reason_of_refusal(&job);
	if (!str_is_none(user->id) && !is_accepted(c->app->conf, job.family))
		log_refusal(&job, user);
}

static const char *
reason_of(enum result result)
{
	switch (result) {
	case RESULT_MISS:
		return "the row was changed meanwhile";
	case RESULT_BAD:
		return "the column is too narrow";
	case RESULT_DENY:
		return "no privilege";
	case RESULT_DOWN:
		return "mysql unavailable";
	default:
		return "a defect";
	}
}

void
verification_keep(const struct context *c, const struct user *user,
    const struct verification *verification)
{
	struct str form = str_from(verification->form);
	enum result result;

	if (form.len == 0)
		return;
	result = users_set_hash(c->stores, c->call, user->id, user->hash, form);
	if (result == RESULT_OK)
		log_event(LOG_INFO, "password rehashed",
		    log_str("user", user->id), LOG_END);
	else
		log_event(LOG_WARN, "password not rehashed",
		    log_str("user", user->id),
		    log_text("reason", reason_of(result)), LOG_END);
}
