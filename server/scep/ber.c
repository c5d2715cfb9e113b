#include "scep/ber.h"

#include "certs/ossl.h"
#include <openssl/asn1.h>

#define INDEFINITE 2 /* as ASN1_put_object has it: constructed, length not told */

struct element {
	struct bytes whole;
	struct bytes content;
	int tag;
	int class;
	bool is_constructed;
};

/* The next one off `rest`. */
static bool
next(struct bytes *rest, struct element *ret)
{
	const unsigned char *p = rest->data;
	long len = 0;
	int kind = ASN1_get_object(&p, &len, &ret->tag, &ret->class, (long)rest->len);

	/* neither an error nor an indefinite length */
	if (kind != 0 && kind != V_ASN1_CONSTRUCTED)
		return false;
	ret->is_constructed = kind == V_ASN1_CONSTRUCTED;
	ret->content = (struct bytes){p, (size_t)len};
	ret->whole = (struct bytes){rest->data, (size_t)(p - rest->data) + (size_t)len};
	rest->data += ret->whole.len;
	rest->len -= ret->whole.len;
	return true;
}

static void
begin(const struct element *element, struct buf *out)
{
	unsigned char header[16];
	unsigned char *p = header;

	ASN1_put_object(&p, INDEFINITE, 0, element->tag, element->class);
	buf_add(out, header, (size_t)(p - header));
}

static void
end(struct buf *out)
{
	buf_add(out, "\0", 2); /* end-of-contents octets, X.690 8.1.5 */
}

/* A string becomes a constructed one; of the empty one there are no pieces. */
static void
write_pieces(const struct element *string, struct buf *out)
{
	struct bytes rest = string->content;

	begin(string, out);
	while (rest.len > 0) {
		size_t len = rest.len < BER_PIECE ? rest.len : BER_PIECE;
		unsigned char header[16];
		unsigned char *p = header;

		ASN1_put_object(&p, 0, (int)len, V_ASN1_OCTET_STRING, V_ASN1_UNIVERSAL);
		buf_add(out, header, (size_t)(p - header));
		buf_add(out, rest.data, len);
		rest.data += len;
		rest.len -= len;
	}
	end(out);
}

/* [0], EXPLICIT around an octet string (SignedData) or IMPLICIT (EnvelopedData) */
static bool
write_content(const struct element *tagged, struct buf *out)
{
	struct bytes rest = tagged->content;
	struct element string;

	if (!tagged->is_constructed) {
		write_pieces(tagged, out);
		return true;
	}
	if (!next(&rest, &string))
		return false;
	begin(tagged, out);
	write_pieces(&string, out);
	end(out);
	return true;
}

/* EncapsulatedContentInfo, EncryptedContentInfo: the content is what has a tag. */
static bool
write_inner_info(const struct element *info, struct buf *out)
{
	struct bytes rest = info->content;
	struct element member;

	begin(info, out);
	while (rest.len > 0) {
		if (!next(&rest, &member))
			return false;
		if (member.class != V_ASN1_CONTEXT_SPECIFIC)
			buf_add(out, member.whole.data, member.whole.len);
		else if (!write_content(&member, out))
			return false;
	}
	end(out);
	return true;
}

/* SignedData, EnvelopedData: the only SEQUENCE in either is about the content. */
static bool
write_data(const struct element *data, struct buf *out)
{
	struct bytes rest = data->content;
	struct element member;

	begin(data, out);
	while (rest.len > 0) {
		if (!next(&rest, &member))
			return false;
		if (member.class != V_ASN1_UNIVERSAL || member.tag != V_ASN1_SEQUENCE)
			buf_add(out, member.whole.data, member.whole.len);
		else if (!write_inner_info(&member, out))
			return false;
	}
	end(out);
	return true;
}

bool
ber_content_info(struct bytes der, struct buf *out)
{
	struct element info, type, tagged, data;
	bool ok = next(&der, &info) && next(&info.content, &type) &&
	          next(&info.content, &tagged) && next(&tagged.content, &data);

	if (ok) {
		begin(&info, out);
		buf_add(out, type.whole.data, type.whole.len);
		begin(&tagged, out);
		ok = write_data(&data, out);
		end(out);
		end(out);
	}
	ossl_forget();
	return ok;
}
