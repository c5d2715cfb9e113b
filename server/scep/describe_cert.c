#include "scep/describe_inner.h"

#include "certs/csr.h"
#include "certs/ossl.h"
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#define SERIAL_MAX    20 /* RFC 5280 4.1.2.2 */
#define UTC_YEAR_LAST 2049
#define VERSION_3     2
#define RSA_BITS_MIN  2048

struct asn1_certificate *
certificate_read(struct bytes der)
{
	return template_read(der, ASN1_ITEM_rptr(asn1_certificate));
}

void
certificate_free(struct asn1_certificate *certificate)
{
	ASN1_item_free((ASN1_VALUE *)certificate, ASN1_ITEM_rptr(asn1_certificate));
}

/* Same name on both sides, and its own key made the signature. */
bool
is_self_signed(const struct asn1_certificate *certificate)
{
	const struct asn1_tbs *tbs = certificate->tbs;
	EVP_PKEY *key;
	bool is = false;

	if (!bytes_equal(string_bytes(tbs->issuer), string_bytes(tbs->subject)))
		return false;
	key = spki_key(string_bytes(tbs->spki));
	if (key != NULL)
		is = ASN1_item_verify(ASN1_ITEM_rptr(asn1_tbs), certificate->algorithm,
		         certificate->signature, tbs, key) == 1;
	EVP_PKEY_free(key);
	ossl_forget();
	return is;
}

uint32_t
key_usage(const struct asn1_certificate *certificate)
{
	ASN1_BIT_STRING *bits =
	    X509V3_get_d2i(certificate->tbs->extensions, NID_key_usage, NULL, NULL);
	uint32_t usage = UINT32_MAX;

	if (bits != NULL) {
		struct bytes octets = string_bytes(bits);

		usage = octets.len > 0 ? octets.data[0] : 0;
		if (octets.len > 1)
			usage |= (uint32_t)octets.data[1] << 8;
	}
	ASN1_BIT_STRING_free(bits);
	ossl_forget();
	return usage;
}

static bool
is_ca(const struct asn1_certificate *certificate)
{
	BASIC_CONSTRAINTS *constraints = X509V3_get_d2i(
	    certificate->tbs->extensions, NID_basic_constraints, NULL, NULL);
	bool is = constraints != NULL && constraints->ca != 0;

	BASIC_CONSTRAINTS_free(constraints);
	ossl_forget();
	return is;
}

/* Certificate Request Agent, 1.3.6.1.4.1.311.20.2.1: what both RA certificates have. */
static bool
is_request_agent(const struct asn1_certificate *certificate)
{
	EXTENDED_KEY_USAGE *usages =
	    X509V3_get_d2i(certificate->tbs->extensions, NID_ext_key_usage, NULL, NULL);
	ASN1_OBJECT *agent = OBJ_txt2obj("1.3.6.1.4.1.311.20.2.1", 1);
	bool is = false;

	for (int i = 0; i < sk_ASN1_OBJECT_num(usages); i++)
		is = is || OBJ_cmp(sk_ASN1_OBJECT_value(usages, i), agent) == 0;
	sk_ASN1_OBJECT_pop_free(usages, ASN1_OBJECT_free);
	ASN1_OBJECT_free(agent);
	ossl_forget();
	return is;
}

const char *
certificate_role(const struct asn1_certificate *certificate)
{
	uint32_t usage = key_usage(certificate);

	if (is_ca(certificate))
		return "CA";
	if (!is_request_agent(certificate))
		return is_self_signed(certificate) ? "self-signed" : "end entity";
	if (usage == UINT32_MAX)
		return "RA";
	return (usage & KU_KEY_ENCIPHERMENT) != 0 ? "RA encryption" : "RA signing";
}

static void
show_thumbprint(struct fact *parent, struct bytes der)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (EVP_Digest(der.data, der.len, digest, &len, EVP_sha1(), NULL) == 1)
		show_octets(parent, "SHA-1 thumbprint", (struct bytes){digest, len});
	ossl_forget();
}

static void
show_tbs(struct fact *fact, const struct asn1_tbs *tbs)
{
	fact_add_format(fact, "version", "%s",
	    tbs->version == NULL                          ? "1"
	    : ASN1_INTEGER_get(tbs->version) == VERSION_3 ? "3"
	    : ASN1_INTEGER_get(tbs->version) == 1         ? "2"
	                                                  : "(unknown)");
	show_integer(fact, "serialNumber", tbs->serial);
	show_name(fact, "issuer", string_bytes(tbs->issuer));
	show_time(fact, "notBefore", tbs->validity->notBefore);
	show_time(fact, "notAfter", tbs->validity->notAfter);
	show_name(fact, "subject", string_bytes(tbs->subject));
	show_key(fact, string_bytes(tbs->spki));
	if (tbs->extensions != NULL)
		show_extensions(fact, "extensions", tbs->extensions);
}

