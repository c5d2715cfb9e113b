#include "scep/words.h"

#include "certs/ossl.h"
#include <openssl/objects.h>
#include <openssl/x509.h>

const char *
digest_word(int nid)
{
	switch (nid) {
	case NID_md5:
		return "md5";
	case NID_sha1:
		return "sha1";
	case NID_sha256:
		return "sha256";
	case NID_sha384:
		return "sha384";
	case NID_sha512:
		return "sha512";
	}
	return NULL;
}

const char *
cipher_word(int nid)
{
	switch (nid) {
	case NID_des_cbc:
		return "des";
	case NID_des_ede3_cbc:
		return "des3";
	case NID_aes_128_cbc:
		return "aes128";
	case NID_aes_192_cbc:
		return "aes192";
	case NID_aes_256_cbc:
		return "aes256";
	}
	return NULL;
}

const char *
challenge_type_word(int tag)
{
	switch (tag) {
	case 0:
		return NULL;
	case V_ASN1_PRINTABLESTRING:
		return "printable";
	case V_ASN1_UTF8STRING:
		return "utf8";
	case V_ASN1_IA5STRING:
		return "ia5";
	case V_ASN1_BMPSTRING:
		return "bmp";
	case V_ASN1_T61STRING:
		return "teletex";
	}
	return "other";
}

void
subject_text(struct bytes name_der, struct buf *out)
{
	const unsigned char *at = name_der.data;
	X509_NAME *name = d2i_X509_NAME(NULL, &at, (long)name_der.len);
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;

	if (name != NULL && bio != NULL &&
	    X509_NAME_print_ex(bio, name, 0,
	        (XN_FLAG_RFC2253 & ~(unsigned long)XN_FLAG_DN_REV) &
	            ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0) {
		long len = BIO_get_mem_data(bio, &text);

		if (len > 0)
			buf_add(out, text, (size_t)len);
	}
	BIO_free(bio);
	X509_NAME_free(name);
	ossl_forget();
}
