/* app/audit: one line each, the address first, what was typed last */
#include "config.h"

#include <stdio.h>
#include <unistd.h>

#include "app_fixture.h"
#include "app/audit.h"
#include "base/log.h"
#include "secret/token.h"

#define LINE "]: "

static char path[] = "/tmp/test_audit.XXXXXX";

static int
open_log(void **state)
{
	char target[sizeof(path) + 8];
	int fd = mkstemp(path);

	(void)state;
	snprintf(target, sizeof(target), "file:%s", path);
	return fd >= 0 && close(fd) == 0 && log_open(target) ? 0 : -1;
}

static int
close_log(void **state)
{
	(void)state;
	log_open("stderr");
	return unlink(path);
}

/* The only line behind its head; the file is emptied. */
static char *
line(struct fixture *fixture)
{
	static char text[4096];
	FILE *file = fopen(path, "r+");
	size_t len;
	char *said;

	assert_non_null(file);
	len = fread(text, 1, sizeof(text) - 1, file);
	text[len] = '\0';
	assert_int_equal(ftruncate(fileno(file), 0), 0);
	fclose(file);
	said = strstr(text, LINE);
	assert_non_null(said);
	assert_ptr_equal(strchr(text, '\n'), text + len - 1);
	text[len - 1] = '\0';
	return arena_cstr(fixture->call.arena, str_from(said + strlen(LINE)));
}

static struct context
context_of(struct fixture *fixture)
{
	fixture->request =
	    (struct request){ .remote_addr = STR("::ffff:192.0.2.7"),
		    .path = STR("/sessgate/a b") };
	return (struct context){ .app = &fixture->app,
		.request = &fixture->request,
		.call = &fixture->call,
		.stores = &fixture->memory.stores,
		.retry_after_s = 7 };
}

/* The handle of the session that is stored under TOKEN. */
#define HANDLE(fixture) \
	arena_cstr((fixture)->call.arena, \
	    token_handle((fixture)->call.arena, STR(TOKEN)))

static void
each_event_is_a_line_with_the_address_first(void **state)
{
	struct fixture *fixture = *state;
	struct context c = context_of(fixture);
	const struct limit_who who = { .id = STR("42"),
		.account = STR("a@example.org") };
	char wanted[256];

	audit_login(&c, &who, STR(TOKEN));
	snprintf(wanted, sizeof(wanted),
	    "login ok addr=192.0.2.7 id=42 session=%s user=a@example.org",
	    HANDLE(fixture));
	assert_string_equal(line(fixture), wanted);
	audit_login_failed(&c, "password", STR("a@example.org"));
	assert_string_equal(line(fixture),
	    "login failed addr=192.0.2.7 reason=password user=a@example.org");
	audit_login_limited(&c, STR("pair"), STR("a@example.org"));
	assert_string_equal(line(fixture),
	    "login limited addr=192.0.2.7 limit=pair wait=7 "
	    "user=a@example.org");
	audit_request_limited(&c, STR("request"));
	assert_string_equal(line(fixture),
	    "request limited addr=192.0.2.7 limit=request wait=7 "
	    "path=\"/sessgate/a b\"");
	audit_logout(&c, STR_NONE, STR(TOKEN));
	snprintf(wanted, sizeof(wanted),
	    "logout addr=192.0.2.7 id=- session=%s", HANDLE(fixture));
	assert_string_equal(line(fixture), wanted);
	audit_logout_all(&c, STR("42"), 3);
	assert_string_equal(
	    line(fixture), "logout all addr=192.0.2.7 id=42 revoked=3");
	audit_session_ended(&c, STR("42"), STR("abcdefghijklmnop"));
	assert_string_equal(line(fixture),
	    "session ended addr=192.0.2.7 id=42 session=abcdefghijklmnop");
	audit_password_changed(&c, STR("42"), STR(TOKEN));
	snprintf(wanted, sizeof(wanted),
	    "password changed addr=192.0.2.7 id=42 session=%s",
	    HANDLE(fixture));
	assert_string_equal(line(fixture), wanted);
	audit_password_refused(&c, "password", STR("42"));
	assert_string_equal(line(fixture),
	    "password refused addr=192.0.2.7 reason=password id=42");
}

static void
what_a_client_typed_is_quoted_and_cut(void **state)
{
	struct fixture *fixture = *state;
	struct context c = context_of(fixture);
	char longest[5000];
	const char *said;

	audit_login_failed(&c, "unknown",
	    STR("x\nlogin failed addr=192.0.2.66 user=\"\\\x1b\xc3\xa4"));
	assert_string_equal(line(fixture),
	    "login failed addr=192.0.2.7 reason=unknown "
	    "user=\"x\\x0alogin failed addr=192.0.2.66 "
	    "user=\\\"\\\\\\x1b\\xc3\\xa4\"");
	memset(longest, '\n', sizeof(longest));
	audit_login_failed(
	    &c, "unknown", (struct str){ longest, sizeof(longest) });
	said = line(fixture);
	assert_between(strlen(said), 4 * 128, 4 * 128 + 64);
	assert_int_equal(said[strlen(said) - 1], '"');
}

static void
what_is_no_address_is_not_written(void **state)
{
	static const char *const addresses[] = { NULL, "",
		"unix:", "192.0.2.66 reason=x", "192.0.2.66\n" };
	struct fixture *fixture = *state;
	struct context c = context_of(fixture);

	for (size_t i = 0; i < COUNT(addresses); i++) {
		fixture->request.remote_addr = str_from(addresses[i]);
		audit_login_failed(&c, "unknown", STR("x"));
		assert_string_equal(
		    line(fixture), "login failed addr=- reason=unknown user=x");
	}
}

static void
a_session_is_named_as_it_is_stored(void **state)
{
	struct fixture *fixture = *state;
	struct context c = context_of(fixture);

	assert_str_eq(audit_name(&c, STR(TOKEN)),
	    token_hash(fixture->call.arena, STR(TOKEN)));
	fixture->conf.session_key = CONF_KEY_PLAIN;
	assert_str(audit_name(&c, STR(TOKEN)), TOKEN);
	audit_logout(&c, STR("42"), audit_name(&c, STR(TOKEN)));
	assert_null(strstr(line(fixture), TOKEN));
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
	const struct CMUnitTest tests[] = {
		TEST(each_event_is_a_line_with_the_address_first),
		TEST(what_a_client_typed_is_quoted_and_cut),
		TEST(what_is_no_address_is_not_written),
		TEST(a_session_is_named_as_it_is_stored),
	};

	return cmocka_run_group_tests(tests, open_log, close_log);
}
