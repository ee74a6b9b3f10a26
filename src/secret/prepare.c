/* Ways to prepare a password that several products share. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "secret/hexdigest.h"
#include "secret/prepare.h"
#include "secret/unixcrypt.h"

bool
prepare_open(struct prepared *prepared, size_t size)
{
	prepared->bytes = calloc(1, size + 1);
	prepared->size = size + 1;
	prepared->password = (struct str){ prepared->bytes, 0 };
	return prepared->bytes != NULL;
}

void
prepare_close(struct prepared *prepared)
{
	if (prepared->bytes != NULL)
		explicit_bzero(prepared->bytes, prepared->size);
	free(prepared->bytes);
}

enum prepare_result
prepare_as_given(struct str password, struct prepared *prepared)
{
	*prepared = (struct prepared){ .password = password };
	return PREPARE_DONE;
}

static enum prepare_result
write_hex(const char *digest, struct str password, struct prepared *prepared)
{
	if (!prepare_open(prepared, HEXDIGEST_SIZE) ||
	    !hexdigest_write(digest, &password, 1, prepared->bytes))
		return PREPARE_FAILED;
	prepared->password.len = strlen(prepared->bytes);
	return PREPARE_DONE;
}

enum prepare_result
prepare_md5_hex(struct str password, struct prepared *prepared)
{
	return write_hex("MD5", password, prepared);
}

enum prepare_result
prepare_sha256_hex(struct str password, struct prepared *prepared)
{
	return write_hex("SHA256", password, prepared);
}

static enum prepare_result
write_base64(const char *digest, struct str password, struct prepared *prepared)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	size_t len = 0;

	if (!prepare_open(prepared, (EVP_MAX_MD_SIZE + 2) / 3 * 4) ||
	    EVP_Q_digest(
		NULL, digest, NULL, password.ptr, password.len, sum, &len) != 1)
		return PREPARE_FAILED;
	prepared->password.len = (size_t)EVP_EncodeBlock(
	    (unsigned char *)prepared->bytes, sum, (int)len);
	explicit_bzero(sum, sizeof(sum));
	return PREPARE_DONE;
}

enum prepare_result
prepare_sha384_base64(struct str password, struct prepared *prepared)
{
	return write_base64("SHA384", password, prepared);
}

enum prepare_result
prepare_for_bcrypt(struct str password, struct prepared *prepared)
{
	enum prepare_result result;

	if (password.len <= UNIXCRYPT_BCRYPT_READS)
		return prepare_as_given(password, prepared);
	result = write_base64("SHA512", password, prepared);
	if (result == PREPARE_DONE)
		prepared->password.len = UNIXCRYPT_BCRYPT_READS;
	return result;
}
