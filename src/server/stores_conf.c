/* Converts the configuration to the options of the stores. */
#include "config.h"

#include "base/places.h"
#include "server/stores_conf.h"

struct breaker_options
stores_conf_redis(const struct conf *conf)
{
	return (struct breaker_options){
		.url = &conf->redis,
		.connect_ms = conf->effective.redis_connect_ms,
		.command_ms = conf->effective.redis_command_ms,
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
