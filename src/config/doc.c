/* Documents generated from the table of settings. */
#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "base/str.h"
#include "config/doc.h"
#include "config/setting.h"
#include "config/value.h"

#define DOC_WIDTH 76
#define MAN_DATE "November 24, 2026" /* the last change to this file */

static const char sample_head[] =
    "# The configuration of sessgate; sessgate.conf(5) explains it.\n"
    "#\n"
    "# Every option stands here with its default; take away the # to change "
    "it.\n"
    "# A value runs to the end of its line and may stand in double quotes; "
    "a \\ at\n"
    "# the end continues it. Comments stand on lines of their own. Times "
    "are 500ms,\n"
    "# 30s, 15m, 12h, 7d, and a bare number is seconds; sizes are 64K, 32M, "
    "1G.\n"
    "#\n"
    "# SESSGATE_SECTION_KEY in the environment wins over this file, e.g.\n"
    "# SESSGATE_SERVER_WORKERS=64. Try changes with sessgate "
    "--check-config.\n";

static const char man_head[] =
    ".\\\" Made from src/config/options.def; change that.\n"
    ".Dd " MAN_DATE "\n"
    ".Dt SESSGATE.CONF 5\n"
    ".Os\n"
    ".Sh NAME\n"
    ".Nm sessgate.conf\n"
    ".Nd configuration of the session gate\n"
    ".Sh DESCRIPTION\n"
    "The file\n"
    ".Nm\n"
    "has sections, each a line\n"
    ".Ql [section] ,\n"
    "with lines\n"
    ".Ql key = value\n"
    "below them.\n"
    "A line that begins with\n"
    ".Ql #\n"
    "or\n"
    ".Ql \\&;\n"
    "is a comment.\n"
    "A value runs to the end of its line; it may stand between double "
    "quotes, which\n"
    "are dropped.\n"
    "A line that ends with\n"
    ".Ql \\e\n"
    "goes on in the next one, with one space between.\n"
    "The file is UTF-8.\n"
    "A key may be set once, but\n"
    ".Ql rule\n"
    "of\n"
    ".Ql [gate]\n"
    "once for each rule, and\n"
    ".Ql url\n"
    "of\n"
    ".Ql [mysql]\n"
    "once for each of up to nine servers; a key that is not known is an "
    "error.\n"
    ".Pp\n"
    "Times are numbers with one of the units\n"
    ".Ql ms ,\n"
    ".Ql s ,\n"
    ".Ql m ,\n"
    ".Ql h ,\n"
    ".Ql d ;\n"
    "a bare number is seconds.\n"
    "Sizes are bytes, or have one of the units\n"
    ".Ql K ,\n"
    ".Ql M ,\n"
    ".Ql G .\n"
    "Switches are\n"
    ".Ql on\n"
    "or\n"
    ".Ql off ,\n"
    "also yes, no, true, false, 1 and 0.\n"
    ".Pp\n"
    "Each of these options can be set by an environment variable as "
    "well:\n"
    ".Ev SESSGATE_SERVER_WORKERS\n"
    "is\n"
    ".Ql workers\n"
    "of\n"
    ".Ql [server] .\n"
    "These win over\n"
    ".Ev REDIS_URL\n"
    "and\n"
    ".Ev DATABASE_URL ,\n"
    "which win over the file.\n"
    "An option that ends in\n"
    ".Ql _file\n"
    "names a file that holds the secret; one newline at its end is "
    "dropped.\n"
    ".Sh OPTIONS\n";

static const char sample_tail[] =
    "\n\n"
    "# Several sites in one process: a section each, in which keys have "
    "their\n"
    "# section before them. What a site does not set it takes from above. "
    "Each needs\n"
    "# a key_prefix of its own. The web server says which site a request is "
    "for, by\n"
    "# the parameter SESSGATE_SITE or by the socket "
    "(--listen ...,site=shop); one for\n"
    "# no known site is refused.\n"
    "#\n"
    "# [site \"shop\"]\n"
    "# redis.key_prefix = shop:\n"
    "# cookie.name = __Host-SHOP\n"
    "# mysql.url_file = /etc/sessgate/shop-database-url\n"
    "#\n"
    "# [site \"forum\"]\n"
    "# redis.key_prefix = forum:\n"
    "# session.life = 30d\n";

