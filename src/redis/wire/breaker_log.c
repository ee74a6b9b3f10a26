/* The lines of the log about the state of Redis. */
#include "config.h"

#include "redis/wire/breaker_log.h"

/* The line has the current address, unless the server is a path. */
void
breaker_log(struct breaker *breaker, enum log_level level, const char *words,
    const char *reason)
{
	const struct redis_url *url = breaker_options(breaker)->url;
	const char *site = log_set_site(NULL); /* no single site's event */
	unsigned int epoch;
	const struct where where = breaker_where(breaker, &epoch);
	char address[WHERE_TEXT_MAX];

	where_text(&where, address);
	if (url->is_unix || address[0] == '\0')
		log_event(level, words, log_text("server", url_redis_name(url)),
		    log_text("reason", reason), LOG_END);
	else
		log_event(level, words, log_text("server", url_redis_name(url)),
		    log_text("address", address), log_text("reason", reason),
		    LOG_END);
	log_set_site(site);
}

/* Over TLS the line has the protocol and the end of the certificate. */
static void
log_ready_tls(struct breaker *breaker)
{
	const struct redis_url *url = breaker_options(breaker)->url;
	const char *site = log_set_site(NULL);
	unsigned int epoch;
	const struct where where = breaker_where(breaker, &epoch);
	char address[WHERE_TEXT_MAX], expires[TLS_DATE_SIZE];

	where_text(&where, address);
	tls_expires(breaker_tls(breaker), expires);
	log_event(LOG_INFO, "redis ready",
	    log_text("server", url_redis_name(url)),
	    log_text("address", address), log_text("reason", "it answers"),
	    log_text("tls", tls_protocol(breaker_tls(breaker))),
	    log_text("expires", expires), LOG_END);
	log_set_site(site);
}

void
breaker_log_ready(struct breaker *breaker)
{
	if (breaker_tls(breaker) != NULL)
		log_ready_tls(breaker);
	else
		breaker_log(breaker, LOG_INFO, "redis ready", "it answers");
}
