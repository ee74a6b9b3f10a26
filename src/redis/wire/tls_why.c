/* Texts for failures of TLS. */
#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "redis/wire/tls_why.h"

enum { NAMES_SIZE = 72 };

static const struct {
	int reason;
	const char *words;
} reasons[] = {
	{ SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED,
	    "the server wants a certificate of ours (tls_cert)" },
	{ SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE,
	    "the server refuses the handshake; it may want a certificate of "
	    "ours (tls_cert)" },
	{ SSL_R_TLSV1_ALERT_UNKNOWN_CA,
	    "the server does not know the authority of our certificate "
	    "(tls_cert)" },
	{ SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED,
	    "the server says that our certificate (tls_cert) has expired" },
	{ SSL_R_SSLV3_ALERT_BAD_CERTIFICATE,
	    "the server does not accept our certificate (tls_cert)" },
	{ SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN,
	    "the server does not accept our certificate (tls_cert)" },
	{ SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE,
	    "the server does not accept our certificate (tls_cert)" },
	{ SSL_R_TLSV1_ALERT_PROTOCOL_VERSION,
	    "the server has no TLS 1.2 or newer" },
	{ SSL_R_UNSUPPORTED_PROTOCOL, "the server has no TLS 1.2 or newer" },
	{ SSL_R_WRONG_VERSION_NUMBER,
	    "the answer is no TLS: is this a TLS port?" },
	{ SSL_R_UNEXPECTED_EOF_WHILE_READING, "it closed the connection" },
};

void
tls_why_queue(char *why, size_t size)
{
	unsigned long error = ERR_peek_last_error();
	const char *text = ERR_reason_error_string(error);

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (ERR_GET_LIB(error) == ERR_LIB_SSL &&
		    ERR_GET_REASON(error) == reasons[i].reason)
			text = reasons[i].words;
	snprintf(why, size, "%s", text != NULL ? text : "TLS failed");
}

/* Appends a name; what is not printable ASCII becomes a question mark. */
static void
add_name(char names[NAMES_SIZE], const char *name, size_t len)
{
	size_t at = strlen(names);

	if (at > 0 && at + 2 < NAMES_SIZE)
		at += (size_t)sprintf(names + at, ", ");
	for (size_t i = 0; i < len && at + 1 < NAMES_SIZE; i++)
		names[at++] = name[i] > ' ' && name[i] < 0x7f ? name[i] : '?';
	names[at] = '\0';
}

static void
add_address(char names[NAMES_SIZE], const ASN1_OCTET_STRING *address)
{
	char text[INET6_ADDRSTRLEN] = "?";
	int family = ASN1_STRING_length(address) == 4 ? AF_INET : AF_INET6;

	if (family == AF_INET || ASN1_STRING_length(address) == 16)
		(void)!inet_ntop(
		    family, ASN1_STRING_get0_data(address), text, sizeof(text));
	add_name(names, text, strlen(text));
}

static void
add_common_name(char names[NAMES_SIZE], X509_NAME *subject)
{
	char text[64] = "";

	if (X509_NAME_get_text_by_NID(
		subject, NID_commonName, text, sizeof(text)) > 0)
		add_name(names, text, strlen(text));
}

/* Lists the names that a certificate is for, as many as fit. */
static void
list_names(X509 *certificate, char names[NAMES_SIZE])
{
	GENERAL_NAMES *all =
	    X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	const GENERAL_NAME *name;

	names[0] = '\0';
	for (int i = 0; i < sk_GENERAL_NAME_num(all); i++) {
		name = sk_GENERAL_NAME_value(all, i);
		if (name->type == GEN_DNS)
			add_name(names,
			    (const char *)ASN1_STRING_get0_data(
				name->d.dNSName),
			    (size_t)ASN1_STRING_length(name->d.dNSName));
		else if (name->type == GEN_IPADD)
			add_address(names, name->d.iPAddress);
	}
	GENERAL_NAMES_free(all);
	if (names[0] == '\0')
		add_common_name(names, X509_get_subject_name(certificate));
	if (names[0] == '\0')
		add_name(names, "no-name", 7);
}

static time_t
to_time(const ASN1_TIME *time)
{
	struct tm tm = { 0 };

	return ASN1_TIME_to_tm(time, &tm) == 1 ? timegm(&tm) : 0;
}

time_t
tls_why_end(const X509 *certificate)
{
	return to_time(X509_get0_notAfter(certificate));
}

void
tls_why_date(time_t at, char *date, size_t size)
{
	struct tm tm = { 0 };

	if (gmtime_r(&at, &tm) == NULL ||
	    strftime(date, size, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		snprintf(date, size, "-");
}

void
tls_why_certificate(
    X509_STORE_CTX *store, const char *host, char *why, size_t size)
{
	X509 *certificate = X509_STORE_CTX_get_current_cert(store);
	int error = X509_STORE_CTX_get_error(store);
	char names[NAMES_SIZE] = "-", date[32] = "-";

	if (certificate != NULL)
		list_names(certificate, names);
	switch (error) {
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		snprintf(why, size, "its certificate is for %s, not for %.48s",
		    names, host);
		break;
	case X509_V_ERR_CERT_HAS_EXPIRED:
		tls_why_date(tls_why_end(certificate), date, sizeof(date));
		snprintf(why, size, "the certificate for %s expired at %s",
		    names, date);
		break;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		tls_why_date(to_time(X509_get0_notBefore(certificate)), date,
		    sizeof(date));
		snprintf(why, size, "the certificate for %s begins at %s",
		    names, date);
		break;
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
		snprintf(why, size,
		    "the certificate for %s has no authority among the trusted "
		    "(tls_ca): %s",
		    names, X509_verify_cert_error_string(error));
		break;
	default:
		snprintf(why, size, "the certificate for %s: %s", names,
		    X509_verify_cert_error_string(error));
		break;
	}
}
