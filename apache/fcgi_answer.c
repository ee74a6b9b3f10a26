/* Reads an answer of sessgate; pure. */
#include <string.h>
#include <strings.h>

#include "apache/fcgi_answer.h"
#include "fcgi/protocol.h"

enum { REQUEST_ID = 1, END_BYTES = 8, END_STATUS_AT = 4 };

static const char variable_mark[] = "Variable-";

/* The parts of a record that was received in full. */
struct record {
	unsigned char type;
	char *content;
	size_t len;
};

/* False: the record is not complete yet. */
static bool
take_record(struct record *record, char *bytes, size_t len, size_t *size)
{
	const unsigned char *head = (const unsigned char *)bytes;

	if (len < FCGI_REC_HEADER)
		return false;
	record->type = head[1];
	record->content = bytes + FCGI_REC_HEADER;
	record->len = (size_t)head[4] << 8 | head[5];
	*size = FCGI_REC_HEADER + record->len + head[6];
	return *size <= len;
}

/* False if these bytes cannot begin a record that answers our request. */
static bool
head_is_ours(const char *bytes, size_t len)
{
	const unsigned char *head = (const unsigned char *)bytes;

	return (len < 1 || head[0] == FCGI_REC_VERSION) &&
	       (len < 2 || head[1] == FCGI_REC_STDOUT ||
		   head[1] == FCGI_REC_STDERR || head[1] == FCGI_REC_END) &&
	       (len < 3 || head[2] == 0) && (len < 4 || head[3] == REQUEST_ID);
}

static bool
take_text(
    struct fcgi_records *records, char *bytes, const struct record *record)
{
	if (records->is_text_over)
		return false;
	if (record->len == 0)
		records->is_text_over = true;
	memmove(bytes + records->text_len, record->content, record->len);
	records->text_len += record->len;
	return true;
}

static bool
take_end(struct fcgi_records *records, const struct record *record)
{
	records->is_over = true;
	return record->len == END_BYTES &&
	       record->content[END_STATUS_AT] == FCGI_REC_COMPLETE;
}

static bool
take_content(
    struct fcgi_records *records, char *bytes, const struct record *record)
{
	switch (record->type) {
	case FCGI_REC_STDOUT:
		return take_text(records, bytes, record);
	case FCGI_REC_END:
		return take_end(records, record);
	default: /* STDERR: sessgate has its own log */
		return true;
	}
}

enum fcgi_answer_verdict
fcgi_records_read(struct fcgi_records *records, char *bytes, size_t len)
{
	struct record record;
	size_t size;

	while (!records->is_over) {
		char *from = bytes + records->at;
		size_t left = len - records->at;

		if (!head_is_ours(from, left))
			return FCGI_ANSWER_BAD;
		if (!take_record(&record, from, left, &size))
			return FCGI_ANSWER_MORE;
		if (!take_content(records, bytes, &record))
			return FCGI_ANSWER_BAD;
		records->at += size;
	}
	return records->at == len ? FCGI_ANSWER_WHOLE : FCGI_ANSWER_BAD;
}

/* True for a field name of letters, digits, - and _ (RFC 9110 allows more). */
static bool
is_name(const char *text)
{
	size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz0123456789-_");

	return len > 0 && text[len] == '\0';
}

/* True for text without control characters, except tabs. */
static bool
is_value(const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char byte = (unsigned char)*text;

		if ((byte < ' ' && byte != '\t') || byte == 0x7f)
			return false;
	}
	return true;
}

/*
 * Takes a line off the front of the text and ends it with a NUL in place of its
 * line end.  NULL: there is no whole line, or a NUL in it.
 */
static char *
take_line(char **at, const char *end)
{
	char *line = *at;
	char *feed = memchr(line, '\n', (size_t)(end - line));

	if (feed == NULL || memchr(line, '\0', (size_t)(feed - line)) != NULL)
		return NULL;
	*at = feed + 1;
	*feed = '\0';
	if (feed > line && feed[-1] == '\r')
		feed[-1] = '\0';
	return line;
}

