/* The library, its threads, and opening and closing a link. */
#include "config.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <mysql.h>

#include "base/clock.h"
#include "mysql/iowait.h"
#include "mysql/settings.h"
#include "mysql/sql.h"
#include "mysql/sql_link.h"
#include "mysql/sql_tls.h"

#define PACKET_BYTES_MAX (16UL << 20) /* the largest row */
#define WRITABLE_MS 1000 /* the lifetime of an answer about read_only */

enum sql_verdict
sql_note_error(struct sql_link *link, const char *of, unsigned code,
    const char *text, struct sql_error *error)
{
	enum sql_verdict verdict = error_code_verdict(code);

	if (text[0] == '\0')
		text = "connection lost";
	snprintf(error->text, sizeof(error->text), "%s%s%s",
	    of != NULL ? of : "", of != NULL ? ": " : "", text);
	error->is_crowding = error_code_is_crowding(code);
	if (verdict == SQL_LOST || verdict == SQL_ELSEWHERE)
		link->is_broken = true;
	return verdict;
}

enum sql_verdict
sql_link_failed(struct sql_link *link, struct sql_error *error)
{
	return sql_note_error(link, NULL, mysql_errno(link->mysql),
	    mysql_error(link->mysql), error);
}

/* The library needs a call at the start and end of each thread that uses it. */
static pthread_key_t thread_key;
static pthread_once_t thread_once = PTHREAD_ONCE_INIT;
static _Thread_local bool is_thread_known;

static void
leave_thread(void *unused)
{
	(void)unused;
	mysql_thread_end();
}

static void
make_thread_key(void)
{
	pthread_key_create(&thread_key, leave_thread);
}

void
sql_enter_thread(void)
{
	if (is_thread_known)
		return;
	pthread_once(&thread_once, make_thread_key);
	mysql_thread_init();
	pthread_setspecific(thread_key, &thread_key);
	is_thread_known = true;
}

/*
 * mysql_library_end is never called: another pool may follow, and the library's
 * memory belongs to the process.
 */
bool
sql_library_open(char *why, size_t why_size)
{
	if (mysql_library_init(0, NULL, NULL) == 0)
		return true;
	snprintf(why, why_size, "the MySQL client library does not start");
	return false;
}

const char *
sql_or_null(const char *text)
{
	return text != NULL && text[0] != '\0' ? text : NULL;
}

/*
 * These time-outs are only a safety net: whole seconds, per read.  Reconnect is
 * off by default; Oracle's library warns on stderr if it is set at all.
 */
static void
set_options(MYSQL *mysql, const struct pool_options *options)
{
	unsigned seconds = (unsigned)((options->timeout_ms + 999) / 1000);
	unsigned is_local_infile = 0;
	unsigned long packet_bytes = PACKET_BYTES_MAX;

	mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
	mysql_options(mysql, MYSQL_OPT_READ_TIMEOUT, &seconds);
	mysql_options(mysql, MYSQL_OPT_WRITE_TIMEOUT, &seconds);
	mysql_options(mysql, MYSQL_OPT_LOCAL_INFILE, &is_local_infile);
	mysql_options(mysql, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet_bytes);
#if defined(HAVE_DECL_MARIADB_OPT_IO_WAIT) && HAVE_DECL_MARIADB_OPT_IO_WAIT
	mysql_optionsv(mysql, MARIADB_OPT_IO_WAIT, (void *)iowait_wait);
#endif
}

struct sql_link *
sql_connect(const struct statement_plan *plan, int number, int64_t deadline_ms,
    struct sql_error *error)
{
	const struct pool_options *options = plan->options;
	const struct pool_server *server = &options->servers[number];
	const char *socket = sql_or_null(server->socket);
	struct sql_link *link = calloc(1, sizeof(*link));
	bool is_open;

	sql_enter_thread();
	if (link != NULL)
		link->mysql = mysql_init(NULL);
	if (link == NULL || link->mysql == NULL) {
		snprintf(error->text, sizeof(error->text), "out of memory");
		goto out;
	}
	link->plan = plan;
	set_options(link->mysql, options);
	sql_tls_set(link->mysql, server);
	iowait_set_deadline(deadline_ms);
	is_open = mysql_real_connect(link->mysql,
		      socket != NULL ? NULL : sql_or_null(server->host),
		      sql_or_null(options->user), server->password,
		      sql_or_null(options->database), (unsigned)server->port,
		      socket, CLIENT_FOUND_ROWS) != NULL;
	iowait_set_deadline(0);
	if (!is_open)
		(void)sql_link_failed(link, error);
	if (sql_tls_check(link->mysql, is_open, server, error))
		return link;
out:
	sql_close(link);
	return NULL;
}

