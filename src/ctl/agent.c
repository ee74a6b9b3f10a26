#include "config.h"

#include "base/buf.h"
#include "ctl/agent.h"

struct mark {
	struct str mark; /* in the header */
	const char *name;
};

/* The first that fits: most browsers also name those that they resemble. */
static const struct mark browsers[] = {
	{ STR_INIT("Edg/"), "Edge" },
	{ STR_INIT("OPR/"), "Opera" },
	{ STR_INIT("SamsungBrowser/"), "Samsung Internet" },
	{ STR_INIT("Vivaldi/"), "Vivaldi" },
	{ STR_INIT("FxiOS/"), "Firefox" },
	{ STR_INIT("Firefox/"), "Firefox" },
	{ STR_INIT("CriOS/"), "Chrome" },
	{ STR_INIT("Chrome/"), "Chrome" },
	{ STR_INIT("Version/"), "Safari" },
	{ STR_INIT("curl/"), "curl" },
	{ STR_INIT("Wget/"), "Wget" },
};
static const struct mark systems[] = {
	{ STR_INIT("Windows"), "Windows" },
	{ STR_INIT("Android"), "Android" },
	{ STR_INIT("iPhone"), "iPhone" },
	{ STR_INIT("iPad"), "iPad" },
	{ STR_INIT("Mac OS X"), "macOS" },
	{ STR_INIT("CrOS"), "ChromeOS" },
	{ STR_INIT("Linux"), "Linux" },
};

enum { WORDS_MAX = 64 };

/* The offset of part in s; s.len if it does not occur. */
static size_t
offset_of(struct str s, struct str part)
{
	size_t at = 0;

	while (at < s.len && !str_starts(str_from_byte(s, at), part))
		at++;
	return at;
}

/* The digits at the start of s. */
static struct str
digits_of(struct str s)
{
	size_t len = 0;

	while (len < s.len && s.ptr[len] >= '0' && s.ptr[len] <= '9')
		len++;
	return (struct str){ s.ptr, len };
}

struct str
agent_words(struct arena *arena, struct str agent)
{
	const size_t browser_count = sizeof(browsers) / sizeof(browsers[0]);
	const size_t system_count = sizeof(systems) / sizeof(systems[0]);
	struct buf words = buf_open(arena, WORDS_MAX);
	size_t i = 0, at = agent.len;

	for (; i < browser_count; i++) {
		at = offset_of(agent, browsers[i].mark);
		if (at < agent.len)
			break;
	}
	if (i == browser_count)
		return agent;
	buf_add(&words, str_from(browsers[i].name));
	buf_add_char(&words, ' ');
	buf_add(
	    &words, digits_of(str_from_byte(agent, at + browsers[i].mark.len)));
	for (i = 0; i < system_count; i++)
		if (str_has(agent, systems[i].mark)) {
			buf_add(&words, STR(" on "));
			buf_add(&words, str_from(systems[i].name));
			break;
		}
	return words.is_full ? agent : buf_str(&words);
}
