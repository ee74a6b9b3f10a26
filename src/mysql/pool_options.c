/* The options of a pool, from the configuration. */
#include "config.h"

#include <stdio.h>

#include "base/places.h"
#include "mysql/pool_options.h"

void
pool_server_name(
    const struct pool_options *options, int server, char name[POOL_NAME_SIZE])
{
	const struct pool_server *one = &options->servers[server];

	if (one->socket != NULL && one->socket[0] != '\0')
		snprintf(name, POOL_NAME_SIZE, "%s", one->socket);
	else
		snprintf(name, POOL_NAME_SIZE, "%s:%d",
		    one->host != NULL ? one->host : "", one->port);
}

static struct pool_server
server_of(const struct conf_database *database)
{
	return (struct pool_server){
		.socket = database->url.socket,
		.host = database->url.host,
		.port = database->url.port,
		.password = database->url.password,
		.tls = { .mode = database->tls,
		    .ca = database->tls_ca,
		    .cert = database->tls_cert,
		    .key = database->tls_key },
	};
}

struct pool_options
pool_options_of(const struct conf *conf, int sites)
{
	struct pool_options options = {
		.server_count = conf->database_count,
		.user = conf->databases[0].url.user,
		.database = conf->databases[0].url.database,
		.connections = places_share(conf->mysql_connections, sites),
		.timeout_ms = conf->mysql_timeout_ms,
		.sql = {
			[POOL_USER_BY_LOGIN] = conf->mysql_user_by_login,
			[POOL_USER_BY_ID] = conf->mysql_user_by_id,
			[POOL_USER_STATE] = conf->mysql_user_state,
			[POOL_USER_UPDATE] = conf->mysql_user_update,
			[POOL_PASSWORD_UPDATE] = conf->mysql_password_update,
			[POOL_TOTP_UPDATE] = conf->mysql_totp_update,
			[POOL_CODES_UPDATE] = conf->mysql_totp_codes_update,
		},
		.site = conf->site,
	};

	for (int i = 0; i < conf->database_count; i++)
		options.servers[i] = server_of(&conf->databases[i]);
	return options;
}
