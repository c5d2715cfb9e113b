#include "certs/thumbprint.h"

#include "certs/ossl.h"
#include <openssl/evp.h>

#define GROUP_OCTETS 4

bool
thumbprint_md5(struct bytes der, char ret[THUMBPRINT_TEXT_SIZE])
{
	static const char digits[] = "0123456789ABCDEF";
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	char *p = ret;

	*p = '\0';
	if (EVP_Digest(der.data, der.len, hash, &len, EVP_md5(), NULL) != 1) {
		ossl_forget();
		return false;
	}
	for (unsigned i = 0; i < len; i++) {
		if (i > 0 && i % GROUP_OCTETS == 0)
			*p++ = ' ';
		*p++ = digits[hash[i] >> 4];
		*p++ = digits[hash[i] & 0xf];
	}
	*p = '\0';
	return true;
}
