#ifndef SQL_TLS_H
#define SQL_TLS_H

#include <stdbool.h>

#include <mysql.h>

#include "base/result.h"
#include "mysql/sql.h"

/* TLS of one connection; part of mysql/sql.c. */

/*
 * Call before the connect.  Sets every option of TLS, since the defaults of the
 * library's versions differ.
 */
void sql_tls_set(MYSQL *mysql, const struct pool_server *server);

/*
 * Call after the connect; is_open: it succeeded.  True: the link is open, with
 * TLS if [mysql] tls asks for it.  False: the connect failed, and error gets
 * details if TLS was the reason; or the link is open without TLS, which must
 * not be used.  (With tls = required Connector/C 3.3 goes on in plain text if
 * the server has no TLS.)
 */
MUST_CHECK bool sql_tls_check(MYSQL *mysql, bool is_open,
    const struct pool_server *server, struct sql_error *error);

#endif
