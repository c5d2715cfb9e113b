#include "cli/decode.h"

#include "base/base64.h"
#include "cli/unwrap.h"
#include "support/folder.h"
#include "support/same.h"
#include "support/text.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* A SEQUENCE whose base64 has a + and a / : "MAb7+//+/w8=" */
#define SEQUENCE     "\x30\x06\xfb\xfb\xff\xfe\xff\x0f"
#define SEQUENCE_LEN 8
#define STANDARD     "MAb7+//+/w8="
#define ESCAPED      "MAb7%2B%2F%2F%2B%2Fw8%3D"
#define URL_ALPHABET "MAb7-__-_w8"
#define LETTERS_1000 "%01000d"

static struct bytes
text_of(const char *text)
{
	return (struct bytes){(const unsigned char *)text, strlen(text)};
}

static bool
has_rule(const struct fact *fact, const char *rule)
{
	bool has = fact->level != FACT_PLAIN && strcmp(fact->label, rule) == 0;

	for (size_t i = 0; i < fact->count && !has; i++)
		has = has_rule(fact->children[i], rule);
	return has;
}

Test(unwrap, finds_the_octets_in_what_people_have)
{
	static const struct {
		const char *name;
		const char *text;
		const char *source; /* the beginning */
	} rows[] = {
	    {"binary", SEQUENCE, "binary"},
	    {"base64", STANDARD, "base64,"},
	    {"base64 in lines", "  MAb7+//+\r\n/w8=\n\n", "base64,"},
	    {"base64 without padding", "MAb7+//+/w8", "base64,"},
	    {"base64url", URL_ALPHABET, "base64url,"},
	    {"escaped", ESCAPED "\n", "base64,"},
	    {"a lost +", "MAb7 // /w8=", "base64,"},
	    {"PEM", "-----BEGIN PKCS7-----\n" STANDARD "\n-----END PKCS7-----\n",
	        "PEM, PKCS7"},
	    {"PEM behind words and a key",
	        "Bag Attributes\n-----BEGIN EC PRIVATE KEY-----\nAAAA\n"
	        "-----END EC PRIVATE KEY-----\n-----BEGIN X-----\n" STANDARD
	        "\n-----END X-----",
	        "PEM, X"},
	    {"URL", "http://h/mscep.dll?operation=PKIOperation&message=" ESCAPED,
	        "message= of a URL"},
	    {"parameter first", "message=" ESCAPED "&operation=PKIOperation",
	        "message= of a URL"},
	    {"request line",
	        "GET /x?operation=PKIOperation&MESSAGE=" ESCAPED " HTTP/1.1\r\n",
	        "message= of a URL"},
	    {"IIS log",
	        "#Fields: date\n2026-01-01 GET /a operation=GetCACaps&message=ca 80 -\n"
	        "2026-01-01 GET /a operation=PKIOperation&message=" ESCAPED
	        " 80 - ::1 -\n",
	        "message= of a URL"},
	    {"quoted", "curl \"http://h/?message=" ESCAPED "\"", "message= of a URL"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fact *root = fact_new("input");
		struct buf bytes = BUF_INIT;
		struct err err = ERR_INIT;

		cr_expect(unwrap(text_of(rows[i].text), root, &bytes, &err),
		    "case %s: %s", rows[i].name, err.text);
		cr_expect(bytes.len == SEQUENCE_LEN &&
		              memcmp(bytes.data, SEQUENCE, SEQUENCE_LEN) == 0,
		    "case %s", rows[i].name);
		cr_expect(
		    root->count == 1 && strncmp(root->children[0]->value, rows[i].source,
		                            strlen(rows[i].source)) == 0,
		    "case %s: %s", rows[i].name,
		    root->count == 0 ? "no source" : root->children[0]->value);
		fact_free(root);
		buf_clear(&bytes);
	}
}

Test(unwrap, a_url_has_its_own_oddities)
{
	static const struct {
		const char *name;
		const char *text;
		const char *rule; /* NULL: none */
	} rows[] = {
	    {"escaped", "?message=" ESCAPED, NULL},
	    {"raw +", "?message=" STANDARD, "C-05"},
	    {"raw = alone", "?message=MAA=", "C-05"},
	    {"a lost +", "?message=MAb7%20//%20/w8%3D", "C-05"},
	    {"base64url", "?message=" URL_ALPHABET, "C-04"},
	    {"line break", "?message=MAb7%2B%0A%2F%2F%2B%2Fw8%3D", "C-06"},
	    {"base64 in a file is nobody's fault", "MAb7+//+\r\n/w8=", NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fact *root = fact_new("input");
		struct buf bytes = BUF_INIT;
		struct err err = ERR_INIT;

		cr_expect(unwrap(text_of(rows[i].text), root, &bytes, &err),
		    "case %s: %s", rows[i].name, err.text);
		if (rows[i].rule != NULL)
			cr_expect(has_rule(root, rows[i].rule), "case %s", rows[i].name);
		else
			cr_expect(
			    fact_count(root, FACT_PLAIN) == 2, "case %s", rows[i].name);
		fact_free(root);
		buf_clear(&bytes);
	}
}

Test(unwrap, a_query_longer_than_iis_takes_is_noted)
{
	for (int over = 0; over <= 1; over++) {
		struct fact *root = fact_new("input");
		struct buf text = BUF_INIT, bytes = BUF_INIT;
		struct err err = ERR_INIT;

		buf_add_text(&text, "GET /x?message=" ESCAPED "&pad=");
		while (text.len < strlen("GET /x?") + UNWRAP_QUERY_MAX + (size_t)over)
			buf_add_char(&text, 'a');
		buf_add_text(&text, " HTTP/1.1");
		cr_expect(unwrap(buf_bytes(&text), root, &bytes, &err));
		cr_expect(has_rule(root, "C-07") == (over == 1), "%d over", over);
		fact_free(root);
		buf_clear(&text);
		buf_clear(&bytes);
	}
}

Test(unwrap, what_holds_nothing_is_one_sentence)
{
	static const struct {
		const char *text;
		const char *want;
	} rows[] = {
	    {"?operation=GetCACaps&message=ca", "message= in it (ca)"},
	    {"?message=", "message= in it ()"},
	    {"?message=%00%1b", "message= in it"},
	    {"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "--key"},
	    {"-----BEGIN X-----\n!!\n-----END X-----", "no base64"},
	    {"3082 0101", "hexadecimal"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fact *root = fact_new("input");
		struct buf bytes = BUF_INIT;
		struct err err = ERR_INIT;
		bool ok = unwrap(text_of(rows[i].text), root, &bytes, &err);

		cr_expect(not(ok), "case %s", rows[i].text);
		cr_expect(
		    err.kind == ERR_FAILED && strstr(err.text, rows[i].want) != NULL,
		    "case %s: %s", rows[i].text, err.text);
		fact_free(root);
		buf_clear(&bytes);
	}
}

static struct fact *
sample(void)
{
	struct fact *root = fact_new("input");
	struct fact *message = fact_add_format(root, "pkiMessage", "PKCSReq");
	struct fact *type = fact_add_format(message, "messageType", "19 (PKCSReq)");

	fact_set_type(type, "UTF8String");
	fact_set_oid(type, "2.16");
	fact_find(type, FACT_ERROR, "C-14", "Wrong.");
	fact_find(message, FACT_WARNING, "C-41", "Odd.");
	fact_find(message, FACT_ERROR, "C-14", "Wrong again.");
	fact_add(message, "empty");
	return root;
}

Test(decode, text_is_aligned_and_ends_in_a_count)
{
	struct fact *root = sample();
	struct buf out = BUF_INIT;
	char *text;

	decode_text(root, &out);
	text = buf_string(&out);
	expect_string(text, "pkiMessage                 PKCSReq\n"
	                    "  messageType  UTF8String  19 (PKCSReq)  [2.16]\n"
	                    "    ! C-14 error: Wrong.\n"
	                    "  ! C-41 warning: Odd.\n"
	                    "  ! C-14 error: Wrong again.\n"
	                    "  empty\n"
	                    "\n"
	                    "2 errors: C-14\n"
	                    "1 warning: C-41\n");
	free(text);
	fact_free(root);
	root = fact_new("input");
	fact_add_format(root, "capability", "AES");
	decode_text(root, &out);
	text = buf_string(&out);
	expect_string(text, "capability    AES\n\nnothing odd\n");
	free(text);
	fact_free(root);
}

Test(decode, json_has_the_same_facts)
{
	struct fact *root = sample();
	struct buf out = BUF_INIT;
	json_t *json, *facts, *findings;
	const char *label, *value, *type, *oid, *rule, *level, *at;

	decode_json(root, &out);
	json = json_loadb((const char *)out.data, out.len, 0, NULL);
	cr_assert(
	    json_unpack(json, "{s:o, s:o}", "facts", &facts, "findings", &findings) == 0);
	cr_expect(eq(sz, json_array_size(findings), (size_t)3));
	cr_assert(json_unpack(json_array_get(findings, 0), "{s:s, s:s, s:s}", "rule",
	              &rule, "level", &level, "at", &at) == 0);
	expect_string(rule, "C-14");
	expect_string(level, "error");
	expect_string(at, "pkiMessage/messageType");
	facts = json_object_get(json_array_get(facts, 0), "facts");
	cr_assert(json_unpack(json_array_get(facts, 0), "{s:s, s:s, s:s, s:s}", "label",
	              &label, "value", &value, "type", &type, "oid", &oid) == 0);
	expect_string(label, "messageType");
	expect_string(value, "19 (PKCSReq)");
	expect_string(type, "UTF8String");
	expect_string(oid, "2.16");
	json_decref(json);
	buf_clear(&out);
	fact_free(root);
}

Test(decode, what_cannot_be_read_has_the_right_exit_code)
{
	struct folder folder = folder_new();
	const char *key = folder.path;
	struct err err = ERR_INIT;
	struct decode_options options = {.file = "/nowhere/at/all"};

	cr_expect(decode_print(&options, &err) == false);
	cr_expect(eq(int, (int)err.kind, ERR_FAILED));
	options.keys = &options.file;
	options.key_count = 1;
	cr_expect(decode_print(&options, &err) == false);
	cr_expect(eq(int, (int)err.kind, ERR_USAGE));
	options.keys = &key;
	cr_expect(decode_print(&options, &err) == false);
	cr_expect(eq(int, (int)err.kind, ERR_USAGE));
	cr_expect(strstr(err.text, "no files *.pem") != NULL, "%s", err.text);
	folder_remove(&folder);
}
