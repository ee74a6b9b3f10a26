/* Reads a template of pages and makes the HTTP headers that fit it. */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "app/page_template.h"
#include "base/file.h"
#include "http/agent.h"
#include "http/next.h"
#include "http/qr.h"
#include "http/style.h"
#include "secret/digest.h"
#include "secret/recovery.h"
#include "secret/token.h"
#include "secret/totp.h"
#include "store/ports.h"

/* PAGE_MAX leaves 8 KiB of the largest answer for the header lines. */
enum { FILE_SIZE_MAX = 65536, PAGE_MAX = REPLY_MAX - 8192 };
enum { STYLES_MAX = 16, HEAD_MAX = 4096 };

/* etc/login.html as a C string, made by the build */
static const char built_in[] =
#include "app/login_html.inc"
    ;

static const char *const fixed_names[] = {
	[THEME_LOGIN] = "login",
	[THEME_USER] = "user",
	[THEME_LOGOUT] = "logout",
	[THEME_NOTE] = "note",
	[THEME_ACCOUNT] = "account",
	[THEME_FACTOR] = "factor",
	[THEME_RESET] = "reset",
	[THEME_COOKIE_NEEDS_HTTPS] = "cookie_needs_https",
	[THEME_MESSAGE] = "message",
	[THEME_UNAVAILABLE] = "unavailable",
	[THEME_MINUTES] = "minutes",
	[THEME_MOUNT] = "mount",
	[THEME_AGAIN] = "again",
	[THEME_EMAIL] = "email",
	[THEME_NEXT] = "next",
	[THEME_REMEMBER] = "remember",
	[THEME_LOGGED_OUT] = "logged_out",
	[THEME_UNUSABLE] = "unusable",
	[THEME_HOURS] = "hours",
	[THEME_UNSAVED] = "unsaved",
	[THEME_LOGGED_IN_AS] = "logged_in_as",
	[THEME_BACK] = "back",
	[THEME_STILL_OPEN] = "still_open",
	[THEME_TITLE] = "title",
	[THEME_FORGOT_URL] = "forgot_url",
	[THEME_LANG] = "lang",
	[THEME_SESSIONS] = "sessions",
	[THEME_HANDLE] = "handle",
	[THEME_DEVICE] = "device",
	[THEME_ADDRESS] = "address",
	[THEME_CURRENT] = "current",
	[THEME_SEEN_MINUTES] = "seen_minutes",
	[THEME_SEEN_HOURS] = "seen_hours",
	[THEME_SEEN_DAYS] = "seen_days",
	[THEME_LIST_FULL] = "list_full",
	[THEME_OTHERS] = "others",
	[THEME_USER_ID] = "user_id",
	[THEME_UP] = "up",
	[THEME_CAN_CHANGE] = "can_change",
	[THEME_ASKS] = "asks",
	[THEME_AT_PASSWORD] = "at_password",
	[THEME_AT_OTHERS] = "at_others",
	[THEME_DIFFER] = "differ",
	[THEME_OTHER_USER] = "other_user",
	[THEME_DONE] = "done",
	[THEME_DONE_ENDED] = "done_ended",
	[THEME_DONE_OTHERS] = "done_others",
	[THEME_DONE_PASSWORD] = "done_password",
	[THEME_DONE_FACTOR] = "done_factor",
	[THEME_DONE_FACTOR_REMOVED] = "done_factor_removed",
	[THEME_CAN_FACTOR] = "can_factor",
	[THEME_SECRET] = "secret",
	[THEME_SECRET_SHOWN] = "secret_shown",
	[THEME_OTPAUTH] = "otpauth",
	[THEME_QR] = "qr",
	[THEME_QR_SIZE] = "qr_size",
	[THEME_TOKEN] = "token",
	[THEME_NO_REFERRER] = "no_referrer",
	[THEME_ASKS_CODE] = "asks_code",
	[THEME_RECOVERY] = "recovery",
	[THEME_RECOVERY_LEFT] = "recovery_left",
	[THEME_RECOVERY_NEW] = "recovery_new",
};

/* A template while it is being read. */
struct sketch {
	struct arena *arena;
	struct page_template *page;
	const char *file;
	struct str text;
	FILE *errors;
};

static bool
report(struct sketch *sketch, int line_no, const char *words)
{
	fprintf(sketch->errors, "%s:", sketch->file);
	if (line_no > 0)
		fprintf(sketch->errors, "%d:", line_no);
	fprintf(sketch->errors, " %s\n", words);
	return false;
}

