/* audit: the lines of the audit trail, of a log file or of the journal. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/fold.h"
#include "base/log.h"
#include "base/log_audit.h"
#include "ctl/audit.h"
#include "ctl/audit_json.h"
#include "ctl/cmds.h"
#include "ctl/command.h"
#include "ctl/json_line.h"
#include "ctl/limit_counters.h"
#include "ctl/people.h"
#include "ctl/screen.h"

enum { FIELD_SIZE = 1024, FOLLOW_MS = 200, TIME_SIZE = 32 };

#define PROGRAM " sessgate["

/* A line of the log: its time, and the event with its fields as text. */
struct entry {
	struct str time, body;
};

/* The conditions on a line.  Texts are fields as the log writes them. */
struct filter {
	struct ctl *ctl;
	struct arena *arena; /* of one line; the texts are in ctl->arena */
	struct str id, user, subject, addr; /* STR_NONE: any */
	char since[TIME_SIZE];		    /* times sort as text; empty: any */
	bool is_plain; /* the lines are of a file: each begins with its time */
};

/* A field as log_format writes it: ` user=alice`. */
static struct str
field_text(struct ctl *ctl, const char *key, struct str value)
{
	const struct log_field fields[] = { log_str(key, value), LOG_END };
	char *text = arena_alloc(ctl->arena, FIELD_SIZE);

	return (struct str){ text, log_format(text, FIELD_SIZE, "", fields) };
}

/* The length of the field ` key=value` at the start of text, with escapes. */
static size_t
raw_field(struct str text)
{
	bool is_quoted = false;
	size_t len = 1;

	for (; len < text.len; len++) {
		if (text.ptr[len] == '\\')
			len++;
		else if (text.ptr[len] == '"')
			is_quoted = !is_quoted;
		else if (text.ptr[len] == ' ' && !is_quoted)
			break;
	}
	return len < text.len ? len : text.len;
}

/*
 * True if one of the fields is this one.  A plain search in the text would not
 * do: a quoted value may contain the text of a field.
 */
static bool
has_field(struct str fields, struct str field)
{
	while (fields.len > 0) {
		size_t len = raw_field(fields);

		if (str_eq((struct str){ fields.ptr, len }, field))
			return true;
		fields = str_from_byte(fields, len);
	}
	return false;
}

/* The text behind `sessgate[123]: `; STR_NONE: another program's line. */
static struct str
behind_program(struct str line)
{
	const struct str mark = STR(PROGRAM), end = STR("]: ");
	size_t at = 0;

	while (at < line.len && !str_starts(str_from_byte(line, at), mark))
		at++;
	line = str_from_byte(line, at);
	for (at = 0; at < line.len; at++)
		if (str_starts(str_from_byte(line, at), end))
			return str_from_byte(line, at + end.len);
	return STR_NONE;
}

static bool
read_entry(struct arena *arena, struct str line, struct entry *entry)
{
	bool is_json = str_starts(line, STR("{"));
	struct str rest = line;

	entry->time = is_json ? STR("") : str_cut(&rest, ' ');
	entry->body = is_json ? line : behind_program(line);
	if (!str_is_none(entry->body) && str_starts(entry->body, STR("{")))
		entry->body = audit_text_of(arena, entry->body, &entry->time);
	return !str_is_none(entry->body) &&
	       !str_is_none(log_audit_event(entry->body));
}

static bool
is_wanted_entry(const struct filter *filter, const struct entry *entry)
{
	size_t since = strlen(filter->since);
	bool is_person = !str_is_none(filter->user);
	struct str fields =
	    str_from_byte(entry->body, log_audit_event(entry->body).len);

	if (filter->is_plain && since > 0 &&
	    (entry->time.len < since ||
		memcmp(entry->time.ptr, filter->since, since) < 0))
		return false;
	if (is_person && !has_field(fields, filter->user) &&
	    !has_field(fields, filter->subject) &&
	    (str_is_none(filter->id) || !has_field(fields, filter->id)))
		return false;
	return str_is_none(filter->addr) || has_field(fields, filter->addr);
}

/*
 * Reads the next field, ` key=value`.  *value is without quotes and escapes.
 * False: there is none.
 */
static bool
next_field(
    struct arena *arena, struct str *rest, struct str *key, struct str *value)
{
	char *plain = arena_alloc(arena, rest->len + 1);
	size_t len = 0, at = 0;
	bool is_quoted;

	if (rest->len == 0 || rest->ptr[0] != ' ')
		return false;
	*rest = str_from_byte(*rest, 1);
	*key = str_cut(rest, '=');
	if (str_is_none(*rest))
		return false;
	is_quoted = rest->len > 0 && rest->ptr[0] == '"';
	for (at = is_quoted; at < rest->len; at++) {
		char c = rest->ptr[at];

		if (c == (is_quoted ? '"' : ' '))
			break;
		if (c == '\\' && at + 3 < rest->len &&
		    rest->ptr[at + 1] == 'x') {
			const char digits[] = { rest->ptr[at + 2],
				rest->ptr[at + 3], '\0' };

			c = (char)strtol(digits, NULL, 16);
			at += 3;
		} else if (c == '\\' && at + 1 < rest->len) {
			c = rest->ptr[++at];
		}
		plain[len++] = c;
	}
	*value = (struct str){ plain, len };
	*rest = str_from_byte(*rest, at + (is_quoted && at < rest->len));
	return true;
}