struct fact *
describe_certificate(
    const struct description *d, struct fact *parent, const char *label, struct bytes der)
{
	struct asn1_certificate *certificate = certificate_read(der);
	struct fact *fact = fact_add(parent, label);

	if (certificate == NULL) {
		fact_set_format(fact, "(not an X.509 certificate, %zu octets)", der.len);
		return fact;
	}
	fact_set_format(fact, "%s", certificate_role(certificate));
	show_tbs(fact, certificate->tbs);
	show_algorithm(fact, "signatureAlgorithm", certificate->algorithm);
	show_thumbprint(fact, der);
	if (d->side == SIDE_SERVER && is_ca(certificate) &&
	    (key_usage(certificate) & (KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT)) !=
	        (KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT))
		fact_find(fact, FACT_INFORMATION, "S-01",
		    "This CA's keyUsage leaves out digitalSignature or keyEncipherment: the RA certificates stand in for it, as with NDES.");
	certificate_free(certificate);
	ossl_forget();
	return fact;
}

/* A GeneralizedTime for a year that UTCTime can write (RFC 5280 4.1.2.5). */
static bool
is_long_for_nothing(const ASN1_TIME *time)
{
	struct tm tm;
	bool is = ASN1_STRING_type(time) == V_ASN1_GENERALIZEDTIME &&
	          ASN1_TIME_to_tm(time, &tm) == 1 && tm.tm_year + 1900 <= UTC_YEAR_LAST;

	ossl_forget();
	return is;
}

/* RFC 5280's rules that real clients' self-made certificates break: C-33. */
static void
check_shape(struct fact *fact, const struct asn1_tbs *tbs)
{
	struct bytes serial = string_bytes(tbs->serial);

	if (serial.len > SERIAL_MAX)
		fact_find(fact, FACT_WARNING, "C-33",
		    "The signer's serial number has %zu octets, %d are the most.",
		    serial.len, SERIAL_MAX);
	if (ASN1_STRING_type(tbs->serial) == V_ASN1_NEG_INTEGER || serial.len == 0 ||
	    (serial.len == 1 && serial.data[0] == 0))
		fact_find(fact, FACT_WARNING, "C-33",
		    "The signer's serial number is not above zero.");
	if (tbs->version == NULL)
		fact_find(fact, FACT_WARNING, "C-33",
		    "The signer's certificate is version 1%s.",
		    tbs->extensions == NULL ? "" : ", yet it has extensions");
	if (is_long_for_nothing(tbs->validity->notBefore) ||
	    is_long_for_nothing(tbs->validity->notAfter))
		fact_find(fact, FACT_WARNING, "C-33",
		    "The signer's validity is a GeneralizedTime before 2050, where UTCTime belongs.");
}

static void
check_usage(struct fact *fact, const struct asn1_certificate *signer)
{
	uint32_t usage = key_usage(signer);

	if (usage == UINT32_MAX)
		fact_find(fact, FACT_WARNING, "C-32",
		    "The signer's certificate has no keyUsage.");
	else if ((usage & KU_DIGITAL_SIGNATURE) == 0 ||
	         (usage & KU_KEY_ENCIPHERMENT) == 0)
		fact_find(fact, FACT_ERROR, "C-32",
		    "The signer's keyUsage lacks %s: the request is signed with this key, and the answer encrypted to it.",
		    (usage & KU_DIGITAL_SIGNATURE) == 0 ? "digitalSignature"
		                                        : "keyEncipherment");
}

void
check_signer(const struct description *d, struct fact *fact)
{
	const struct asn1_certificate *signer = d->signer;
	unsigned bits = spki_bits(string_bytes(signer->tbs->spki));

	if (d->side != SIDE_CLIENT)
		return;
	check_shape(fact, signer->tbs);
	check_usage(fact, signer);
	if (bits > 0 && bits < RSA_BITS_MIN)
		fact_find(fact, FACT_WARNING, "C-40",
		    "The signer's RSA key has %u bits, and NDES templates ask for %d.",
		    bits, RSA_BITS_MIN);
	if (d->message_type == 19 && !is_self_signed(signer))
		fact_find(fact, FACT_WARNING, "C-29",
		    "A PKCSReq signed with a certificate that is not self-signed: a renewal would be RenewalReq (17).");
	if (d->message_type == 17 && is_self_signed(signer))
		fact_find(fact, FACT_ERROR, "C-29",
		    "A RenewalReq signed with a self-signed certificate: only one that the CA issued can renew.");
}

bool
describe_crl(struct fact *parent, const char *label, struct bytes der)
{
	X509_CRL *crl = template_read(der, ASN1_ITEM_rptr(X509_CRL));
	struct fact *fact;
	struct buf name = BUF_INIT;

	if (crl == NULL)
		return false;
	fact = fact_add_format(parent, label, "%d revoked",
	    sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl)) < 0
	        ? 0
	        : sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl)));
	if (OSSL_DER(&name, X509_CRL_get_issuer(crl), i2d_X509_NAME))
		show_name(fact, "issuer", buf_bytes(&name));
	show_time(fact, "thisUpdate", X509_CRL_get0_lastUpdate(crl));
	if (X509_CRL_get0_nextUpdate(crl) != NULL)
		show_time(fact, "nextUpdate", X509_CRL_get0_nextUpdate(crl));
	buf_clear(&name);
	X509_CRL_free(crl);
	ossl_forget();
	return true;
}
