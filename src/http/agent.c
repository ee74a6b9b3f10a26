/* Names the browser and the system behind a User-Agent header. */
#include "config.h"

#include <string.h>

#include "base/buf.h"
#include "http/agent.h"

struct mark {
	struct str mark; /* part of the header */
	const char *name;
};

/*
 * The first row that fits counts.  The order matters, because most browsers
 * also name those that they resemble.
 */
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

/* Returns the offset of part in s; s.len if it does not occur. */
static size_t
offset_of(struct str s, struct str part)
{
	size_t at = 0;

	while (at < s.len && !str_starts(str_from_byte(s, at), part))
		at++;
	return at;
}

/* Returns the digits at the start of s. */
static struct str
digits_of(struct str s)
{
	size_t len = 0;

	while (len < s.len && s.ptr[len] >= '0' && s.ptr[len] <= '9')
		len++;
	return (struct str){ s.ptr, len };
}

/* The names from the tables for one User-Agent. */
struct agent {
	struct str browser, version; /* version: digits, or empty */
	struct str system;	     /* STR_NONE: no row fits */
};

/* Finds the names for a User-Agent.  False: no row of the browsers fits. */
static bool
read_agent(struct str text, struct agent *agent)
{
	const size_t browser_count = sizeof(browsers) / sizeof(browsers[0]);
	const size_t system_count = sizeof(systems) / sizeof(systems[0]);
	size_t i = 0, at = text.len;

	*agent = (struct agent){ .system = STR_NONE };
	for (; i < browser_count; i++) {
		at = offset_of(text, browsers[i].mark);
		if (at < text.len)
			break;
	}
	if (i == browser_count)
		return false;
	agent->browser = str_from(browsers[i].name);
	agent->version =
	    digits_of(str_from_byte(text, at + browsers[i].mark.len));
	for (i = 0; str_is_none(agent->system) && i < system_count; i++)
		if (str_has(text, systems[i].mark))
			agent->system = str_from(systems[i].name);
	return true;
}

struct str
agent_words(struct arena *arena, struct str text)
{
	struct buf words = buf_open(arena, WORDS_MAX);
	struct agent agent;

	if (!read_agent(text, &agent))
		return text;
	buf_add(&words, agent.browser);
	buf_add_char(&words, ' ');
	buf_add(&words, agent.version);
	if (!str_is_none(agent.system)) {
		buf_add(&words, STR(" on "));
		buf_add(&words, agent.system);
	}
	return words.is_full ? text : buf_str(&words);
}

/* Returns the bytes at the start of text that need no escape anywhere. */
static struct str
plain_head(struct str text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789"
				    " ./_-+";
	size_t len = 0;

	while (len < text.len && len < AGENT_DEVICE_MAX &&
	       memchr(plain, text.ptr[len], sizeof(plain) - 1) != NULL)
		len++;
	return len > 0 ? (struct str){ text.ptr, len } : STR("");
}

struct str
agent_device(struct arena *arena, struct str text)
{
	struct buf words = buf_open(arena, AGENT_DEVICE_MAX);
	struct agent agent;

	if (!read_agent(text, &agent))
		return plain_head(text);
	buf_add(&words, agent.browser);
	if (!str_is_none(agent.system)) {
		buf_add(&words, STR(", "));
		buf_add(&words, agent.system);
	}
	return words.is_full ? agent.browser : buf_str(&words);
}