void
sql_close(struct sql_link *link)
{
	if (link == NULL)
		return;
	for (int i = 0; i < POOL_STATEMENTS; i++)
		if (link->statements[i] != NULL)
			mysql_stmt_close(link->statements[i]);
	if (link->mysql != NULL)
		mysql_close(link->mysql);
	free(link);
}

int
sql_dup_socket(const struct sql_link *link)
{
#ifdef HAVE_MYSQL_GET_SOCKET
	int fd = (int)mysql_get_socket(link->mysql);
#else
	int fd = (int)link->mysql->net.fd;
#endif
	return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

bool
sql_is_broken(const struct sql_link *link)
{
	return link->is_broken;
}

/* The argument of run_setting. */
struct setter {
	struct sql_link *link;
	struct sql_error *error;
};

static enum setting_outcome
run_setting(void *arg, const char *sql)
{
	const struct setter *setter = arg;
	MYSQL *mysql = setter->link->mysql;

	if (mysql_real_query(mysql, sql, strlen(sql)) == 0)
		return SETTING_DONE;
	(void)sql_link_failed(setter->link, setter->error);
	return error_code_is_unknown_setting(mysql_errno(mysql))
		   ? SETTING_UNKNOWN
		   : SETTING_FAILED;
}

bool
sql_set_up(struct sql_link *link, struct sql_error *error)
{
	struct setter setter = { link, error };

	return settings_apply(
	    run_setting, &setter, link->plan->options->timeout_ms);
}

/* Servers write 0 or OFF for no; 1, ON or other words for read-only. */
static bool
is_off(MYSQL_RES *result)
{
	MYSQL_ROW row = mysql_fetch_row(result);

	return row != NULL && row[0] != NULL &&
	       (strcmp(row[0], "0") == 0 || strcasecmp(row[0], "OFF") == 0);
}

static bool
was_just_asked(const struct sql_link *link)
{
	return link->checked_ms > 0 &&
	       clock_ms() - link->checked_ms < WRITABLE_MS;
}

enum sql_verdict
sql_check_writable(struct sql_link *link, struct sql_error *error)
{
	static const char question[] = "SELECT @@global.read_only";
	MYSQL_RES *result = NULL;
	bool is_writable;

	if (link->plan->options->server_count < 2 || was_just_asked(link))
		return SQL_OK;
	sql_enter_thread();
	if (mysql_real_query(link->mysql, question, sizeof(question) - 1) == 0)
		result = mysql_store_result(link->mysql);
	if (result == NULL)
		return sql_link_failed(link, error);
	is_writable = is_off(result);
	mysql_free_result(result);
	link->checked_ms = clock_ms();
	if (is_writable)
		return SQL_OK;
	snprintf(error->text, sizeof(error->text), "the server is read-only");
	link->is_broken = true;
	return SQL_ELSEWHERE;
}

/* Reads a date of OpenSSL, `Feb  1 12:00:00 2027 GMT`.  -1: it is malformed. */
static int64_t
read_date(const char *text)
{
	struct tm date = { .tm_isdst = 0 };

	if (strptime(text, "%b %d %H:%M:%S %Y", &date) == NULL)
		return -1;
	return (int64_t)timegm(&date);
}

int64_t
sql_certificate_end(struct sql_link *link)
{
	static const char question[] =
	    "SHOW SESSION STATUS LIKE 'Ssl_server_not_after'";
	MYSQL_RES *result = NULL;
	MYSQL_ROW row;
	int64_t end_s = -1;

	if (mysql_get_ssl_cipher(link->mysql) == NULL)
		return -1;
	if (mysql_real_query(link->mysql, question, sizeof(question) - 1) == 0)
		result = mysql_store_result(link->mysql);
	if (result == NULL)
		return -1;
	row = mysql_fetch_row(result);
	if (row != NULL && mysql_num_fields(result) == 2 && row[1] != NULL)
		end_s = read_date(row[1]);
	mysql_free_result(result);
	return end_s;
}
