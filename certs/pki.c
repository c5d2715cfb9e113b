#include "certs/pki.h"

#include "base/mem.h"
#include "certs/aids.h"
#include "certs/cert.h"
#include "certs/ossl.h"
#include <ctype.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#define DAY_S           86400
#define COMMON_NAME_MAX 64 /* ub-common-name, RFC 5280 appendix A */
#define RA_NAME_SUFFIX  "-MSCEP-RA"

/* Last octet of the serial: an AD CS ends it in the number of the request. */
#define SERIAL_CA      0x01
#define SERIAL_SIGN    0x02
#define SERIAL_ENCRYPT 0x03

/* One of the three certificates, in words of X509V3_EXT_conf_nid. */
struct plan {
	const char *country; /* NULL: none */
	const char *common_name;
	const char *basic; /* basicConstraints, or NULL */
	const char *key_usage;
	const char *template_name; /* V1 certificate template, or NULL: not an RA */
	unsigned char serial_end;
	time_t not_before;
	time_t not_after;
};

#define OID_REQUEST_AGENT "1.3.6.1.4.1.311.20.2.1" /* EKU Certificate Request Agent */
#define OID_TEMPLATE_NAME "1.3.6.1.4.1.311.20.2"

/* Asked by OpenSSL while it looks for primes. */
struct stop_question {
	bool (*is_stopping)(void *);
	void *arg;
};

static int
may_go_on(EVP_PKEY_CTX *ctx)
{
	const struct stop_question *question = EVP_PKEY_CTX_get_app_data(ctx);

	return question->is_stopping(question->arg) ? 0 : 1;
}

EVP_PKEY *
pki_key(unsigned rsa_bits, bool (*is_stopping)(void *), void *arg, struct err *err)
{
	struct stop_question question = {is_stopping, arg};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY *key = NULL;

	if (ctx == NULL || EVP_PKEY_keygen_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, (int)rsa_bits) != 1) {
		ossl_err(err, "cannot prepare an RSA key");
		goto out;
	}
	if (is_stopping != NULL) {
		EVP_PKEY_CTX_set_app_data(ctx, &question);
		EVP_PKEY_CTX_set_cb(ctx, may_go_on);
	}
	if (EVP_PKEY_generate(ctx, &key) != 1) {
		key = NULL;
		if (is_stopping != NULL && is_stopping(arg))
			err_set(err, ERR_FAILED, "key generation was stopped");
		else
			ossl_err(err, "cannot generate an RSA key");
	}
out:
	EVP_PKEY_CTX_free(ctx);
	ossl_forget();
	return key;
}

/* PrintableString where it can be, as Windows does; else UTF8String. */
static bool
name_add(X509_NAME *name, const char *field, const char *text)
{
	const unsigned char *bytes = (const unsigned char *)text;
	int len = (int)strlen(text);
	int type = ASN1_PRINTABLE_type(bytes, len) == V_ASN1_PRINTABLESTRING
	               ? V_ASN1_PRINTABLESTRING
	               : V_ASN1_UTF8STRING;

	return X509_NAME_add_entry_by_txt(name, field, type, bytes, len, -1, 0) == 1;
}

static bool
set_names(X509 *cert, const struct plan *plan, X509 *ca)
{
	X509_NAME *name = X509_NAME_new();
	const X509_NAME *issuer = ca == NULL ? name : X509_get_subject_name(ca);
	bool ok = name != NULL;

	if (ok && plan->country != NULL)
		ok = name_add(name, "C", plan->country);
	ok = ok && name_add(name, "CN", plan->common_name) &&
	     X509_set_subject_name(cert, name) == 1 &&
	     X509_set_issuer_name(cert, issuer) == 1;
	X509_NAME_free(name);
	return ok;
}

static bool
set_serial(X509 *cert, const unsigned char base[PKI_SERIAL_SIZE], unsigned char end)
{
	unsigned char octets[PKI_SERIAL_SIZE];
	BIGNUM *number;
	bool ok;

	memcpy(octets, base, sizeof(octets));
	octets[sizeof(octets) - 1] = end;
	number = BN_bin2bn(octets, sizeof(octets), NULL);
	ok = number != NULL &&
	     BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;
	BN_free(number);
	return ok;
}

