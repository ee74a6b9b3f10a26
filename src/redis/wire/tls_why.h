#ifndef TLS_WHY_H
#define TLS_WHY_H

#include <stddef.h>
#include <time.h>

#include <openssl/x509.h>

/* Texts for failures of TLS.  Part of redis/wire/tls.c. */

/* The last error in this thread's queue, in words. */
void tls_why_queue(char *why, size_t size);

/*
 * Why OpenSSL does not accept a certificate, called by its verification.  host:
 * the name that the certificate should have had.
 */
void tls_why_certificate(
    X509_STORE_CTX *store, const char *host, char *why, size_t size);

/* The end of the certificate's validity. */
time_t tls_why_end(const X509 *certificate);

/* The date as 2027-02-01T12:00:00Z. */
void tls_why_date(time_t at, char *date, size_t size);

#endif
