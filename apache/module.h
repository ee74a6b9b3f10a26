#ifndef APACHE_MODULE_H
#define APACHE_MODULE_H

#include <httpd.h>
#include <http_config.h>

#include "apache/ask.h"

struct kept;

/* The module, by which httpd finds its settings. */
extern __attribute__((visibility("default"))) module sessgate_module;

enum { UNSET = -1 }; /* of a flag: inherited, else off */

/* The directives of a directory, location or virtual host. */
struct place_conf {
	int guards, forwards_authorization, sets_headers;
	const char *site; /* NULL: inherited, else none */
};

/* SessgateSocket and SessgateTimeout of a virtual host. */
struct server_conf {
	const char *socket;	/* NULL: inherited, else the default */
	struct ask_times times; /* 0: inherited, else the default */
	struct kept *kept;	/* of this process; NULL before it is forked */
};

static inline const struct place_conf *
place_conf_of(const request_rec *r)
{
	return ap_get_module_config(r->per_dir_config, &sessgate_module);
}

static inline const struct server_conf *
server_conf_of(const request_rec *r)
{
	return ap_get_module_config(r->server->module_config, &sessgate_module);
}

#endif
