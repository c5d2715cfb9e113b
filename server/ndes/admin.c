#include "ndes/admin.h"
#include "ndes/pages.h"

#define PAGE_HEAD                                                                         \
	"<HTML><Head>"                                                                    \
	"<Meta HTTP-Equiv=\"Content-Type\" Content=\"text/html; charset=UTF-8\">"         \
	"<Title>Network Device Enrollment Service</Title></Head>"                         \
	"<Body BgColor=#FFFFFF><Font ID=locPageFont Face=\"Arial\">"                      \
	"<Table Border=0 CellSpacing=0 CellPadding=4 Width=100% BgColor=#008080><TR><TD>" \
	"<Font ID=locPageTitleFont Face=\"Arial\" Size=-1 Color=#FFFFFF>"                 \
	"<LocID ID=locMSCertSrv>Network Device Enrollment Service</LocID>"                \
	"</Font></TD></TR></Table>"                                                       \
	"<P ID=locPageTitle> Network Device Enrollment Service allows you to obtain "     \
	"certificates for routers or other network devices using the Simple Certificate " \
	"Enrollment Protocol (SCEP). </P>"

#define PAGE_TAIL                                               \
	" <P ID=locPageDesc> For more information see  "        \
	"<A HREF=http://go.microsoft.com/fwlink/?LinkId=67852>" \
	"Using Network Device Enrollment Service </A>. </P>"    \
	"</Font></Body></HTML>"

#define NO_PERMISSION                                                      \
	"<P> You do not have sufficient permission to enroll with SCEP.  " \
	"Please contact your system administrator. </P>"

#define MINUTE_MS 60000

/* Up to where the pages of the two kinds of password part. */
static void
add_password(struct buf *out, const struct admin_facts *facts)
{
	buf_add_text(out,
	    "<P> To complete certificate enrollment for your network device "
	    "you will need the following information: "
	    "<P> The thumbprint (hash value) for the CA certificate is: <B> ");
	page_add_escaped(out, slice_of(facts->thumbprint));
	buf_add_text(out, " </B> <P> The enrollment challenge password is: <B> ");
	page_add_escaped(out, slice_of(facts->password));
	buf_add_text(out, " </B> <P> This password can be used ");
}

static void
add_once(struct buf *out, const struct admin_facts *facts)
{
	uint64_t valid_ms = facts->rules.valid_ms;

	buf_add_text(out, "only once and will expire within ");
	buf_add_size(out, valid_ms / MINUTE_MS + (valid_ms % MINUTE_MS != 0));
	buf_add_text(out,
	    " minutes. <P> Each enrollment requires a new challenge password. "
	    "You can refresh this web page to obtain a new challenge "
	    "password. </P>");
}

/* The first 60 and the second are the defaults, whatever is set. */
static void
add_cache_full(struct buf *out, const struct admin_facts *facts)
{
	buf_add_text(out,
	    "<P> The password cache is full. <P> Network Device Enrollment "
	    "Service stores unused password for later use. By default, "
	    "passwords are stored for 60 minutes.<P>Use one of the existing "
	    "passwords. If you cannot use an existing password: <UL> "
	    "<LI> Wait until one or more existing passwords expire (by "
	    "default passwords expire 60 minutes after they are created). "
	    "</LI> <LI> Restart Internet Information Services (IIS). </LI> "
	    "<LI> Configure the service to cache more than ");
	buf_add_size(out, facts->rules.cache_max);
	buf_add_text(out, " passwords. </LI> </UL> </P>");
}

/* The sentences are known, the tags around them are made like the others'. */
static void
add_general(struct buf *out, const struct admin_facts *facts)
{
	buf_add_text(out,
	    "<P> This URL is used by network devices to submit certificate "
	    "requests. <P> To obtain an enrollment challenge password, go to "
	    "the admin URL. By default, the admin URL is <A HREF=http://");
	page_add_escaped(out, slice_of(facts->host));
	buf_add_text(out, "/CertSrv/mscep_admin>http://");
	page_add_escaped(out, slice_of(facts->host));
	buf_add_text(out, "/CertSrv/mscep_admin</A> </P>");
}

static void
add_part(struct buf *out, enum admin_page page, const struct admin_facts *facts)
{
	switch (page) {
	case ADMIN_PASSWORD:
		add_password(out, facts);
		add_once(out, facts);
		return;
	case ADMIN_SINGLE_PASSWORD:
		add_password(out, facts);
		/* Known up to its full stop; what one may ask anew is left out. */
		buf_add_text(out, "multiple times and will not expire. </P>");
		return;
	case ADMIN_CACHE_FULL:
		add_cache_full(out, facts);
		return;
	case ADMIN_NO_PERMISSION:
		buf_add_text(out, NO_PERMISSION);
		return;
	case ADMIN_GENERAL:
		add_general(out, facts);
		return;
	}
}

#define REPLACEMENT 0xFFFDU /* for what is no UTF-8 */

static void
add_unit(struct buf *out, unsigned unit)
{
	unsigned char octets[] = {unit & 0xff, unit >> 8};

	buf_add(out, octets, sizeof(octets));
}

static void
add_code_point(struct buf *out, unsigned code)
{
	if (code < 0x10000) {
		add_unit(out, code);
		return;
	}
	add_unit(out, 0xD800 + ((code - 0x10000) >> 10));
	add_unit(out, 0xDC00 + ((code - 0x10000) & 0x3ff));
}

/* How many octets follow a first one, and its share of the code point. */
static size_t
read_first(unsigned char octet, unsigned *ret_code)
{
	if (octet < 0x80) {
		*ret_code = octet;
		return 0;
	}
	if (octet >= 0xC2 && octet < 0xE0) {
		*ret_code = octet & 0x1f;
		return 1;
	}
	if (octet >= 0xE0 && octet < 0xF0) {
		*ret_code = octet & 0x0f;
		return 2;
	}
	if (octet >= 0xF0 && octet < 0xF5) {
		*ret_code = octet & 0x07;
		return 3;
	}
	*ret_code = REPLACEMENT;
	return 0;
}

/* Takes one code point from the front of `text`, which is not empty. */
static unsigned
take_code_point(struct bytes *text)
{
	static const unsigned least[] = {0, 0x80, 0x800, 0x10000};
	unsigned code;
	size_t more = read_first(text->data[0], &code);
	size_t len = 1;

	for (; len <= more && len < text->len; len++) {
		if ((text->data[len] & 0xC0) != 0x80)
			break;
		code = code << 6 | (text->data[len] & 0x3f);
	}
	if (len <= more || code < least[more] || code > 0x10FFFF ||
	    (code >= 0xD800 && code < 0xE000))
		code = REPLACEMENT;
	text->data += len;
	text->len -= len;
	return code;
}

static void
add_utf16(struct buf *out, struct bytes text)
{
	buf_reserve(out, 2 * text.len);
	while (text.len > 0)
		add_code_point(out, take_code_point(&text));
}

void
admin_page_make(
    struct buf *out_utf16, enum admin_page page, const struct admin_facts *facts)
{
	struct buf text = BUF_INIT;

	buf_add_text(&text, PAGE_HEAD);
	add_part(&text, page, facts);
	buf_add_text(&text, PAGE_TAIL);
	if (facts->has_byte_order_mark)
		add_unit(out_utf16, 0xFEFF);
	add_utf16(out_utf16, buf_bytes(&text));
	buf_clear(&text);
}
