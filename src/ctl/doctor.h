#ifndef CTL_DOCTOR_H
#define CTL_DOCTOR_H

#include "ctl/open.h"

/*
 * The findings of doctor, each printed at once.  A finding has an area (redis,
 * sql, host, conf), a sentence, and what to do about it.
 */
enum doctor_level { DOCTOR_OK, DOCTOR_WARN, DOCTOR_BAD };

struct doctor {
	struct ctl *ctl;
	bool is_quick;	    /* leaves out checks that take time */
	bool is_verbose;    /* also prints findings of DOCTOR_OK */
	const char *socket; /* of a running process; NULL: PING_SOCKET */
	int64_t found[DOCTOR_BAD + 1];
};

/*
 * Prints a finding.  todo: what to do, NULL if the sentence says it.  format
 * and the arguments after it make the sentence, which is made safe for a
 * terminal.
 */
__attribute__((format(printf, 5, 6))) void doctor_report(struct doctor *doctor,
    enum doctor_level level, const char *area, const char *todo,
    const char *format, ...);

/* Checks Redis, after check_redis has succeeded. */
void doctor_redis(struct doctor *doctor);

/* Checks the SQL of one site, after its check_mysql has succeeded. */
void doctor_sql(struct doctor *doctor, const struct conf *conf);

/* Checks the files, the socket and the limits of this host. */
void doctor_host(struct doctor *doctor);

#endif
