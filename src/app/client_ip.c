/* The address of the client behind trusted proxies. */
#include "config.h"

#include <string.h>
#include <sys/socket.h>

#include "app/client_ip.h"

enum { NETWORK_BITS = 64 };

static struct str
format(struct arena *arena, const struct conf_net *address)
{
	char text[NET_TEXT_SIZE];

	conf_net_format(address, text);
	return arena_dup(arena, str_from(text));
}

/* Removes and returns the item after the last comma of *list. */
static struct str
take_last(struct str *list)
{
	size_t at = list->len;
	struct str last;

	while (at > 0 && list->ptr[at - 1] != ',')
		at--;
	last = str_trim(str_from_byte(*list, at));
	if (at == 0)
		*list = STR_NONE;
	else
		list->len = at - 1;
	return last;
}

/*
 * Removes the port that some proxies add: 192.0.2.1:4711, [2001:db8::1]:4711.
 */
static struct str
without_port(struct str text)
{
	struct str rest = text, head;

	if (str_starts(text, STR("["))) {
		rest = str_from_byte(text, 1);
		return str_cut(&rest, ']');
	}
	head = str_cut(&rest, ':');
	return str_is_none(rest) || str_has_char(rest, ':') ? text : head;
}

/*
 * Removes the zone of an IPv6 address, the interface on which it is valid:
 * fe80::1%eth0 (RFC 4007, 11).  Apache passes such zones on.
 */
static struct str
without_zone(struct str text)
{
	struct str rest = text, address = str_cut(&rest, '%');

	return str_has_char(address, ':') ? address : text;
}

static bool
read_address(struct str text, struct conf_net *address)
{
	return conf_net_read(without_zone(text), address);
}

struct str
client_ip_find(struct arena *arena, const struct conf_nets *trusted,
    struct str remote_addr, struct str forwarded_for)
{
	struct conf_net address;

	if (!read_address(remote_addr, &address))
		return STR_NONE;
	while (
	    !str_is_none(forwarded_for) && conf_net_holds(trusted, &address)) {
		struct str item = take_last(&forwarded_for);

		if (!read_address(without_port(item), &address))
			break;
	}
	return format(arena, &address);
}

struct str
client_ip_network(struct arena *arena, struct str address)
{
	struct conf_net net;

	if (!conf_net_read(address, &net))
		return STR("unknown");
	if (net.family == AF_INET6) {
		net.prefix_len = NETWORK_BITS;
		memset(net.bytes + NETWORK_BITS / 8, 0,
		    sizeof(net.bytes) - NETWORK_BITS / 8);
	}
	return format(arena, &net);
}

struct str
client_ip(const struct context *c)
{
	return client_ip_find(c->call->arena,
	    &c->app->conf->server_trusted_proxies, c->request->remote_addr,
	    c->request->forwarded_for);
}