static const char man_sites_head[] =
    ".Sh SEVERAL SITES\n"
    "One process can serve several sites, each with users and a cookie of its "
    "own.\n"
    "Each site has a section\n"
    ".Ql [site \\&\"NAME\\&\"] ,\n"
    "the name being up to 32 of a to z, 0 to 9 and the hyphen.\n"
    "In it a key has its section before it, as in\n"
    ".Ql cookie.name = __Host-SHOP .\n"
    "What a site does not set it takes from the other sections.\n"
    ".Pp\n"
    "A site may set:\n";

static const char man_sites_tail[] =
    "The other options are the whole process's.\n"
    ".Pp\n"
    "A site cannot be set by the environment: that sets what all sites\n"
    "have in common, and what a site's section says wins over it.\n"
    ".Pp\n"
    "Each site needs a\n"
    ".Ic redis.key_prefix\n"
    "that no other has; one of them may be empty, if its\n"
    ".Ic session.key\n"
    "is\n"
    ".Ql plain\n"
    "or\n"
    ".Ql migrate .\n"
    "Two sites on one host also need cookies of different names.\n"
    "With one section only, that is the only site there is.\n"
    ".Pp\n"
    "How a request comes to its site stands in\n"
    ".Xr sessgate 8 .\n";

static const char man_tail[] =
    ".Sh FILES\n"
    ".Bl -tag -width Ds\n"
    ".It Pa /etc/sessgate/sessgate.conf\n"
    "Read where no other file is named.\n"
    "It may hold passwords: let root own it, and the user who runs sessgate "
    "read it.\n"
    ".It Pa /usr/share/doc/sessgate\n"
    "The documents, below\n"
    ".Pa /usr/local/share\n"
    "where it was built from the sources.\n"
    ".El\n"
    ".Sh EXAMPLES\n"
    "One database on this host, both stores on unix sockets:\n"
    ".Bd -literal -offset indent\n"
    "[redis]\n"
    "url = unix:///run/redis/redis-server.sock\n"
    "\n"
    "[mysql]\n"
    "url_file = /etc/sessgate/database-url\n"
    ".Ed\n"
    ".Pp\n"
    "Two sites, each with a database:\n"
    ".Bd -literal -offset indent\n"
    "[redis]\n"
    "url = unix:///run/redis/redis-server.sock\n"
    "\n"
    "[site \"shop\"]\n"
    "redis.key_prefix = shop:\n"
    "mysql.url_file = /etc/sessgate/shop-database-url\n"
    "\n"
    "[site \"forum\"]\n"
    "redis.key_prefix = forum:\n"
    "mysql.url_file = /etc/sessgate/forum-database-url\n"
    "session.life = 30d\n"
    ".Ed\n";

/* A writer of prose in lines of at most DOC_WIDTH bytes. */
struct prose {
	FILE *out;
	const char *prefix; /* written before each line */
	size_t column;
};

static bool
ends_sentence(struct str word)
{
	return word.len > 2 && word.ptr[word.len - 1] == '.';
}

static void
put_word(struct prose *prose, struct str word)
{
	if (prose->column > 0 && prose->column + 1 + word.len > DOC_WIDTH) {
		fputc('\n', prose->out);
		prose->column = 0;
	}
	if (prose->column == 0) {
		fputs(prose->prefix, prose->out);
		prose->column = strlen(prose->prefix) + word.len;
	} else {
		fputc(' ', prose->out);
		prose->column += 1 + word.len;
	}
	fprintf(prose->out, "%.*s", STR_ARG(word));
}

/*
 * Writes a text in lines.  breaks_sentences: each sentence begins a line, as
 * mdoc(7) requires.
 */
