/* redis/wire/spool: what a damaged file still says, and its bounds. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "redis/wire/spool.h"

static char folder[] = "/tmp/test_spool.XXXXXX";

enum { LINES = 3, WAIT_MS = 20 };

static const char *const keys[LINES] = { "sess:first", "{a b}:sess:sec ond",
	"sess:third" };

static int
enter_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) != NULL && chdir(folder) == 0 ? 0 : -1;
}

static int
remove_folder(void **state)
{
	(void)state;
	unlink("ends");
	return rmdir(folder);
}

/* Writes the lines of the keys; returns the bytes of the file. */
static struct str
written(char *bytes)
{
	struct str text = { bytes, 0 };
	int fd;

	unlink("ends");
	for (int i = 0; i < LINES; i++)
		assert_true(spool_add("ends", "-", str_from(keys[i]), WAIT_MS));
	fd = spool_open("ends", WAIT_MS);
	assert_true(fd >= 0);
	assert_true(spool_read(fd, bytes, &text.len));
	spool_close(fd);
	return text;
}

/* A bit for each key that is read; any other key fails the test. */
static unsigned
read_keys(struct str text)
{
	unsigned found = 0;
	struct str key;

	while (spool_next(&text, &key)) {
		int i = 0;

		while (i < LINES && !str_eq(key, str_from(keys[i])))
			i++;
		if (i == LINES)
			fail_msg("nobody wrote %.*s", STR_ARG(key));
		found |= 1u << i;
	}
	return found;
}

/* The lines that end before the byte. */
static unsigned
whole_before(struct str text, size_t at)
{
	unsigned whole = 0;
	int line = 0;

	for (size_t i = 0; i < at; i++)
		if (text.ptr[i] == '\n')
			whole |= 1u << line++;
	return whole;
}

static void
what_is_written_is_read(void **state)
{
	static char bytes[SPOOL_MAX];
	int fd;

	(void)state;
	assert_int_equal(read_keys(written(bytes)), 7);
	fd = spool_open("ends", WAIT_MS);
	assert_true(spool_clear(fd));
	spool_close(fd);
	assert_true(spool_is_empty("ends"));
}

/* A line without its newline is whole: its CRC says so. */
static void
a_file_that_is_cut_at_any_byte_has_the_lines_before(void **state)
{
	static char bytes[SPOOL_MAX];
	struct str text = written(bytes);

	(void)state;
	for (size_t len = 0; len < text.len; len++) {
		unsigned found = read_keys((struct str){ bytes, len });
		unsigned whole = whole_before(text, len);

		if (bytes[len] == '\n')
			whole |= whole + 1;
		assert_int_equal(found, whole);
	}
}

static void
a_line_after_one_that_is_cut_at_any_byte_is_whole(void **state)
{
	static char bytes[SPOOL_MAX], after[SPOOL_MAX];
	struct str text = written(bytes);
	size_t before = text.len;

	(void)state;
	while (bytes[before - 2] != '\n')
		before--;
	before--;
	for (size_t len = before; len < text.len; len++) {
		struct str read = { after, 0 };
		int fd;

		written(bytes);
		assert_int_equal(truncate("ends", (off_t)len), 0);
		assert_true(spool_add("ends", "-", str_from(keys[2]), WAIT_MS));
		fd = spool_open("ends", WAIT_MS);
		assert_true(spool_read(fd, after, &read.len));
		spool_close(fd);
		assert_int_equal(read_keys(read), 7);
	}
}

static void
a_byte_that_is_changed_spoils_its_line_alone(void **state)
{
	static char bytes[SPOOL_MAX], spoiled[SPOOL_MAX];
	struct str text = written(bytes);

	(void)state;
	for (size_t at = 0; at < text.len; at++) {
		unsigned line = whole_before(text, at) + 1;

		for (int bit = 0; bit < 8; bit++) {
			unsigned found;

			memcpy(spoiled, bytes, text.len);
			spoiled[at] = (char)(spoiled[at] ^ 1 << bit);
			found = read_keys((struct str){ spoiled, text.len });
			/* behind a newline stands the next line */
			if (bytes[at] == '\n')
				found |= line | line << 1;
			assert_int_equal((found | line) & 7, 7);
			if (bytes[at] != '\n')
				assert_int_equal(found & line, 0);
		}
	}
}

static void
a_full_file_takes_no_line_and_keeps_what_it_has(void **state)
{
	static char bytes[SPOOL_MAX];
	struct stat is;
	int fd;

	(void)state;
	written(bytes);
	fd = open("ends", O_WRONLY | O_APPEND);
	memset(bytes, '\n', sizeof(bytes));
	assert_int_equal(fstat(fd, &is), 0);
	assert_int_equal(write(fd, bytes, SPOOL_MAX - (size_t)is.st_size),
	    SPOOL_MAX - is.st_size);
	assert_false(spool_add("ends", "-", STR("sess:more"), WAIT_MS));
	assert_int_equal(fstat(fd, &is), 0);
	assert_int_equal(is.st_size, SPOOL_MAX);
	close(fd);
	unlink("ends");
	memset(bytes, 'k', SPOOL_LINE_MAX);
	assert_false(spool_add(
	    "ends", "-", (struct str){ bytes, SPOOL_LINE_MAX }, WAIT_MS));
	assert_true(spool_is_empty("ends"));
}

static void
a_trial_leaves_no_file_and_says_what_is_wrong(void **state)
{
	int fd;

	(void)state;
	unlink("ends");
	assert_true(spool_try("ends", WAIT_MS));
	assert_int_equal(access("ends", F_OK), -1);
	assert_false(spool_try("none/ends", WAIT_MS));
	assert_int_equal(errno, ENOENT);
	assert_false(spool_try(folder, WAIT_MS));
	assert_int_equal(errno, EISDIR);
	assert_false(spool_try("/dev/null", WAIT_MS));
	assert_int_equal(errno, EINVAL);
	fd = spool_open("ends", WAIT_MS);
	assert_false(spool_try("ends", WAIT_MS));
	assert_int_equal(errno, EWOULDBLOCK);
	assert_false(spool_add("ends", "-", STR("sess:x"), WAIT_MS));
	spool_close(fd);
	assert_true(spool_try("ends", WAIT_MS));
	assert_true(spool_is_empty("ends"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(
		    a_file_that_is_cut_at_any_byte_has_the_lines_before),
		cmocka_unit_test(
		    a_line_after_one_that_is_cut_at_any_byte_is_whole),
		cmocka_unit_test(a_byte_that_is_changed_spoils_its_line_alone),
		cmocka_unit_test(
		    a_full_file_takes_no_line_and_keeps_what_it_has),
		cmocka_unit_test(a_trial_leaves_no_file_and_says_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, enter_folder, remove_folder);
}
