/* The lines of the log about the state of Redis. */
#include "config.h"

#include "redis/wire/breaker_log.h"

/*
 * Writes one line.  It has the current address, unless the server is a path.
 * If tls is not NULL, it has the protocol and the end of the certificate.
 */
static void
log_line(struct breaker *breaker, enum log_level level, const char *words,
    const char *reason, struct tls *tls)
{
	const struct redis_url *url = breaker_options(breaker)->url;
	const char *site = log_set_site(NULL); /* it concerns all sites */
	unsigned int epoch;
	const struct server_address address = breaker_address(breaker, &epoch);
	char text[SERVER_ADDRESS_TEXT_MAX], expires[TLS_DATE_SIZE];
	struct log_field fields[6] = { log_text(
	    "server", url_redis_name(url)) };
	int count = 1;

	server_address_text(&address, text);
	if (!url->is_unix && text[0] != '\0')
		fields[count++] = log_text("address", text);
	fields[count++] = log_text("reason", reason);
	if (tls != NULL) {
		tls_expires(tls, expires);
		fields[count++] = log_text("tls", tls_protocol(tls));
		fields[count++] = log_text("expires", expires);
	}
	fields[count] = LOG_END;
	log_fields(level, words, fields);
	log_set_site(site);
}

void
breaker_log(struct breaker *breaker, enum log_level level, const char *words,
    const char *reason)
{
	log_line(breaker, level, words, reason, NULL);
}

void
breaker_log_ready(struct breaker *breaker)
{
	log_line(breaker, LOG_INFO, "redis ready", "it answers",
	    breaker_tls(breaker));
}
