/*
 * app/client_ip: no header makes the client somebody whom no trusted proxy
 * named.  The input is a list of proxies, a newline, REMOTE_ADDR, a newline,
 * and X-Forwarded-For.
 */
#include "config.h"

#include "app/client_ip.h"
#include "base/buf.h"
#include "fuzz.h"

enum { TEXT_MAX = 65536 };

/* It is the only spelling of an address, or absent. */
static void
judge_spelling(struct arena *arena, struct str client)
{
	struct conf_net address;
	char text[NET_TEXT_SIZE];

	if (str_is_none(client))
		return;
	fuzz_claim(conf_net_read(client, &address));
	conf_net_format(&address, text);
	fuzz_claim(str_eq(client, str_from(text)));
	fuzz_claim(client_ip_network(arena, client).len > 0);
}

/* Without the zone that Apache adds to an IPv6 address. */
static bool
read_remote(struct str remote, struct conf_net *address)
{
	struct str rest = remote, head = str_cut(&rest, '%');

	return conf_net_read(str_has_char(head, ':') ? head : remote, address);
}

/* The client's own part arrives left of what proxies wrote. */
static void
judge_planted(struct arena *arena, const struct conf_nets *trusted,
    struct str remote, struct str forwarded, struct str client)
{
	struct buf planted = buf_open(arena, TEXT_MAX);
	struct conf_net address;

	if (!conf_net_read(client, &address) ||
	    conf_net_holds(trusted, &address))
		return;
	buf_add(&planted, STR("127.0.0.1, 192.0.2.99, , x,"));
	buf_add(&planted, forwarded);
	if (!planted.is_full && forwarded.len > 0)
		fuzz_claim(str_eq(client,
		    client_ip_find(arena, trusted, remote, buf_str(&planted))));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = arena_open();
	struct str forwarded = fuzz_str(bytes, len);
	struct str list = fuzz_line(arena, &forwarded);
	struct str remote = fuzz_line(arena, &forwarded);
	struct conf_nets trusted = { 0 }, none = { 0 };
	struct conf_net address;
	struct str client, bare;
	const char *why;

	if (memchr(list.ptr, '\0', list.len) == NULL)
		(void)!conf_nets_parse(arena_cstr(arena, list), &trusted, &why);
	client = client_ip_find(arena, &trusted, remote, forwarded);
	bare = client_ip_find(arena, &none, remote, forwarded);
	fuzz_claim(str_is_none(client) == !read_remote(remote, &address));
	fuzz_claim(str_is_none(client) == str_is_none(bare));
	judge_spelling(arena, client);
	if (!str_is_none(client) && !conf_net_holds(&trusted, &address))
		fuzz_claim(str_eq(client, bare));
	judge_planted(arena, &trusted, remote, forwarded, client);
	free(trusted.nets);
	arena_close(arena);
	return 0;
}
