#include "scep/describe_inner.h"

#include "certs/ossl.h"
#include "scep/types.h"
#include <string.h>

#define CAPABILITY_MAX         64 /* octets of one line */
#define CAPABILITIES_MAX_LINES 64

/* RFC 8894 3.5.2; the last ones are from before it. */
static const char *const keywords[] = {"AES", "DES3", "GetNextCACert", "POSTPKIOperation",
    "Renewal", "SHA-1", "SHA-256", "SHA-512", "SCEPStandard", "Update"};
#define KEYWORD_COUNT (sizeof(keywords) / sizeof(keywords[0]))

/* Takes a line off, which CR or LF ends: behind CRLF an empty one follows. False: nothing
   is left. */
static bool
take_line(struct slice *rest, struct slice *line)
{
	size_t len = 0;

	if (rest->len == 0)
		return false;
	while (len < rest->len && rest->text[len] != '\r' && rest->text[len] != '\n')
		len++;
	*line = (struct slice){rest->text, len};
	if (len < rest->len)
		len++;
	rest->text += len;
	rest->len -= len;
	return true;
}

/* The keyword that is meant, in whatever case; NULL: none. */
static const char *
keyword_of(struct slice line)
{
	for (size_t i = 0; i < KEYWORD_COUNT; i++)
		if (slice_is_nocase(slice_trim(line), keywords[i]))
			return keywords[i];
	return NULL;
}

static bool
is_word(struct slice line)
{
	for (size_t i = 0; i < line.len; i++)
		if (line.text[i] < 0x20 || line.text[i] > 0x7e)
			return false;
	return line.len <= CAPABILITY_MAX;
}

bool
describe_is_capabilities(struct slice text)
{
	struct slice line;
	bool has_keyword = false;
	size_t lines = 0;

	while (take_line(&text, &line)) {
		if (!is_word(line) || ++lines > CAPABILITIES_MAX_LINES)
			return false;
		has_keyword = has_keyword || keyword_of(line) != NULL;
	}
	return has_keyword;
}

static void
show_capability(struct fact *parent, struct slice line, bool has[KEYWORD_COUNT])
{
	const char *keyword = keyword_of(line);
	struct fact *fact = fact_add(parent, "capability");

	fact_set_value(fact, line);
	for (size_t i = 0; i < KEYWORD_COUNT; i++)
		has[i] = has[i] || slice_is(line, keywords[i]);
	if (keyword == NULL)
		fact_find(fact, FACT_INFORMATION, "S-23",
		    "RFC 8894 does not know this keyword; clients pass over it.");
	else if (!slice_is(line, keyword))
		fact_find(fact, FACT_WARNING, "S-23",
		    "The keyword is %s, in just these letters: some clients overlook any other.",
		    keyword);
}

static bool
has_keyword(const bool has[KEYWORD_COUNT], const char *keyword)
{
	for (size_t i = 0; i < KEYWORD_COUNT; i++)
		if (strcmp(keywords[i], keyword) == 0)
			return has[i];
	return false;
}

/* RFC 8894 2.9 asks for these three; SCEPStandard says them all at once. */
static void
check_capabilities(struct fact *fact, const bool has[KEYWORD_COUNT])
{
	static const char *const wanted[] = {"AES", "POSTPKIOperation", "SHA-256"};

	if (has_keyword(has, "SCEPStandard"))
		return;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (!has_keyword(has, wanted[i]))
			fact_find(fact,
			    strcmp(wanted[i], "AES") == 0 ? FACT_INFORMATION
			                                  : FACT_WARNING,
			    "S-05", "%s is missing%s.", wanted[i],
			    strcmp(wanted[i], "AES") == 0
			        ? ": NDES offers it only when it is told to"
			        : ", which every server must have");
}

static void
describe_capabilities(struct fact *root, struct slice text)
{
	bool has[KEYWORD_COUNT] = {false};
	struct fact *fact =
	    fact_add_format(root, "capabilities", "GetCACaps, %zu octets", text.len);
	struct slice line;

	while (take_line(&text, &line))
		if (line.len > 0)
			show_capability(fact, line, has);
	check_capabilities(fact, has);
}

static bool
describe_bare_certificate(
    const struct description *d, struct fact *root, struct bytes der)
{
	struct asn1_certificate *certificate = certificate_read(der);

	if (certificate == NULL)
		return false;
	certificate_free(certificate);
	check_der(d, describe_certificate(d, root, "Certificate", der), der);
	return true;
}

static bool
describe_der(const struct describe_aids *aids, struct fact *root, struct bytes der)
{
	const struct description d = {.aids = aids,
	    .side = SIDE_SERVER,
	    .message_type = NOT_PKI_MESSAGE,
	    .status = -1};
	struct description of_client = d;

	of_client.side = SIDE_CLIENT;
	return describe_signed(&d, root, der) ||
	       describe_bare_certificate(&d, root, der) ||
	       describe_csr(&of_client, root, der) || describe_envelope(&d, root, der) ||
	       describe_crl(root, "CertificateList", der);
}

/* What to say of octets that are nothing known. */
static const char *
likeness(struct bytes input)
{
	struct slice text = slice_trim(
	    (struct slice){(const char *)input.data, input.len < 64 ? input.len : 64});

	if (input.len == 0)
		return "nothing: it is empty";
	if (slice_starts_nocase(text, "<!doctype") ||
	    slice_starts_nocase(text, "<html") || slice_starts_nocase(text, "<?xml"))
		return "an HTML or XML page";
	if (slice_starts_nocase(text, "HTTP/1."))
		return "an HTTP answer with its head: give the body alone";
	if (slice_starts_nocase(text, "{") || slice_starts_nocase(text, "["))
		return "JSON";
	if (input.data[0] == 0x30)
		return "ASN.1 that is cut off, damaged, or of another kind";
	for (size_t i = 0; i < input.len; i++)
		if (input.data[i] == 0 || input.data[i] >= 0x80)
			return "binary octets that are no ASN.1";
	return "plain text";
}

bool
describe(struct bytes input, const struct describe_aids *aids, struct fact *into,
    struct err *err)
{
	struct slice text = {(const char *)input.data, input.len};
	bool is_known;

	if (input.len > DESCRIBE_BYTES_MAX)
		return err_set(err, ERR_FAILED,
		    "cannot be decoded: there are %zu octets, and %d are the most",
		    input.len, DESCRIBE_BYTES_MAX);
	is_known = describe_is_capabilities(text);
	if (is_known)
		describe_capabilities(into, text);
	else
		is_known = input.len > 0 && describe_der(aids, into, input);
	ossl_forget();
	if (!is_known)
		return err_set(err, ERR_FAILED, "cannot be decoded: it looks like %s",
		    likeness(input));
	return true;
}
