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
	bool is_quick;	    /* leaves out what takes time */
	bool is_verbose;    /* prints what is well, too */
	const char *socket; /* of a running process */
	int64_t found[DOCTOR_BAD + 1];
};

/*
 * Prints a finding.  todo: what to do, NULL where the sentence says it.  format
 * and what follows make the sentence, which is made safe for a terminal.
 */
__attribute__((format(printf, 5, 6))) void doctor_tell(struct doctor *doctor,
    enum doctor_level level, const char *area, const char *todo,
    const char *format, ...);

/* Redis, beyond what check_redis tries.  Called only if that works. */
void doctor_redis(struct doctor *doctor);

/* The SQL of one site, beyond what check_mysql tries.  Likewise. */
void doctor_sql(struct doctor *doctor, const struct conf *conf);

/* Files, sockets, limits of this host. */
void doctor_host(struct doctor *doctor);

#endif
