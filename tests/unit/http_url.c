#include "http/url.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static const struct {
	const char *target;
	const char *path;
	const char *query; /* NULL: there is none */
} targets[] = {
    {"/certsrv/mscep/mscep.dll?operation=GetCACaps", "/certsrv/mscep/mscep.dll",
        "operation=GetCACaps"},
    {"/a", "/a", NULL},
    {"/a?", "/a", ""},
    {"/a?b?c", "/a", "b?c"},
    {"?operation=GetCACert", "", "operation=GetCACert"},
    {"http://ndes.example/a?b", "/a", "b"},
    {"HTTPS://ndes.example:443/a/b?c", "/a/b", "c"},
    {"http://ndes.example", "/", NULL},
    {"http://ndes.example?b", "/", "b"},
    {"http://[::1]:8080/a", "/a", NULL},
    {"/a?next=http://x/y", "/a", "next=http://x/y"},
    {"x?next=http://x/y", "x", "next=http://x/y"},
    {"certsrv/mscep", "certsrv/mscep", NULL},
    {"ndes.example:443", "ndes.example:443", NULL},
    {"1http://a/b", "1http://a/b", NULL},
    {"http:/a", "http:/a", NULL},
    {"://a/b", "://a/b", NULL},
    {"*", "*", NULL},
    {"", "", NULL},
    {"/a#b?c", "/a#b", "c"},
};

Test(url, splits_path_and_query_of_every_form)
{
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		struct url url;

		url_split(slice_of(targets[i].target), &url);
		cr_expect(slice_is(url.path, targets[i].path), "case %s: path",
		    targets[i].target);
		cr_expect(eq(int, url.has_query, targets[i].query != NULL), "case %s",
		    targets[i].target);
		cr_expect(slice_equal(url.query, slice_of(targets[i].query)),
		    "case %s: query", targets[i].target);
	}
}

Test(url, takes_a_target_that_is_not_there)
{
	struct url url;

	url_split((struct slice){NULL, 0}, &url);
	cr_expect(eq(sz, url.path.len, 0));
	cr_expect(not(url.has_query));
}

static const struct {
	const char *text;
	const char *want;
} escapes[] = {
    {"", ""},
    {"plain", "plain"},
    {"SCEP%20Authority", "SCEP Authority"},
    {"%2b%2B%2f", "++/"},
    {"a+b", "a+b"},
    {"%", "%"},
    {"%4", "%4"},
    {"a%4", "a%4"},
    {"%zz", "%zz"},
    {"%4z1", "%4z1"},
    {"%%41", "%A"},
    {"%41%", "A%"},
    {"%2541", "%41"},
    {"%c3%a5", "\xc3\xa5"},
};

Test(url, decodes_escapes_once_and_leaves_broken_ones)
{
	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		struct buf out = BUF_INIT;

		buf_add_text(&out, "before:");
		url_decode(slice_of(escapes[i].text), &out);
		struct slice got = buf_slice(&out);
		cr_expect(
		    slice_starts_nocase(got, "before:"), "case %s", escapes[i].text);
		got.text += 7;
		got.len -= 7;
		cr_expect(slice_is(got, escapes[i].want), "case %s", escapes[i].text);
		buf_clear(&out);
	}
}

Test(url, decodes_to_a_nul_byte)
{
	struct buf out = BUF_INIT;

	url_decode(SLICE("a%00b"), &out);
	cr_expect(eq(sz, out.len, 3));
	cr_expect(eq(int, out.data[1], 0));
	buf_clear(&out);
}

static const struct {
	const char *query;
	const char *name;
	const char *want; /* NULL: not found */
} parameters[] = {
    {"operation=GetCACaps&message=x", "operation", "GetCACaps"},
    {"operation=GetCACaps&message=x", "message", "x"},
    {"Operation=GetCACaps", "operation", "GetCACaps"},
    {"operation=GetCACaps", "OPERATION", "GetCACaps"},
    {"a=1&a=2", "a", "1"},
    {"message=ab+/cd==", "message", "ab+/cd=="},
    {"message=a%2Bb", "message", "a%2Bb"},
    {"message=a b", "message", "a b"},
    {"message", "message", ""},
    {"message=", "message", ""},
    {"message&a=1", "message", ""},
    {"&&a=1&", "a", "1"},
    {"ab=1", "a", NULL},
    {"a=1", "ab", NULL},
    {"b=a", "a", NULL},
    {"b=a=1", "a", NULL},
    {"", "a", NULL},
    {"&", "a", NULL},
};

Test(url, finds_the_first_parameter_of_a_name)
{
	for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++) {
		struct slice value = SLICE("untouched");
		const char *want = parameters[i].want;

		bool found = url_query_find(
		    slice_of(parameters[i].query), parameters[i].name, &value);
		cr_expect(eq(int, found, want != NULL), "case %s", parameters[i].query);
		cr_expect(slice_is(value, want != NULL ? want : "untouched"), "case %s",
		    parameters[i].query);
	}
}