/* Converts CR LF to LF, as browsers do before they hash a style. */
static struct str
drop_returns(char *bytes, size_t len)
{
	size_t kept = 0;

	for (size_t i = 0; i < len; i++)
		if (bytes[i] != '\r' || i + 1 == len || bytes[i + 1] != '\n')
			bytes[kept++] = bytes[i];
	return (struct str){ bytes, kept };
}

static bool
read_file(struct sketch *sketch)
{
	char *bytes = arena_alloc(sketch->arena, FILE_SIZE_MAX + 1);
	size_t len;

	if (!file_read(sketch->file, bytes, FILE_SIZE_MAX + 1, &len))
		return report(sketch, 0,
		    errno == EFBIG ? "is longer than 64 KiB" : strerror(errno));
	sketch->text = drop_returns(bytes, len);
	return true;
}

/* Returns the first byte that is not printable UTF-8 text, or NULL. */
static const char *
find_rubbish(struct str text)
{
	for (size_t len; text.len > 0; text = str_from_byte(text, len)) {
		unsigned char byte = (unsigned char)text.ptr[0];

		len = str_utf8_head(text);
		if (len == 0 || byte == 0x7f ||
		    (byte < ' ' && byte != '\n' && byte != '\t'))
			return text.ptr;
	}
	return NULL;
}

static bool
check_text(struct sketch *sketch)
{
	const char *rubbish = find_rubbish(sketch->text);

	return rubbish == NULL ||
	       report(sketch, template_line_of(sketch->text, rubbish),
		   "a control character, or no UTF-8");
}

static const char *const *
all_names(struct arena *arena)
{
	const char **names =
	    arena_alloc(arena, (THEME_VALUES + 1) * sizeof(*names));

	for (int i = 0; i < THEME_CODES; i++)
		names[i] = fixed_names[i];
	names[THEME_CODES] = ""; /* ANSWER_NONE is no refusal */
	for (int i = ANSWER_NONE + 1; i < ANSWER_COUNT; i++)
		names[THEME_CODES + i] = answer_code((enum answer)i);
	return names;
}

/*
 * Sets the size of each value at its longest, in bytes, escaped.  A flag takes
 * one byte.
 */
static void
measure(const struct conf *conf, size_t sizes[THEME_COUNT])
{
	const size_t escaped = 6, percent = 3;
	size_t mount = strlen(conf->server_mount) * escaped;

	for (int i = 0; i < THEME_COUNT; i++)
		sizes[i] = 1;
	sizes[THEME_USER] = THEME_USER_MAX * escaped;
	sizes[THEME_MESSAGE] = 64 * escaped;
	sizes[THEME_MINUTES] = 20; /* digits of an int64_t */
	sizes[THEME_MOUNT] = mount;
	sizes[THEME_AGAIN] = mount + strlen(conf->gate_login_url) * escaped +
			     16 + NEXT_MAX * percent;
	sizes[THEME_EMAIL] = THEME_EMAIL_MAX * escaped;
	sizes[THEME_NEXT] = sizes[THEME_BACK] = NEXT_MAX * escaped;
	sizes[THEME_HOURS] = 20;
	sizes[THEME_LOGGED_IN_AS] = THEME_USER_MAX * escaped;
	sizes[THEME_TITLE] = strlen(conf->login_title) * escaped;
	sizes[THEME_FORGOT_URL] = strlen(conf->login_forgot_url) * escaped;
	sizes[THEME_LANG] = 40;
	sizes[THEME_ACCOUNT] = THEME_USER_MAX * escaped;
	sizes[THEME_HANDLE] = 16;
	sizes[THEME_DEVICE] = AGENT_DEVICE_MAX;
	sizes[THEME_ADDRESS] = THEME_ADDRESS_MAX;
	sizes[THEME_SEEN_DAYS] = 20;
	sizes[THEME_SEEN_HOURS] = sizes[THEME_SEEN_MINUTES] = 2;
	sizes[THEME_USER_ID] =
	    64; /* every id has at most 64 bytes (store/id.h) */
	sizes[THEME_UP] = 6;
	sizes[THEME_TOKEN] = TOKEN_MAX;
	sizes[THEME_FACTOR] = THEME_USER_MAX * escaped;
	sizes[THEME_SECRET] = TOTP_TEXT_LEN;
	sizes[THEME_SECRET_SHOWN] = 2 * TOTP_TEXT_LEN;
	sizes[THEME_QR] = QR_PATH_MAX;
	sizes[THEME_QR_SIZE] = 3;
	sizes[THEME_RECOVERY_LEFT] = 20;
	sizes[THEME_RECOVERY_NEW] = RECOVERY_CODES * (RECOVERY_SHOWN_LEN + 1);
	sizes[THEME_OTPAUTH] =
	    (THEME_USER_MAX + 2 * strlen(conf->login_title)) * percent +
	    strlen(conf->server_origins) * percent + 64 * escaped;
}

