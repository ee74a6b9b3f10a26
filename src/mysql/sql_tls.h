#ifndef SQL_TLS_H
#define SQL_TLS_H

#include <stdbool.h>

#include <mysql.h>

#include "base/result.h"
#include "mysql/sql.h"

/* TLS of one connection; part of mysql/sql.c. */

/* Before the connect: everything is set, since versions' defaults differ. */
void sql_tls_set(MYSQL *mysql, const struct pool_server *server);

/*
 * After the connect.  False: it has failed, and if TLS may be why, error says
 * more; or it has no TLS although that was asked for.  Connector/C 3.3 goes on
 * in plain text if a server without TLS answers a client that only requires it.
 */
MUST_CHECK bool sql_tls_check(MYSQL *mysql, bool is_open,
    const struct pool_server *server, struct sql_error *error);

#endif
