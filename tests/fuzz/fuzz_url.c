/*
 * config/url and config/net: what was read of a URL or a list of networks,
 * written anew, is read to the same.
 */
#include "config.h"

#include <arpa/inet.h>

#include "base/buf.h"
#include "config/net.h"
#include "config/url.h"
#include "fuzz.h"

enum { TEXT_MAX = 1024 * 1024 };

static struct str
or_empty(const char *part)
{
	return str_from(part != NULL ? part : "");
}

static bool
same(const char *a, const char *b)
{
	return str_eq(str_from(a), str_from(b));
}

static void
add_login(struct buf *url, const char *user, const char *password)
{
	if (user == NULL && password == NULL)
		return;
	buf_add_percent(url, or_empty(user));
	if (password != NULL) {
		buf_add_char(url, ':');
		buf_add_percent(url, str_from(password));
	}
	buf_add_char(url, '@');
}

static void
add_host(struct buf *url, const char *host, int port)
{
	bool is_ipv6 = strchr(host, ':') != NULL;

	buf_add(url, str_from(is_ipv6 ? "[" : ""));
	buf_add(url, str_from(host));
	buf_add(url, str_from(is_ipv6 ? "]:" : ":"));
	buf_add_int(url, port);
}

static void
write_redis(struct buf *text, const struct redis_url *url)
{
	buf_add(text, str_from(url->is_unix  ? "unix://"
			       : url->is_tls ? "rediss://"
					     : "redis://"));
	add_login(text, url->user, url->password);
	if (url->is_unix) {
		buf_add_char(text, '/');
		buf_add_percent(text, str_from(url->path + 1));
		buf_add(text, STR("?db="));
	} else {
		add_host(text, url->host, url->port);
		buf_add_char(text, '/');
	}
	buf_add_int(text, url->database);
}

static void
judge_redis(struct arena *arena, const char *text)
{
	struct buf written = buf_open(arena, TEXT_MAX);
	struct redis_url url, back;
	const char *why = NULL;

	if (!url_parse_redis(text, &url, &why)) {
		fuzz_claim(why != NULL && url.host == NULL && url.path == NULL);
		return;
	}
	fuzz_claim((url.path != NULL) == url.is_unix);
	fuzz_claim((url.host != NULL) != url.is_unix);
	fuzz_claim(url.user == NULL || url.password != NULL);
	write_redis(&written, &url);
	fuzz_claim(
	    url_parse_redis(arena_cstr(arena, buf_str(&written)), &back, &why));
	fuzz_claim(same(url.path, back.path) && same(url.host, back.host));
	fuzz_claim(
	    same(url.user, back.user) && same(url.password, back.password));
	fuzz_claim(url.port == back.port && url.database == back.database);
	url_free_redis(&url);
	url_free_redis(&back);
}

static void
judge_mysql(struct arena *arena, const char *text)
{
	struct buf written = buf_open(arena, TEXT_MAX);
	struct mysql_url url, back;
	const char *why = NULL;

	if (!url_parse_mysql(str_from(text), &url, &why)) {
		fuzz_claim(why != NULL && url.host == NULL);
		return;
	}
	fuzz_claim(url.host != NULL && url.database != NULL);
	buf_add(&written, STR("mysql://"));
	add_login(&written, url.user, url.password);
	add_host(&written, url.host, url.port);
	buf_add_char(&written, '/');
	buf_add_percent(&written, str_from(url.database));
	if (url.socket != NULL) {
		buf_add(&written, STR("?socket="));
		buf_add_percent(&written, str_from(url.socket));
	}
	fuzz_claim(url_parse_mysql(buf_str(&written), &back, &why));
	fuzz_claim(same(url.host, back.host) && same(url.socket, back.socket));
	fuzz_claim(
	    same(url.user, back.user) && same(url.password, back.password));
	fuzz_claim(same(url.database, back.database));
	fuzz_claim(url.port == back.port);
	url_free_mysql(&url);
	url_free_mysql(&back);
}

/* A network holds its own first address. */
static void
judge_net(const struct conf_nets *nets, const struct conf_net *net)
{
	char text[INET6_ADDRSTRLEN];
	struct conf_net address;

	fuzz_claim(
	    inet_ntop(net->family, net->bytes, text, sizeof(text)) != NULL);
	fuzz_claim(conf_net_read(str_from(text), &address));
	fuzz_claim(conf_net_holds(nets, &address));
}

static void
judge_nets(struct arena *arena, const char *text)
{
	struct buf written = buf_open(arena, TEXT_MAX);
	struct conf_nets nets = { 0 }, back = { 0 };
	const char *why;

	if (!conf_nets_parse(text, &nets, &why)) {
		fuzz_claim(why != NULL && nets.nets == NULL);
		return;
	}
	for (size_t i = 0; i < nets.count; i++) {
		char one[NET_TEXT_SIZE];

		judge_net(&nets, &nets.nets[i]);
		conf_net_format(&nets.nets[i], one);
		buf_add(&written, str_from(i > 0 ? ", " : ""));
		buf_add(&written, str_from(one));
	}
	fuzz_claim(
	    conf_nets_parse(arena_cstr(arena, buf_str(&written)), &back, &why));
	fuzz_claim(nets.count == back.count);
	for (size_t i = 0; i < nets.count; i++)
		fuzz_claim(memcmp(&nets.nets[i], &back.nets[i],
			       sizeof(nets.nets[i])) == 0);
	free(nets.nets);
	free(back.nets);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = arena_open();
	const char *text = arena_cstr(arena, fuzz_str(bytes, len));
	const struct conf_nets none = { 0 };
	struct conf_net address;

	judge_redis(arena, text);
	judge_mysql(arena, text);
	judge_nets(arena, text);
	fuzz_claim(!conf_net_read(str_from(text), &address) ||
		   !conf_net_holds(&none, &address));
	arena_close(arena);
	return 0;
}
