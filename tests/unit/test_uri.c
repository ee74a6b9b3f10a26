/* http/uri */
#include "config.h"

#include <string.h>

#include "check.h"
#include "http/uri.h"

static void
plain_targets_are_clean(void **state)
{
	static const char *const rows[] = {
		NULL,
		"",
		"/",
		"*",
		"/sessgate/user/42",
		"/sessgate/user/42/",
		"/sessgate/user/me?next=/../x//y%2f%00\\",
		"/?",
		"?/..",
		"/a.b/..c/...d/e..",
		"/.well-known/x",
		"/...",
		"/%2e%2e%2e",
		"/a%20b%41",
		"/%252e%252e/%252f", /* decoded once, by the server */
		"/a:b@c;d=e,f",
		"/user/1%0a",
		"/%",
		"/%2",
		"/%zz",
		"http://example.org",
		"http://example.org/",
		"http://example.org/a?b//c",
		"HTTPS://user@[::1]:8443/a",
		"http://example.org?a//b",
		"example.org:443",
		"/a:/b",
		"/http:/x",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(uri_target_is_clean(str_from(rows[i])),
		    rows[i] != NULL ? rows[i] : "(absent)");
}

static void
ambiguous_targets_are_refused(void **state)
{
	static const struct str rows[] = {
		STR_INIT("/."),
		STR_INIT("/.."),
		STR_INIT("/./a"),
		STR_INIT("/../a"),
		STR_INIT("/a/."),
		STR_INIT("/a/.."),
		STR_INIT("/a/../b"),
		STR_INIT("/a/..?b"),
		STR_INIT("/%2e"),
		STR_INIT("/%2E%2e/a"),
		STR_INIT("/.%2e"),
		STR_INIT("/%2e./a"),
		STR_INIT("/a/%2E/b"),
		STR_INIT("//"),
		STR_INIT("//a"),
		STR_INIT("/a//b"),
		STR_INIT("/a//"),
		STR_INIT("///"),
		STR_INIT("//example.org/a"),
		STR_INIT("/a%2fb"),
		STR_INIT("/a%2Fb"),
		STR_INIT("/..%2fa"),
		STR_INIT("/a%5cb"),
		STR_INIT("/a%5Cb"),
		STR_INIT("/a\\b"),
		STR_INIT("/..\\a"),
		STR_INIT("/a%00"),
		STR_INIT("/user/1%00"),
		STR_INIT("/%00/a"),
		STR_INIT("/a\0b"),
		STR_INIT("/a%%2f"),
		STR_INIT(".."),
		STR_INIT("../a"),
		STR_INIT("a/../b"),
		STR_INIT("http://example.org//a"),
		STR_INIT("http://example.org/../a"),
		STR_INIT("http://example.org/a%2fb"),
		STR_INIT("/http://example.org/"),
		STR_INIT("://a//b"),
		STR_INIT("/a#/../b"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(!uri_target_is_clean(rows[i]), rows[i].ptr);
}

static void
a_plain_path_is_decoded_once(void **state)
{
	static const struct {
		const char *target, *path;
	} rows[] = {
		{ "/", "/" },
		{ "/a", "/a" },
		{ "/a/", "/a/" },
		{ "/a/b.php/c", "/a/b.php/c" },
		{ "/a?b//../%2f%00\\;#", "/a" },
		{ "/?", "/" },
		{ "/a??", "/a" },
		{ "/%61dmin", "/admin" },
		{ "/%41", "/A" },
		{ "/a%20b+c", "/a b+c" },
		{ "/%c3%a4/%E2%82%ac", "/\xc3\xa4/\xe2\x82\xac" },
		{ "/.a/..b/c./...", "/.a/..b/c./..." },
		{ "/%2e%2e%2e", "/..." },
		{ "/.well-known/%2ex", "/.well-known/.x" },
		{ "/a:b@c=d,e&f!$'()*~_-", "/a:b@c=d,e&f!$'()*~_-" },
		{ "/http:a", "/http:a" },
		{ "http://example.org", "/" },
		{ "http://example.org?/a", "/" },
		{ "http://example.org/", "/" },
		{ "HTTPS://example.org:8443/%61/b?c", "/a/b" },
		{ "http://[2001:db8::1]/a", "/a" },
	};
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str path = STR_NONE;

		assert_row(
		    uri_plain_path(arena, str_from(rows[i].target), &path),
		    rows[i].target);
		assert_str(path, rows[i].path);
	}
	arena_close(arena);
}

/*
 * Whatever lighttpd, Apache or nginx serve it as, or refuse: for the gate it
 * is no path.
 */
static const struct str doubtful_rows[] = {
	{ NULL, 0 },
	STR_INIT(""),
	STR_INIT("?"),
	STR_INIT("*"),
	STR_INIT("a"),
	STR_INIT("public/a"),
	STR_INIT("%2fpublic"),
	STR_INIT(" /public"),
	/* slashes: merged by all three, not by what they proxy to */
	STR_INIT("//"),
	STR_INIT("//admin/x"),
	STR_INIT("/public//admin"),
	STR_INIT("/public//"),
	STR_INIT("//example.org/public"),
	/* segments that lead elsewhere */
	STR_INIT("/."),
	STR_INIT("/.."),
	STR_INIT("/./admin"),
	STR_INIT("/../admin"),
	STR_INIT("/public/.."),
	STR_INIT("/public/../admin/x"),
	STR_INIT("/public/x.php/../../admin/x"),
	STR_INIT("/public/..?x"),
	STR_INIT("/public/%2e%2e/admin"),
	STR_INIT("/public/.%2E/admin"),
	STR_INIT("/public/%2e./admin"),
	STR_INIT("/public/%2e/x"),
	STR_INIT("/public/%2e%2e"),
	/* slashes in disguise: lighttpd and nginx decode them */
	STR_INIT("/public%2fx"),
	STR_INIT("/public/..%2fadmin"),
	STR_INIT("/public/%2e%2e%2Fadmin"),
	STR_INIT("/public/..%2f..%2fadmin"),
	STR_INIT("/public\\..\\admin"),
	STR_INIT("/public/..%5cadmin"),
	STR_INIT("/public/..%5Cadmin"),
	STR_INIT("/public/x%00.html"),
	STR_INIT("/public/x\0.html"),
	/* what somebody decodes once more */
	STR_INIT("/public/%252e%252e/admin"),
	STR_INIT("/%2561dmin"),
	STR_INIT("/public%252fx"),
	STR_INIT("/100%25"),
	/* no escapes: lighttpd leaves them, others refuse */
	STR_INIT("/%"),
	STR_INIT("/%6"),
	STR_INIT("/%zz"),
	STR_INIT("/%6gdmin"),
	STR_INIT("/%u0061dmin"),
	STR_INIT("/%%61dmin"),
	STR_INIT("/%-1"),
	/* parameters of a segment, and ends of a path */
	STR_INIT("/public;/admin"),
	STR_INIT("/public/..;/admin"),
	STR_INIT("/admin;x=y/z"),
	STR_INIT("/admin%3bx"),
	STR_INIT("/public%3F/../admin"),
	STR_INIT("/public%3fx"),
	STR_INIT("/public#/../admin"),
	STR_INIT("/public#?x"),
	STR_INIT("/public%23x"),
	/* bytes that no target has, or no path */
	STR_INIT("/public x"),
	STR_INIT("/public\tx"),
	STR_INIT("/public\rx"),
	STR_INIT("/public\nx"),
	STR_INIT("/public\x7f"),
	STR_INIT("/public\xc3\xa4"),
	STR_INIT("/public%09"),
	STR_INIT("/public%0a"),
	STR_INIT("/public%0d%0a"),
	STR_INIT("/public%7f"),
	STR_INIT("/%e4"),
	STR_INIT("/%c0%ae%c0%ae/admin"),
	STR_INIT("/public/%c0%af../admin"),
	STR_INIT("/%e0%80%af"),
	/* other forms, where the path may begin elsewhere */
	STR_INIT("http:/public"),
	STR_INIT("http:///public"),
	STR_INIT("http:public"),
	STR_INIT("://h/public"),
	STR_INIT("ftp://h/public"),
	STR_INIT("xhttp://h/public"),
	STR_INIT("http://user@h/public"),
	STR_INIT("http://h\\admin/public"),
	STR_INIT("http://h#/public"),
	STR_INIT("http://h%2fadmin/public"),
	STR_INIT("http://h//public"),
	STR_INIT("http://h/public/../admin"),
	STR_INIT("http://http://h/public"),
	STR_INIT("example.org:443"),
};

static void
a_doubtful_target_has_no_plain_path(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT(doubtful_rows); i++) {
		struct str path = STR("untouched");

		assert_row(!uri_plain_path(arena, doubtful_rows[i], &path),
		    doubtful_rows[i].ptr != NULL ? doubtful_rows[i].ptr
						 : "(absent)");
		assert_str(path, "untouched");
	}
	arena_close(arena);
}

static void
a_path_of_4096_bytes_is_the_longest(void **state)
{
	struct arena *arena = arena_open();
	char target[4098];
	struct str path;

	(void)state;
	memset(target, 'a', sizeof(target));
	target[0] = '/';
	assert_true(uri_plain_path(arena, (struct str){ target, 4096 }, &path));
	assert_int_equal(path.len, 4096);
	assert_false(
	    uri_plain_path(arena, (struct str){ target, 4097 }, &path));
	target[4096] = '?';
	assert_true(uri_plain_path(arena, (struct str){ target, 4098 }, &path));
	arena_close(arena);
}

static void
a_mount_ends_at_a_segment(void **state)
{
	static const struct {
		const char *path, *mount, *below; /* NULL: not below */
	} rows[] = {
		{ "/sessgate/login", "/sessgate", "/login" },
		{ "/sessgate/", "/sessgate", "/" },
		{ "/sessgate", "/sessgate", "" },
		{ "/sessgate/login", "/sessgate/", "/login" },
		{ "/sessgatex", "/sessgate", NULL },
		{ "/sessgatex/login", "/sessgate", NULL },
		{ "/sessgat", "/sessgate", NULL },
		{ "/SESSGATE/login", "/sessgate", NULL },
		{ "/login", "/sessgate", NULL },
		{ "/x/sessgate/login", "/sessgate", NULL },
		{ "", "/sessgate", NULL },
		{ "/login", "", "/login" },
		{ "/login", "/", "/login" },
		{ "/", "", "/" },
		{ "", "", "" },
		{ "login", "", NULL },
		{ "/a/b/c", "/a/b", "/c" },
		{ "/sessgate//login", "/sessgate", "//login" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str below = STR_NONE;

		assert_row(uri_path_below(str_from(rows[i].path),
			       str_from(rows[i].mount),
			       &below) == (rows[i].below != NULL),
		    rows[i].path);
		assert_str(below, rows[i].below);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_targets_are_clean),
		cmocka_unit_test(ambiguous_targets_are_refused),
		cmocka_unit_test(a_plain_path_is_decoded_once),
		cmocka_unit_test(a_doubtful_target_has_no_plain_path),
		cmocka_unit_test(a_path_of_4096_bytes_is_the_longest),
		cmocka_unit_test(a_mount_ends_at_a_segment),
	};

	return cmocka_run_group_tests_name("uri", tests, NULL, NULL);
}