static bool
split_field(struct fcgi_field *field, char *line)
{
	char *colon = strchr(line, ':'), *end;

	if (colon == NULL)
		return false;
	*colon = '\0';
	field->name = line;
	field->value = colon + 1 + strspn(colon + 1, " \t");
	end = line + (field->value - line) + strlen(field->value);
	while (end > field->value && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = '\0';
	return is_name(field->name) && is_value(field->value);
}

/* Reads three digits, and perhaps a space and a reason.  0: it is no status. */
static int
read_status(const char *value)
{
	if (strspn(value, "0123456789") != 3 ||
	    (value[3] != '\0' && value[3] != ' '))
		return 0;
	return (value[0] - '0') * 100 + (value[1] - '0') * 10 + value[2] - '0';
}

/* False: a bad or second Status, or too many fields. */
static bool
keep_field(struct fcgi_answer *answer, const struct fcgi_field *field)
{
	if (strcasecmp(field->name, "Status") == 0) {
		if (answer->status != 0)
			return false;
		answer->status = read_status(field->value);
		return answer->status >= 200 && answer->status <= 599;
	}
	if (answer->count == FCGI_ANSWER_FIELDS)
		return false;
	answer->fields[answer->count++] = *field;
	return true;
}

const char *
fcgi_answer_parse(struct fcgi_answer *answer, char *text, size_t len)
{
	const char *end = text + len;
	struct fcgi_field field;
	char *line;

	answer->status = 0;
	answer->count = 0;
	while ((line = take_line(&text, end)) != NULL && *line != '\0') {
		if (!split_field(&field, line))
			return "a header field is malformed";
		if (!keep_field(answer, &field))
			return "a bad or second status, or too many fields";
	}
	if (line == NULL)
		return "the head is cut off";
	if (answer->status == 0)
		return "there is no status";
	answer->body = text;
	answer->body_len = (size_t)(end - text);
	return NULL;
}

const char *
fcgi_answer_find(const struct fcgi_answer *answer, const char *name)
{
	for (size_t i = 0; i < answer->count; i++)
		if (strcasecmp(answer->fields[i].name, name) == 0)
			return answer->fields[i].value;
	return NULL;
}

bool
fcgi_is_variable(const char *name)
{
	return strcmp(name, "REMOTE_USER") == 0 ||
	       strncmp(name, "SESSGATE_", 9) == 0;
}

const char *
fcgi_field_variable(const struct fcgi_field *field)
{
	size_t len = sizeof(variable_mark) - 1;

	if (strncasecmp(field->name, variable_mark, len) != 0)
		return NULL;
	return fcgi_is_variable(field->name + len) ? field->name + len : NULL;
}

/* The number of users that the answer names; -1: one is empty. */
static int
count_users(const struct fcgi_answer *answer)
{
	int count = 0;

	for (size_t i = 0; i < answer->count; i++) {
		const struct fcgi_field *field = &answer->fields[i];

		if (strcasecmp(field->name, "Variable-REMOTE_USER") != 0)
			continue;
		if (field->value[0] == '\0')
			return -1;
		count++;
	}
	return count;
}

static bool
is_public(const struct fcgi_answer *answer)
{
	const char *code = fcgi_answer_find(answer, "X-Sessgate-Code");

	return code != NULL && strcmp(code, "public") == 0;
}

enum fcgi_answer_kind
fcgi_answer_kind(const struct fcgi_answer *answer)
{
	int users = count_users(answer);

	if (answer->status == 200 && users == 1 && !is_public(answer))
		return FCGI_ANSWER_USER;
	if (answer->status == 200 && users == 0 && is_public(answer))
		return FCGI_ANSWER_STRANGER;
	if (answer->status >= 400)
		return FCGI_ANSWER_REFUSAL;
	if ((answer->status == 302 || answer->status == 303) &&
	    fcgi_answer_find(answer, "Location") != NULL)
		return FCGI_ANSWER_REFUSAL;
	return FCGI_ANSWER_NONSENSE;
}
