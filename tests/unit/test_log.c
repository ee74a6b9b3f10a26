/* base/log */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/log_json.h"
#include "base/log_target.h"
#include "check.h"

/* A directory of this run, with the names that tests may leave in it. */
static char dir[PATH_MAX / 2];
static const char *const names[] = { "sites", "log", "log.1", "pipe", "json",
	"trail", "torn" };

static const char *
path_of(const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static int
make_dir(void **state)
{
	const char *base = getenv("TMPDIR");

	(void)state;
	snprintf(dir, sizeof(dir), "%s/sessgate-log-XXXXXX",
	    base != NULL ? base : P_tmpdir);
	return mkdtemp(dir) == NULL;
}

static int
remove_dir(void **state)
{
	(void)state;
	assert_true(log_open("stderr"));
	for (size_t i = 0; i < COUNT(names); i++)
		unlink(path_of(names[i]));
	return rmdir(dir);
}

static bool
open_target(const char *name)
{
	char target[PATH_MAX + 8];

	snprintf(target, sizeof(target), "file:%s", path_of(name));
	return log_open(target);
}

static struct str
read_all(int fd)
{
	static char text[256 * 1024];
	size_t len = 0;
	ssize_t got;

	while ((got = read(fd, text + len, sizeof(text) - len)) > 0)
		len += (size_t)got;
	return (struct str){ text, len };
}

static struct str
read_file(const char *name)
{
	struct str text = STR_NONE;
	int fd;

	log_target_flush(10000);
	fd = open(path_of(name), O_RDONLY);
	if (fd >= 0) {
		text = read_all(fd);
		close(fd);
	}
	return text;
}

static bool
log_has(const char *words)
{
	struct str text;

	text = read_file("log");
	return text.len > 0 &&
	       memmem(text.ptr, text.len, words, strlen(words)) != NULL;
}

static int
count_lines(struct str text)
{
	int lines = 0;

	for (size_t i = 0; i < text.len; i++)
		lines += text.ptr[i] == '\n';
	return lines;
}

/* A line of the log less `TIME sessgate[PID]: `. */
static struct str
words_of(struct str line)
{
	struct str rest = line;

	str_cut(&rest, ']');
	return str_from_byte(rest, 2);
}

static void
values_are_escaped_so_that_none_forges_a_key(void **state)
{
	static const struct {
		struct str value;
		const char *written;
	} rows[] = {
		{ STR_INIT("alice@example.org"), "alice@example.org" },
		{ STR_INIT("unix:/run/x.sock"), "unix:/run/x.sock" },
		{ STR_INIT("2001:db8::1/64"), "2001:db8::1/64" },
		{ STR_INIT(""), "\"\"" },
		{ { NULL, 0 }, "-" },
		{ STR_INIT("a b"), "\"a b\"" },
		{ STR_INIT("a=b"), "\"a=b\"" },
		{ STR_INIT("x\" user=\"root"), "\"x\\\" user=\\\"root\"" },
		{ STR_INIT("a\\"), "\"a\\\\\"" },
		{ STR_INIT("a\r\nb\0"), "\"a\\x0d\\x0ab\\x00\"" },
		{ STR_INIT("%s%n"), "\"%s%n\"" },
		{ STR_INIT("\x1b[2J\x7f\xc3\xa4"),
		    "\"\\x1b[2J\\x7f\\xc3\\xa4\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct log_field fields[] = { log_str("key", rows[i].value),
			LOG_END };
		char line[200], expected[200];
		size_t len = log_format(line, sizeof(line), "words", fields);

		snprintf(expected, sizeof(expected), "words key=%s",
		    rows[i].written);
		assert_str(((struct str){ line, len }), expected);
	}
}

static void
json_is_ascii_and_valid_whatever_comes(void **state)
{
	static const struct {
		struct str value;
		const char *written;
	} rows[] = {
		{ STR_INIT("alice@example.org"), "\"alice@example.org\"" },
		{ STR_INIT(""), "\"\"" },
		{ { NULL, 0 }, "\"-\"" },
		{ STR_INIT("x\",\"user\":\"root"),
		    "\"x\\\",\\\"user\\\":\\\"root\"" },
		{ STR_INIT("a\\"), "\"a\\\\\"" },
		{ STR_INIT("a\r\nb\0"), "\"a\\u000d\\u000ab\\u0000\"" },
		{ STR_INIT("\x1b[2J\x7f\xc3\xa4"),
		    "\"\\u001b[2J\\u007f\\u00e4\"" },
		{ STR_INIT("\xe2\x80\xa8\xf0\x9f\x94\x91"),
		    "\"\\u2028\\ud83d\\udd11\"" },
		/* no UTF-8: a lone byte, overlong, a surrogate, a cut end */
		{ STR_INIT("\xff"), "\"\\ufffd\"" },
		{ STR_INIT("\xc0\xaf"), "\"\\ufffd\\ufffd\"" },
		{ STR_INIT("\xed\xa0\x80"), "\"\\ufffd\\ufffd\\ufffd\"" },
		{ STR_INIT("x\xc3"), "\"x\\ufffd\"" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct log_field fields[] = {
			log_str("key", rows[i].value), log_num("n", -7), LOG_END
		};
		char line[200], expected[200];
		bool is_cut;
		size_t len = log_json_members(
		    line, sizeof(line), &is_cut, "two words", "shop", fields);

		snprintf(expected, sizeof(expected),
		    "\"event\":\"two "
		    "words\",\"site\":\"shop\",\"key\":%s,\"n\":-7",
		    rows[i].written);
		assert_str(((struct str){ line, len }), expected);
		assert_false(is_cut);
	}
}

/* A line that is cut, at whatever byte, has whole members left. */
static void
json_that_does_not_fit_stays_valid(void **state)
{
	static const char *const whole[] = { "", "\"event\":\"\"",
		"\"event\":\"w\"", "\"event\":\"w\",\"a\":\"\"",
		"\"event\":\"w\",\"a\":\"\\u000a\"",
		"\"event\":\"w\",\"a\":\"\\u000a\\u00e4\"",
		"\"event\":\"w\",\"a\":\"\\u000a\\u00e4\",\"n\":12" };
	const struct log_field fields[] = { log_text("a", "\n\xc3\xa4"),
		log_num("n", 12), LOG_END };
	const size_t last = COUNT(whole) - 1;
	char line[64];
	bool is_cut;

	(void)state;
	for (size_t size = 0; size < sizeof(line); size++) {
		size_t len, i = last;

		memset(line, '#', sizeof(line));
		len = log_json_members(line, size, &is_cut, "w", NULL, fields);
		assert_true(len <= size && line[size] == '#');
		while (i > 0 && strlen(whole[i]) > size)
			i--;
		assert_str(((struct str){ line, len }), whole[i]);
		assert_int_equal(is_cut, i != last);
	}
}

static void
a_json_line_has_time_level_and_process(void **state)
{
	static char huge[60000];
	char expected[64];
	struct str text, line;

	(void)state;
	memset(huge, '\n', sizeof(huge) - 1);
	log_set_format(LOG_JSON);
	assert_true(open_target("json"));
	log_event(LOG_WARN, "redis lost", log_text("reason", "a\nb"), LOG_END);
	log_event(LOG_ERROR, "long", log_text("value", huge), LOG_END);
	log_event(LOG_INFO, "last", log_num("n", 1), LOG_END);
	log_set_format(LOG_PLAIN);
	text = read_file("json");
	line = str_cut(&text, '\n');
	assert_true(str_starts(line, STR("{\"time\":\"2")));
	line = str_from_byte(line, 34); /* 2026-01-02T03:04:05.678Z", */
	snprintf(expected, sizeof(expected), ",\"level\":\"warn\",\"pid\":%d,",
	    (int)getpid());
	assert_true(str_starts(line, str_from(expected)));
	assert_str(str_from_byte(line, strlen(expected)),
	    "\"event\":\"redis lost\",\"reason\":\"a\\u000ab\"}");
	line = str_cut(&text, '\n');
	assert_true(line.len < 2048 && line.len > 1900);
	assert_str(str_from_byte(line, line.len - 8), "\\u000a\"}");
	assert_true(str_has(text, STR("\"event\":\"last\",\"n\":1}\n")));
}

/* The trail has a target of its own, and nothing else goes there. */
static void
the_audit_trail_may_go_elsewhere(void **state)
{
	char target[PATH_MAX + 8];

	(void)state;
	assert_true(open_target("log.1"));
	snprintf(target, sizeof(target), "file:%s", path_of("trail"));
	assert_true(log_open_audit(target));
	log_event(LOG_INFO, "login ok", log_text("addr", "::1"), LOG_END);
	log_event(LOG_INFO, "logout all", log_text("addr", "::1"), LOG_END);
	log_event(LOG_INFO, "login refused", log_text("id", "x"), LOG_END);
	log_event(LOG_INFO, "logoutish", LOG_END);
	log_reopen();
	log_event(LOG_INFO, "user blocked", LOG_END);
	assert_int_equal(count_lines(read_file("trail")), 3);
	assert_true(log_open_audit("same"));
	log_event(LOG_INFO, "login ok", log_text("addr", "::2"), LOG_END);
	assert_int_equal(count_lines(read_file("log.1")), 5);
	assert_true(str_has(read_file("log.1"), STR("login ok addr=::2")));
	assert_false(log_open_audit("file:/missing/trail"));
}

/* A line that another process has left half is ended, and not continued. */
static void
a_line_cut_by_another_is_ended(void **state)
{
	struct str text;
	int fd;

	(void)state;
	assert_true(open_target("torn"));
	log_event(LOG_INFO, "one", LOG_END);
	fd = open(path_of("torn"), O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_int_equal(write(fd, "half", 4), 4);
	close(fd);
	log_event(LOG_INFO, "two", LOG_END);
	text = read_file("torn");
	assert_str(words_of(str_cut(&text, '\n')), "one");
	assert_str(str_cut(&text, '\n'), "half");
	assert_str(words_of(str_cut(&text, '\n')), "two");
}

static void
fields_stand_in_order(void **state)
{
	struct log_field fields[] = { log_text("a", "x"), log_num("b", -7),
		log_text("c", NULL), LOG_END };
	char line[100];
	size_t len = log_format(line, sizeof(line), "two words", fields);

	(void)state;
	assert_str(((struct str){ line, len }), "two words a=x b=-7 c=-");
	len = log_format(line, sizeof(line), "bare", fields + 3);
	assert_str(((struct str){ line, len }), "bare");
}

static void
a_line_never_leaves_its_room(void **state)
{
	struct log_field fields[] = { log_text("a", "\n\n\n\n"), LOG_END };
	char line[24];

	(void)state;
	for (size_t size = 0; size < sizeof(line); size++) {
		memset(line, '#', sizeof(line));
		assert_true(log_format(line, size, "w", fields) <= size);
		assert_int_equal(line[size], '#');
	}
}

static void
an_event_is_one_line_in_the_file(void **state)
{
	static char huge[10000];
	struct str text, line;

	(void)state;
	memset(huge, 'x', sizeof(huge) - 1);
	assert_true(open_target("log"));
	log_event(LOG_WARN, "redis lost", log_text("reason", "a\nb"), LOG_END);
	log_event(LOG_INFO, "long", log_text("value", huge), LOG_END);
	log_event(LOG_INFO, "last", LOG_END);
	text = read_file("log");
	line = str_cut(&text, '\n');
	assert_str(words_of(line), "redis lost reason=\"a\\x0ab\"");
	assert_int_equal(line.ptr[10], 'T'); /* 2026-01-02T03:04:05.678Z */
	assert_int_equal(line.ptr[23], 'Z');
	assert_true(str_cut(&text, '\n').len < 2048);
	assert_str(words_of(str_cut(&text, '\n')), "last");
	assert_str(text, "");
}

static void
a_moved_file_is_opened_anew(void **state)
{
	char moved[PATH_MAX];

	(void)state;
	assert_true(open_target("log"));
	snprintf(moved, sizeof(moved), "%s", path_of("log.1"));
	assert_int_equal(rename(path_of("log"), moved), 0);
	log_reopen();
	log_event(LOG_INFO, "after", LOG_END);
	assert_true(log_has("after"));
}

static void
a_target_that_cannot_be_opened_leaves_the_old_one(void **state)
{
	(void)state;
	assert_true(open_target("log"));
	assert_false(open_target("missing/log"));
	assert_int_equal(errno, ENOENT);
	log_event(LOG_INFO, "still here", LOG_END);
	assert_true(log_has("still here"));
}

static void
lines_of_a_thread_name_its_site(void **state)
{
	struct str text;

	(void)state;
	assert_true(open_target("sites"));
	assert_null(log_set_site("shop"));
	log_event(LOG_INFO, "one word", log_num("n", 1), LOG_END);
	log_event(LOG_INFO, "bare", LOG_END);
	assert_string_equal(log_set_site(NULL), "shop");
	log_event(LOG_INFO, "nobody's", LOG_END);
	text = read_file("sites");
	assert_str(words_of(str_cut(&text, '\n')), "one word site=shop n=1");
	assert_str(words_of(str_cut(&text, '\n')), "bare site=shop");
	assert_str(words_of(str_cut(&text, '\n')), "nobody's");
}

static void
a_failing_write_keeps_errno(void **state)
{
	(void)state;
	assert_true(log_open("file:/dev/full"));
	errno = ENOENT;
	log_event(LOG_INFO, "lost", LOG_END);
	assert_int_equal(errno, ENOENT);
	assert_true(open_target("log")); /* takes the count of the lost line */
	log_event(LOG_INFO, "found", LOG_END);
	assert_non_null(
	    strstr(read_file("log").ptr, "log lines dropped lines=1\n"));
}

static void
a_full_target_drops_and_counts_lines(void **state)
{
	int reader;
	struct str text;

	(void)state;
	assert_int_equal(mkfifo(path_of("pipe"), 0600), 0);
	reader = open(path_of("pipe"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(reader >= 0);
	assert_true(open_target("pipe"));
	for (int i = 0; i < 5000; i++) /* a pipe takes 64 KiB */
		log_event(LOG_INFO, "fill", LOG_END);
	read_all(reader);
	log_event(LOG_INFO, "fits again", LOG_END);
	text = read_all(reader);
	assert_true(str_starts(
	    words_of(str_cut(&text, '\n')), STR("log lines dropped lines=")));
	assert_str(words_of(str_cut(&text, '\n')), "fits again");
	log_event(LOG_INFO, "told once", LOG_END);
	text = read_all(reader);
	assert_str(words_of(str_cut(&text, '\n')), "told once");
	close(reader);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_escaped_so_that_none_forges_a_key),
		cmocka_unit_test(json_is_ascii_and_valid_whatever_comes),
		cmocka_unit_test(json_that_does_not_fit_stays_valid),
		cmocka_unit_test(a_json_line_has_time_level_and_process),
		cmocka_unit_test(the_audit_trail_may_go_elsewhere),
		cmocka_unit_test(a_line_cut_by_another_is_ended),
		cmocka_unit_test(fields_stand_in_order),
		cmocka_unit_test(a_line_never_leaves_its_room),
		cmocka_unit_test(an_event_is_one_line_in_the_file),
		cmocka_unit_test(a_moved_file_is_opened_anew),
		cmocka_unit_test(
		    a_target_that_cannot_be_opened_leaves_the_old_one),
		cmocka_unit_test(lines_of_a_thread_name_its_site),
		cmocka_unit_test(a_failing_write_keeps_errno),
		cmocka_unit_test(a_full_target_drops_and_counts_lines),
	};

	return cmocka_run_group_tests_name("log", tests, make_dir, remove_dir);
}