static void
print_entry_json(struct arena *arena, const struct entry *entry)
{
	struct json_writer *line = json_line_begin(arena);
	struct str event = log_audit_event(entry->body);
	struct str rest = str_from_byte(entry->body, event.len), key, value;

	json_write_name(line, STR("time"));
	screen_add_json(line->buf, entry->time);
	json_write_name(line, STR("event"));
	screen_add_json(line->buf, event);
	while (next_field(arena, &rest, &key, &value)) {
		buf_add_char(line->buf, ',');
		screen_add_json(line->buf, key);
		buf_add_char(line->buf, ':');
		screen_add_json(line->buf, value);
	}
	json_line_print(line);
}

static void
print_audit_line(struct filter *filter, struct str line)
{
	struct arena *arena = filter->arena;
	struct entry entry;

	arena_reset(arena);
	if (!read_entry(arena, line, &entry) ||
	    !is_wanted_entry(filter, &entry))
		return;
	if (filter->ctl->is_json) {
		print_entry_json(arena, &entry);
		return;
	}
	line = screen_text(arena, line, line.len * 8);
	printf("%.*s\n", STR_ARG(line));
}

/* Prints lines until the end of the file; is_followed: waits there for more. */
static void
read_lines(struct filter *filter, FILE *in, bool is_followed)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t len;

	for (;;) {
		len = getline(&line, &size, in);
		if (len > 0) {
			print_audit_line(filter,
			    (struct str){
				line, (size_t)len - (line[len - 1] == '\n') });
			continue;
		}
		fflush(stdout);
		if (!is_followed || ferror(stdout))
			break;
		clearerr(in);
		poll(NULL, 0, FOLLOW_MS);
	}
	free(line);
}

static int
read_log_file(struct filter *filter, const char *path, bool is_followed)
{
	FILE *in = fopen(path, "re");

	if (in == NULL) {
		ctl_warn("%s: %s", path, strerror(errno));
		return errno == EACCES ? EX_NOPERM : CTL_NO;
	}
	filter->is_plain = true;
	read_lines(filter, in, is_followed);
	fclose(in);
	return CTL_DONE;
}

/* Reads the journal, which has the system log and the stderr of units. */
static int
read_journal(struct filter *filter, bool is_followed)
{
	char command[160];
	FILE *in;

	snprintf(command, sizeof(command),
	    "exec journalctl -q -t sessgate -o short-iso --no-pager%s%s%s%s",
	    filter->since[0] != '\0' ? " --utc --since '" : "", filter->since,
	    filter->since[0] != '\0' ? "'" : "",
	    is_followed ? " -f -n all" : "");
	/* NOLINTNEXTLINE(cert-env33-c): our words, and a time of strftime */
	in = popen(command, "re");
	if (in == NULL)
		return EX_OSERR;
	read_lines(filter, in, false);
	if (pclose(in) == 0)
		return CTL_DONE;
	ctl_warn("journalctl failed: run this as root or in the group "
		 "systemd-journal, or keep a file: [log] target = file:PATH");
	return EX_OSERR;
}

/* Sets the earliest time in the notation of the file or of the journal. */
static void
set_since(struct filter *filter, int64_t since_ms, bool is_file)
{
	time_t seconds = time(NULL) - (time_t)(since_ms / 1000);
	struct tm tm;

	if (since_ms > 0 && gmtime_r(&seconds, &tm) != NULL)
		strftime(filter->since, sizeof(filter->since),
		    is_file ? "%Y-%m-%dT%H:%M:%S" : "%Y-%m-%d %H:%M:%S", &tm);
}

/*
 * Sets the fields by which lines name the user: user and subject have the
 * folded login, as the limits count it; other lines have the id.  Results as of
 * people_find.
 */
static int
set_user(struct filter *filter, const char *name)
{
	struct ctl *ctl = filter->ctl;
	struct str login = str_trim(str_from(name));
	struct person person;
	struct user user;
	int status;

	if (str_starts(login, STR("id:"))) {
		status = people_find(ctl, name, PEOPLE_ID, &person);
		if (status >= 0)
			return status;
		filter->id = field_text(ctl, "id", person.id);
		login = person.has_row ? person.user.login : STR("");
	} else if (people_by_login(ctl, login, &user) == RESULT_OK) {
		filter->id = field_text(ctl, "id", user.id);
		login = user.login;
	}
	login = fold_text(ctl->arena, login);
	filter->user =
	    field_text(ctl, "user", str_utf8_cut(login, AUDIT_TYPED_MAX));
	filter->subject = field_text(ctl, "subject", login);
	return -1;
}

int
cmd_audit(struct ctl *ctl, const struct args *args)
{
	const char *target = audit_target(ctl);
	bool is_file = strncmp(target, "file:", 5) == 0;
	bool is_followed = args_has(args, OPTION_FOLLOW);
	struct filter filter = { .ctl = ctl };
	struct str address = limit_counters_address(
	    ctl->arena, str_from(args->values[OPTION_ADDRESS]));
	int64_t since_ms;
	int status = -1;

	if (!args_span(args, OPTION_SINCE, 0, &since_ms))
		return EX_USAGE;
	if (args_has(args, OPTION_ADDRESS) && str_is_none(address)) {
		ctl_warn("--address: an address, as 192.0.2.7");
		return EX_USAGE;
	}
	if (!str_is_none(address))
		filter.addr = field_text(ctl, "addr", address);
	if (args_has(args, OPTION_USER))
		status = set_user(&filter, args->values[OPTION_USER]);
	if (status >= 0)
		return status;
	filter.arena = arena_open();
	if (filter.arena == NULL)
		return EX_OSERR;
	set_since(&filter, since_ms, is_file);
	status = is_file ? read_log_file(&filter, target + 5, is_followed)
			 : read_journal(&filter, is_followed);
	arena_close(filter.arena);
	return status;
}
