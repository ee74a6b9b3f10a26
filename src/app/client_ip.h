#ifndef CLIENT_IP_H
#define CLIENT_IP_H

#include "app/app.h"

/*
 * Who the client is, as far as addresses tell.  All texts are numeric, in one
 * spelling: an IPv4 address that came as IPv6 is the IPv4 address, and an IPv6
 * address has no zone (%eth0).
 */

/*
 * REMOTE_ADDR or, behind [server] trusted_proxies, what X-Forwarded-For says
 * of the client; absent where REMOTE_ADDR is no address.
 */
struct str client_ip(const struct context *c);

/*
 * The same as a pure function.  forwarded_for is read from the right for as
 * long as the address so far is a trusted proxy's: each proxy puts who it was
 * asked by behind what came, so all that stands further left could have been
 * made up.  What is no address ends the reading, too: then the client is the
 * proxy that passed it on.
 */
struct str client_ip_find(struct arena *arena, const struct conf_nets *trusted,
    struct str remote_addr, struct str forwarded_for);

/*
 * The network that is counted as one client: an IPv4 address, or the /64 of an
 * IPv6 one, which is the least that a single host is given (RFC 4291, 2.5.4).
 * What is no address, or absent, is `unknown`: all such clients are one.
 */
struct str client_ip_network(struct arena *arena, struct str address);

#endif