static bool
add_extension(X509 *cert, X509 *ca, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *extension;
	bool ok;

	X509V3_set_ctx(&ctx, ca == NULL ? cert : ca, cert, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = extension != NULL && X509_add_ext(cert, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return ok;
}

/* The name of a V1 template: a BMPString in an extension of Microsoft's. */
static bool
add_template_name(X509 *cert, const char *name)
{
	ASN1_OBJECT *oid = OBJ_txt2obj(OID_TEMPLATE_NAME, 1);
	ASN1_STRING *text = NULL;
	ASN1_OCTET_STRING *data = ASN1_OCTET_STRING_new();
	X509_EXTENSION *extension = NULL;
	struct buf der = BUF_INIT;
	bool ok = false;

	if (oid == NULL || data == NULL ||
	    ASN1_mbstring_copy(&text, (const unsigned char *)name, -1, MBSTRING_ASC,
	        B_ASN1_BMPSTRING) != V_ASN1_BMPSTRING ||
	    !OSSL_DER(&der, text, i2d_ASN1_BMPSTRING) ||
	    ASN1_OCTET_STRING_set(data, der.data, (int)der.len) != 1)
		goto out;
	extension = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, data);
	ok = extension != NULL && X509_add_ext(cert, extension, -1) == 1;
out:
	X509_EXTENSION_free(extension);
	ASN1_OCTET_STRING_free(data);
	ASN1_STRING_free(text);
	ASN1_OBJECT_free(oid);
	buf_clear(&der);
	return ok;
}

static bool
add_extensions(X509 *cert, const struct plan *plan, X509 *ca)
{
	bool ok = add_extension(cert, ca, NID_key_usage, plan->key_usage);

	if (ok && plan->basic != NULL)
		ok = add_extension(cert, ca, NID_basic_constraints, plan->basic);
	if (ok && plan->template_name != NULL)
		ok = add_extension(cert, ca, NID_ext_key_usage, OID_REQUEST_AGENT) &&
		     add_template_name(cert, plan->template_name);
	ok = ok && add_extension(cert, ca, NID_subject_key_identifier, "hash");
	if (ok && ca != NULL)
		ok =
		    add_extension(cert, ca, NID_authority_key_identifier, "keyid:always");
	return ok;
}

/* Self-signed when ca is NULL. */
static X509 *
make_cert(const struct plan *plan, const unsigned char serial[PKI_SERIAL_SIZE],
    EVP_PKEY *key, X509 *ca, EVP_PKEY *ca_key)
{
	X509 *cert = X509_new();

	if (cert != NULL && X509_set_version(cert, X509_VERSION_3) == 1 &&
	    set_serial(cert, serial, plan->serial_end) && set_names(cert, plan, ca) &&
	    ASN1_TIME_adj(X509_getm_notBefore(cert), plan->not_before, 0, 0) != NULL &&
	    ASN1_TIME_adj(X509_getm_notAfter(cert), plan->not_after, 0, 0) != NULL &&
	    X509_set_pubkey(cert, key) == 1 && add_extensions(cert, plan, ca) &&
	    X509_sign(cert, ca_key, EVP_sha256()) > 0)
		return cert;
	X509_free(cert);
	return NULL;
}

/* CN=<HOST>-MSCEP-RA; cut where a common name must end. */
static char *
ra_name(const char *host)
{
	size_t room = COMMON_NAME_MAX - strlen(RA_NAME_SUFFIX);
	char *name, *p;

	if (host == NULL || *host == '\0')
		host = "localhost";
	name = mem_format("%.*s" RA_NAME_SUFFIX, (int)room, host);
	for (p = name; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	return name;
}

bool
pki_serial(unsigned char ret[PKI_SERIAL_SIZE])
{
	unsigned char serial[PKI_SERIAL_SIZE];

	if (RAND_bytes(serial, sizeof(serial)) != 1) {
		ossl_forget();
		return false;
	}
	serial[0] = (unsigned char)((serial[0] & 0x3f) | 0x40);
	memcpy(ret, serial, sizeof(serial));
	return true;
}

static X509 *
make_ca(EVP_PKEY *key, time_t now, const unsigned char serial[PKI_SERIAL_SIZE])
{
	const struct plan plan = {
	    .common_name = PKI_CA_NAME,
	    .basic = "critical,CA:TRUE",
	    .key_usage = "critical,keyCertSign,cRLSign,digitalSignature",
	    .serial_end = SERIAL_CA,
	    .not_before = now - PKI_CA_AGE_S,
	    .not_after = now + (time_t)PKI_CA_DAYS * DAY_S,
	};

	return make_cert(&plan, serial, key, NULL, key);
}

/* Both have one subject, differ in template and usage, and the signing one comes first.
 */
static void
make_ras(struct pki_part parts[PKI_COUNT], const struct pki_settings *settings,
    const unsigned char serial[PKI_SERIAL_SIZE])
{
	const struct pki_part *ca = &parts[PKI_CA];
	char *name = ra_name(settings->host);
	const struct plan sign = {
	    .country = "US",
	    .common_name = name,
	    .key_usage = "critical,digitalSignature",
	    .template_name = "EnrollmentAgentOffline",
	    .serial_end = SERIAL_SIGN,
	    .not_before = settings->now - PKI_BACKDATE_S,
	    .not_after = settings->now + (time_t)PKI_RA_DAYS * DAY_S,
	};
	struct plan encrypt = sign;

	encrypt.key_usage = "critical,keyEncipherment";
	encrypt.template_name = "CEPEncryption";
	encrypt.serial_end = SERIAL_ENCRYPT;
	parts[PKI_SIGN].cert =
	    make_cert(&sign, serial, parts[PKI_SIGN].key, ca->cert, ca->key);
	parts[PKI_ENCRYPT].cert =
	    make_cert(&encrypt, serial, parts[PKI_ENCRYPT].key, ca->cert, ca->key);
	free(name);
}

struct pki *
pki_blank(void)
{
	struct pki *pki = mem_alloc(sizeof(*pki));

	atomic_init(&pki->references, 1);
	pki->has_ra = true;
	pki->digest = EVP_sha256();
	pki->aids = aids_new();
	return pki;
}

/* Takes the key of the part, also on failure. */
static bool
fill_part(struct pki_cert *ret, const struct pki_part *part)
{
	struct buf der = BUF_INIT;
	bool ok = OSSL_DER(&der, part->cert, i2d_X509);

	if (ok)
		ok = cert_fill(ret, part->key, buf_bytes(&der));
	else
		EVP_PKEY_free(part->key);
	buf_clear(&der);
	return ok;
}

struct pki *
pki_of(const struct pki_part parts[PKI_COUNT], struct err *err)
{
	struct pki *pki = pki_blank();
	bool has_ca = fill_part(&pki->ca, &parts[PKI_CA]);
	bool has_sign = fill_part(&pki->sign, &parts[PKI_SIGN]);
	bool has_encrypt = fill_part(&pki->encrypt, &parts[PKI_ENCRYPT]);

	pki->setup_at = pki->ca.not_before + PKI_CA_AGE_S;
	if (!has_ca || !has_sign || !has_encrypt ||
	    !cert_write_pem(buf_bytes(&pki->ca.der), &pki->ca_pem)) {
		ossl_err(err, "cannot read the test CA's certificates");
		pki_release(pki);
		pki = NULL;
	}
	ossl_forget();
	return pki;
}

static bool
make_certs(struct pki_part parts[PKI_COUNT], const struct pki_settings *settings)
{
	unsigned char serial[PKI_SERIAL_SIZE];
	struct pki_part *ca = &parts[PKI_CA];

	if (!pki_serial(serial))
		return false;
	ca->cert = make_ca(ca->key, settings->now, serial);
	if (ca->cert != NULL)
		make_ras(parts, settings, serial);
	return parts[PKI_SIGN].cert != NULL && parts[PKI_ENCRYPT].cert != NULL;
}

struct pki *
pki_new(const struct pki_settings *settings, EVP_PKEY *ca, EVP_PKEY *sign,
    EVP_PKEY *encrypt, struct err *err)
{
	struct pki_part parts[PKI_COUNT] = {{.key = ca}, {.key = sign}, {.key = encrypt}};
	struct pki *pki = NULL;

	if (make_certs(parts, settings)) {
		pki = pki_of(parts, err); /* takes the keys */
	} else {
		ossl_err(err, "cannot make the test CA's certificates");
		for (size_t i = 0; i < PKI_COUNT; i++)
			EVP_PKEY_free(parts[i].key);
	}
	for (size_t i = 0; i < PKI_COUNT; i++)
		X509_free(parts[i].cert);
	return pki;
}

struct pki *
pki_reference(struct pki *pki)
{
	atomic_fetch_add_explicit(&pki->references, 1, memory_order_relaxed);
	return pki;
}

void
pki_release(struct pki *pki)
{
	if (pki == NULL ||
	    atomic_fetch_sub_explicit(&pki->references, 1, memory_order_acq_rel) != 1)
		return;
	cert_clear(&pki->ca);
	cert_clear(&pki->sign);
	cert_clear(&pki->encrypt);
	cert_clear(&pki->root);
	aids_free(pki->aids);
	buf_clear(&pki->ca_pem);
	free(pki);
}
