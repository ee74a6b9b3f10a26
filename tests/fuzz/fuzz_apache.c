/*
 * apache/fcgi_answer, apache/scope: an answer is read to the same values
 * however it comes in, nobody is let in by one that is cut, and a path that is
 * covered is below the first prefix and below no other.
 */
#include "config.h"

#include "apache/fcgi_answer.h"
#include "apache/scope.h"
#include "fuzz.h"

/* In a block of its own size: the caller may move what was received. */
static char *
append(char *bytes, size_t len, const char *more, size_t count)
{
	char *larger = malloc(len + count > 0 ? len + count : 1);

	fuzz_claim(larger != NULL);
	if (len > 0)
		memcpy(larger, bytes, len);
	memcpy(larger + len, more, count);
	free(bytes);
	return larger;
}

/* The whole text of an answer, to be freed; NULL: there is none. */
static char *
read_records(const char *from, size_t len, uint32_t seed, size_t *text_len)
{
	enum fcgi_answer_verdict verdict = FCGI_ANSWER_MORE;
	struct fcgi_records records = { 0 };
	char *bytes = NULL;
	size_t at = 0;

	while (verdict == FCGI_ANSWER_MORE && at < len) {
		size_t piece = fuzz_piece(&seed, len - at);

		bytes = append(bytes, at, from + at, piece);
		at += piece;
		verdict = fcgi_records_read(&records, bytes, at);
		fuzz_claim(records.at <= at);
		fuzz_claim(records.text_len <= records.at);
	}
	/* bytes behind the end may be seen as such only once they are there */
	if (verdict != FCGI_ANSWER_WHOLE || at < len) {
		free(bytes);
		return NULL;
	}
	*text_len = records.text_len;
	return bytes;
}

static void
judge_variables(const struct fcgi_answer *answer)
{
	for (size_t i = 0; i < answer->count; i++) {
		const char *name = fcgi_field_variable(&answer->fields[i]);

		fuzz_claim(answer->fields[i].name[0] != '\0');
		fuzz_claim(strpbrk(answer->fields[i].value, "\r\n") == NULL);
		fuzz_claim(name == NULL || strcmp(name, "REMOTE_USER") == 0 ||
			   strncmp(name, "SESSGATE_", 9) == 0);
	}
}

static void
judge_kind(const struct fcgi_answer *answer)
{
	const char *user = fcgi_answer_find(answer, "Variable-REMOTE_USER");
	const char *code = fcgi_answer_find(answer, "X-Sessgate-Code");

	switch (fcgi_answer_kind(answer)) {
	case FCGI_ANSWER_USER:
		fuzz_claim(answer->status == 200);
		fuzz_claim(user != NULL && user[0] != '\0');
		break;
	case FCGI_ANSWER_STRANGER:
		fuzz_claim(answer->status == 200 && user == NULL);
		fuzz_claim(code != NULL && strcmp(code, "public") == 0);
		break;
	case FCGI_ANSWER_REFUSAL:
		fuzz_claim(answer->status >= 302 && answer->status <= 599);
		break;
	case FCGI_ANSWER_NONSENSE:
		break;
	}
}

static bool
is_below(const char *path, const char *prefix, size_t len)
{
	return strncmp(path, prefix, len) == 0 &&
	       (prefix[len - 1] == '/' || path[len] == '/' ||
		   path[len] == '\0');
}

static void
judge_scope(const struct fcgi_answer *answer)
{
	const char *scope = fcgi_answer_find(answer, "X-Sessgate-Scope");
	const char *path = fcgi_answer_find(answer, "Location");
	size_t len;

	if (scope == NULL || path == NULL || !scope_covers(scope, path))
		return;
	len = strcspn(scope, ";");
	fuzz_claim(path[0] == '/' && is_below(path, scope, len));
	for (scope += len; *scope == ';'; scope += len) {
		len = strcspn(++scope, ";");
		fuzz_claim(len == 0 || !is_below(path, scope, len));
	}
}

/* A sum over what an answer says; 0: it is none. */
static uint64_t
read_answer(const char *bytes, size_t len, uint32_t seed)
{
	struct fcgi_answer answer;
	size_t text_len;
	char *text = read_records(bytes, len, seed, &text_len);
	uint64_t sum = 0;

	if (text == NULL)
		return 0;
	if (fcgi_answer_parse(&answer, text, text_len) == NULL) {
		fuzz_claim(answer.status >= 200 && answer.status <= 599);
		fuzz_claim(answer.count <= FCGI_ANSWER_FIELDS);
		fuzz_claim(answer.body + answer.body_len == text + text_len);
		judge_variables(&answer);
		judge_kind(&answer);
		judge_scope(&answer);
		sum = fuzz_sum(1, &answer.status, sizeof(answer.status));
		for (size_t i = 0; i < answer.count; i++)
			sum = fuzz_sum(sum, answer.fields[i].value,
			    strlen(answer.fields[i].value));
		sum = fuzz_sum(sum, answer.body, answer.body_len);
	}
	free(text);
	return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const char *text = (const char *)bytes;
	uint32_t seed = (uint32_t)fuzz_sum(1, bytes, len) | 1;
	uint64_t sum = read_answer(text, len, 0);

	fuzz_claim(sum == read_answer(text, len, seed));
	if (sum != 0 && len > 0)
		fuzz_claim(read_answer(text, len - 1, 0) == 0);
	return 0;
}