/*
 * Returns the length of the longest page.  A page is of one of the seven kinds,
 * so the other six are empty.
 */
static size_t
longest_page(const struct template *template, const struct conf *conf)
{
	static const enum theme_value kinds[] = { THEME_LOGIN, THEME_USER,
		THEME_LOGOUT, THEME_NOTE, THEME_ACCOUNT, THEME_FACTOR,
		THEME_RESET };
	const size_t count = sizeof(kinds) / sizeof(kinds[0]);
	size_t all[THEME_COUNT], longest = 0;

	measure(conf, all);
	for (size_t kind = 0; kind < count; kind++) {
		size_t sizes[THEME_COUNT], size;

		memcpy(sizes, all, sizeof(sizes));
		for (size_t i = 0; i < count; i++)
			if (i != kind)
				sizes[kinds[i]] = 0;
		size = template_size_max(
		    template, sizes, THEME_SESSIONS, SESSIONS_LISTED_MAX);
		if (size > longest)
			longest = size;
	}
	return longest;
}

static bool
parse_page(struct sketch *sketch, const struct conf *conf)
{
	struct arena *arena = sketch->arena;
	struct page_template *page = sketch->page;
	struct template_error error;

	page->template =
	    template_parse(arena, sketch->text, all_names(arena), &error);
	if (page->template == NULL)
		return report(sketch, error.line_no, error.words);
	if (longest_page(page->template, conf) > PAGE_MAX)
		return report(sketch, 0,
		    "a page could become longer than 56 KiB: name long values, "
		    "next and again, less often, and say less of a session");
	page->language_count =
	    template_languages(page->template, &page->languages);
	return true;
}

/*
 * Adds the hash of a style to the policy.  A style with a variable part has no
 * fixed hash.
 */
static bool
add_style(struct sketch *sketch, struct buf *head, struct str style)
{
	struct str hash = digest_base64(sketch->arena, style);

	if (style.len > 1 && memmem(style.ptr, style.len, "{{", 2) != NULL)
		return report(sketch, template_line_of(sketch->text, style.ptr),
		    "there can be no {{ within a <style>");
	if (str_is_none(hash))
		return report(sketch, 0, "OpenSSL has no SHA-256");
	buf_add(head, STR(" 'sha256-"));
	buf_add(head, hash);
	buf_add_char(head, '\'');
	return true;
}

static bool
add_styles(struct sketch *sketch, struct buf *head)
{
	struct str rest = sketch->text, style;
	int count = 0;

	while (style_next(&rest, &style)) {
		if (count++ == STYLES_MAX)
			return report(sketch, 0, "has more than 16 <style>");
		if (count == 1)
			buf_add(head, STR("style-src"));
		if (!add_style(sketch, head, style))
			return false;
	}
	if (count > 0)
		buf_add(head, STR("; "));
	return true;
}

/* Content Security Policy 3: default-src 'none' forbids everything else. */
static bool
make_head(struct sketch *sketch, struct str referrer_policy, struct str *made)
{
	struct buf head = buf_open(sketch->arena, HEAD_MAX);

	buf_add(&head, STR("Content-Type: text/html; charset=utf-8\r\n"
			   "Cache-Control: no-store\r\n"
			   "Vary: Cookie, Accept-Language\r\n"
			   "X-Content-Type-Options: nosniff\r\n"
			   "Referrer-Policy: "));
	buf_add(&head, referrer_policy);
	buf_add(&head, STR("\r\n"
			   "X-Frame-Options: DENY\r\n"
			   "Content-Security-Policy: default-src 'none'; "));
	if (!add_styles(sketch, &head))
		return false;
	buf_add(&head, STR("form-action 'self'; frame-ancestors 'none'; "
			   "base-uri 'none'\r\n"));
	*made = buf_str(&head);
	return true;
}

bool
page_template_open(struct page_template *page, struct arena *arena,
    const struct conf *conf, const char *file, FILE *errors)
{
	struct sketch sketch = { .arena = arena,
		.page = page,
		.file = file != NULL ? file : "etc/login.html",
		.text = STR(built_in),
		.errors = errors };

	return (file == NULL || read_file(&sketch)) && check_text(&sketch) &&
	       parse_page(&sketch, conf) &&
	       make_head(&sketch, STR("same-origin"), &page->head) &&
	       make_head(&sketch, STR("no-referrer"), &page->secret_head);
}

const char *
page_template_name(enum theme_value value)
{
	return fixed_names[value];
}
