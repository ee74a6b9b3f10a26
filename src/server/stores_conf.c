/* Converts the configuration to the options of the stores. */
#include "config.h"

#include "base/places.h"
#include "server/stores_conf.h"

struct breaker_options
stores_conf_redis(const struct conf_all *all)
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

struct pool_options
stores_conf_mysql(const struct conf *conf, int sites)
{
	return (struct pool_options){
		.socket = conf->mysql.socket,
		.host = conf->mysql.host,
		.port = conf->mysql.port,
		.user = conf->mysql.user,
		.password = conf->mysql.password,
		.database = conf->mysql.database,
		.tls = {
			.mode = conf->effective.mysql_tls,
			.ca = conf->effective.mysql_tls_ca,
			.cert = conf->effective.mysql_tls_cert,
			.key = conf->effective.mysql_tls_key,
		},
		.connections = places_share(conf->mysql_connections, sites),
		.timeout_ms = conf->mysql_timeout_ms,
		.sql = {
			[POOL_USER_BY_LOGIN] = conf->mysql_user_by_login,
			[POOL_USER_BY_ID] = conf->mysql_user_by_id,
			[POOL_USER_STATE] = conf->mysql_user_state,
			[POOL_USER_UPDATE] = conf->mysql_user_update,
			[POOL_PASSWORD_UPDATE] = conf->mysql_password_update,
		},
		.site = conf->site,
	};
}
