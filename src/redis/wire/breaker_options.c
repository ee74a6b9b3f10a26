/* The options of the breaker, from the configuration. */
#include "config.h"

#include "redis/wire/breaker.h"

struct breaker_options
breaker_options_of(const struct conf_all *all)
{
	const struct conf *conf = &all->common;
	const char *user = conf->redis_sentinel_user;
	const char *password = conf->redis_sentinel_password;

	return (struct breaker_options){
		.url = &conf->redis,
		.connect_ms = conf->effective.redis_connect_ms,
		.command_ms = conf->effective.redis_command_ms,
		.takes_replica = conf->redis_role == CONF_REDIS_ROLE_ANY,
		.sentinel_user = user[0] != '\0' ? user : NULL,
		.sentinel_password = password[0] != '\0' ? password : NULL,
		.key_prefix = conf_at(all, 0)->redis_key_prefix,
		.tls = {
			.is_used = conf->redis.is_tls,
			.verify = conf->redis_tls_verify,
			.ca = conf->redis_tls_ca,
			.cert = conf->redis_tls_cert,
			.key = conf->redis_tls_key,
			.name = conf->redis_tls_name,
		},
	};
}