static void
put_prose(
    FILE *out, const char *prefix, bool breaks_sentences, const char *text)
{
	struct prose prose = { out, prefix, 0 };
	struct str rest = str_from(text);

	while (!str_is_none(rest)) {
		struct str word = str_cut(&rest, ' ');

		put_word(&prose, word);
		if (breaks_sentences && ends_sentence(word) &&
		    !str_is_none(rest)) {
			fputc('\n', out);
			prose.column = 0;
		}
	}
	fputc('\n', out);
}

/* Writes the allowed values of the setting, between two texts. */
static void
put_kind(FILE *out, const char *prefix, const char *before,
    const struct setting *setting, const char *after)
{
	char text[512] = "";
	FILE *memory = fmemopen(text, sizeof(text), "w");

	if (memory == NULL)
		return;
	fputs(before, memory);
	value_print_kind(setting, memory);
	fputs(after, memory);
	fclose(memory);
	put_prose(out, prefix, false, text);
}

/*
 * Calls `each` for every setting of the section, in the order of options.def.
 */
static void
for_settings(const struct setting_section *section, FILE *out,
    void (*each)(const struct setting *setting, FILE *out))
{
	for (int i = 0; i < CONF_OPTIONS; i++)
		if (strcmp(setting_table[i].section, section->name) == 0)
			each(&setting_table[i], out);
}

static void
put_assignment(const struct setting *setting, FILE *out)
{
	fprintf(out, "%s =%s%s\n", setting->key,
	    setting->text[0] != '\0' ? " " : "", setting->text);
}

static void
sample_setting(const struct setting *setting, FILE *out)
{
	fputc('\n', out);
	put_prose(out, "# ", false, setting->help);
	put_kind(out, "# ", "(", setting, ")");
	fputc('#', out);
	put_assignment(setting, out);
}

void
doc_sample(FILE *out)
{
	const struct setting_section *section = setting_sections;

	fputs(sample_head, out);
	for (; section->name != NULL; section++) {
		fputs("\n\n", out);
		put_prose(out, "# ", false, section->help);
		fprintf(out, "[%s]\n", section->name);
		for_settings(section, out, sample_setting);
	}
	fputs(sample_tail, out);
}

/*
 * Writes a setting.  Nothing is escaped, because no help text has a backslash,
 * or a line that begins with . or '.
 */
static void
man_setting(const struct setting *setting, FILE *out)
{
	fprintf(out, ".It Ic %s\n", setting->key);
	put_prose(out, "", true, setting->help);
	fputs(".br\n", out);
	if (setting->text[0] != '\0') {
		put_kind(out, "", "", setting, "; default:");
		put_prose(out, "", true, setting->text);
	} else {
		put_kind(out, "", "", setting, "; empty by default");
	}
}

static bool
is_last_of_sites(int option)
{
	while (++option < CONF_OPTIONS)
		if (setting_is_per_site(&setting_table[option]))
			return false;
	return true;
}

/* Writes one paragraph of section.key, section.key, ... */
static void
man_sites(FILE *out)
{
	struct prose prose = { out, "", 0 };

	fputs(man_sites_head, out);
	for (int i = 0; i < CONF_OPTIONS; i++) {
		const struct setting *setting = &setting_table[i];
		char word[128];

		if (!setting_is_per_site(setting))
			continue;
		snprintf(word, sizeof(word), "%s.%s%s", setting->section,
		    setting->key, is_last_of_sites(i) ? "." : ",");
		put_word(&prose, str_from(word));
	}
	fputc('\n', out);
	fputs(man_sites_tail, out);
}

void
doc_man(FILE *out)
{
	const struct setting_section *section = setting_sections;

	fputs(man_head, out);
	for (; section->name != NULL; section++) {
		fprintf(out, ".Ss [%s]\\&\n", section->name);
		put_prose(out, "", true, section->help);
		fputs(".Bl -tag -width Ds\n", out);
		for_settings(section, out, man_setting);
		fputs(".El\n", out);
	}
	man_sites(out);
	fputs(man_tail, out);
}
