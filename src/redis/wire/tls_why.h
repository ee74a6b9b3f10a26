#ifndef TLS_WHY_H
#define TLS_WHY_H

#include <stddef.h>
#include <time.h>

#include <openssl/x509.h>

/* Texts for failures of TLS.  Part of redis/wire/tls.c. */

/* Writes the last error in this thread's error queue of OpenSSL, in words. */
void tls_why_queue(char *why, size_t size);

/*
 * Writes why OpenSSL rejects a certificate; called by the verify callback.
 * host: the name that the certificate should have.
 */
void tls_why_certificate(
    X509_STORE_CTX *store, const char *host, char *why, size_t size);

/* Returns when the certificate expires; 0: its date cannot be read. */
time_t tls_why_end(const X509 *certificate);

/* Writes the date as 2027-02-01T12:00:00Z. */
void tls_why_date(time_t at, char *date, size_t size);

#endif
