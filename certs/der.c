#include "certs/der.h"

#include "certs/ossl.h"
#include <limits.h>
#include <openssl/asn1.h>
#include <string.h>

/* What ASN1_get_object returns, in bits */
#define OBJECT_INDEFINITE      0x01
#define OBJECT_ERROR           0x80
/* What ASN1_put_object takes for a constructed value of indefinite length */
#define CONSTRUCTED_INDEFINITE 2

static bool
value_to_der(struct bytes *rest, unsigned depth, bool as_piece, struct buf *out);

/* X.690 8.7 and 8.23: the types whose constructed form is a string in pieces. */
static bool
is_string(int tag, int class)
{
	static const int tags[] = {V_ASN1_OCTET_STRING, V_ASN1_UTF8STRING,
	    V_ASN1_NUMERICSTRING, V_ASN1_PRINTABLESTRING, V_ASN1_T61STRING,
	    V_ASN1_IA5STRING, V_ASN1_VISIBLESTRING, V_ASN1_UNIVERSALSTRING,
	    V_ASN1_BMPSTRING};
	size_t i;

	if (class != V_ASN1_UNIVERSAL)
		return false;
	for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++)
		if (tags[i] == tag)
			return true;
	return false;
}

/* Puts the header before what `out` holds from `start` on. */
static void
insert_header(struct buf *out, size_t start, bool constructed, int tag, int class)
{
	unsigned char header[16];
	unsigned char *p = header;
	size_t content = out->len - start;
	size_t len;

	ASN1_put_object(&p, constructed ? 1 : 0, (int)content, tag, class);
	len = (size_t)(p - header);
	buf_reserve(out, len);
	memmove(out->data + start + len, out->data + start, content);
	memcpy(out->data + start, header, len);
	out->len += len;
}

static bool
is_end_of_contents(struct bytes rest)
{
	return rest.len >= 2 && rest.data[0] == 0 && rest.data[1] == 0;
}

static void
skip(struct bytes *rest, size_t len)
{
	rest->data += len;
	rest->len -= len;
}

/* The values inside a constructed one, up to its end or its end-of-contents octets. */
static bool
contents_to_der(
    struct bytes *rest, bool indefinite, unsigned depth, bool as_piece, struct buf *out)
{
	while (rest->len > 0) {
		if (indefinite && is_end_of_contents(*rest)) {
			skip(rest, 2);
			return true;
		}
		if (!value_to_der(rest, depth, as_piece, out))
			return false;
	}
	return !indefinite;
}

/* as_piece: the value is a piece of a string, only its content counts. */
static bool
value_to_der(struct bytes *rest, unsigned depth, bool as_piece, struct buf *out)
{
	const unsigned char *p = rest->data;
	struct bytes content;
	size_t start = out->len;
	long len = 0;
	int tag = 0, class = 0;
	int kind = ASN1_get_object(&p, &len, &tag, &class, (long)rest->len);
	bool indefinite = (kind & OBJECT_INDEFINITE) != 0;
	bool constructed = (kind & V_ASN1_CONSTRUCTED) != 0;
	bool joined = constructed && is_string(tag, class);

	if ((kind & OBJECT_ERROR) != 0 || depth == 0 ||
	    (as_piece && !is_string(tag, class)))
		return false;
	skip(rest, (size_t)(p - rest->data));
	if (!constructed) {
		buf_add(out, p, (size_t)len);
		skip(rest, (size_t)len);
	} else if (indefinite) {
		if (!contents_to_der(rest, true, depth - 1, joined, out))
			return false;
	} else {
		content = (struct bytes){p, (size_t)len};
		skip(rest, (size_t)len);
		if (!contents_to_der(&content, false, depth - 1, joined, out))
			return false;
	}
	if (!as_piece)
		insert_header(out, start, constructed && !joined, tag, class);
	return true;
}

bool
der_from_ber(struct bytes ber, struct buf *out)
{
	size_t start = out->len;
	bool ok = ber.len <= INT_MAX && value_to_der(&ber, DER_DEPTH_MAX, false, out) &&
	          ber.len == 0;

	if (!ok)
		out->len = start;
	ossl_forget();
	return ok;
}

/* One value off `rest`; it has definite lengths only. */
static bool
value_to_ber(struct bytes *rest, unsigned levels, struct buf *out)
{
	const unsigned char *p = rest->data;
	unsigned char header[16];
	unsigned char *end = header;
	struct bytes content;
	long len = 0;
	int tag = 0, class = 0;
	int kind = ASN1_get_object(&p, &len, &tag, &class, (long)rest->len);

	if ((kind & (OBJECT_ERROR | OBJECT_INDEFINITE)) != 0)
		return false;
	content = (struct bytes){p, (size_t)len};
	if (levels == 0 || content.len == 0 || (kind & V_ASN1_CONSTRUCTED) == 0) {
		buf_add(out, rest->data, (size_t)(p - rest->data) + content.len);
		skip(rest, (size_t)(p - rest->data) + content.len);
		return true;
	}
	skip(rest, (size_t)(p - rest->data) + content.len);
	ASN1_put_object(&end, CONSTRUCTED_INDEFINITE, 0, tag, class);
	buf_add(out, header, (size_t)(end - header));
	while (content.len > 0)
		if (!value_to_ber(&content, levels - 1, out))
			return false;
	buf_add(out, "\0", 2); /* end-of-contents octets */
	return true;
}

bool
der_to_ber(struct bytes der, unsigned levels, struct buf *out)
{
	size_t start = out->len;
	bool ok = der.len <= INT_MAX && levels <= DER_DEPTH_MAX &&
	          value_to_ber(&der, levels, out) && der.len == 0;

	if (!ok)
		out->len = start;
	ossl_forget();
	return ok;
}
