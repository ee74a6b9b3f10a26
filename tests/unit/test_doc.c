/* config/doc: what is made of options.def says what is so. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "config/conf.h"
#include "config/doc.h"

static char *
make(void (*doc)(FILE *))
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	doc(out);
	fclose(out);
	return text;
}

/* `#key =` begins with the #; prose has a blank behind it. */
static void
uncomment(char *text)
{
	char *to = text;

	for (char *from = text; *from != '\0'; from++) {
		bool is_first = from == text || from[-1] == '\n';

		if (!(is_first && from[0] == '#' && from[1] >= 'a' &&
			from[1] <= 'z'))
			*to++ = *from;
	}
	*to = '\0';
}

static void
load_text(const char *text, struct conf *conf)
{
	char path[] = "/tmp/test_doc.XXXXXX";
	char db[] = "DATABASE_URL=mysql://localhost/site";
	char *env[] = { db, NULL };
	struct conf_source source = { path, true, env, 2 };
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");
	struct conf_all all;

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_true(conf_load(&source, &all, stderr));
	assert_int_equal(all.site_count, 0);
	*conf = all.common;
	unlink(path);
}

static void
print_bare(const struct conf *conf, char **text)
{
	struct conf_all bare = { .common = *conf };
	size_t len;
	FILE *out = open_memstream(text, &len);

	memset(bare.common.is_set, 0, sizeof(conf->is_set)); /* show all */
	conf_print(&bare, out);
	fclose(out);
}

static void
the_sample_with_every_option_taken_in_is_the_default(void **state)
{
	struct conf defaults, sample;
	char *text = make(doc_sample), *default_text, *sample_text;

	(void)state;
	load_text("", &defaults);
	uncomment(text);
	load_text(text, &sample);
	for (int i = 0; i < CONF_OPTIONS; i++) {
		assert_true(sample.is_set[i]);
		assert_true(!defaults.is_set[i] || i == CONF_OPTION_mysql_url);
	}
	print_bare(&defaults, &default_text);
	print_bare(&sample, &sample_text);
	assert_string_equal(default_text, sample_text);
	free(text);
	free(default_text);
	free(sample_text);
	conf_free(&defaults);
	conf_free(&sample);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_sample_with_every_option_taken_in_is_the_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
