#include "certs/thumbprint.h"

#include "support/text.h"
#include <criterion/criterion.h>

/* Hashes of RFC 1321 A.5, in the pages' way of writing. */
Test(thumbprint, is_md5_in_four_groups)
{
	static const struct {
		const char *bytes;
		const char *want;
	} cases[] = {
	    {"", "D41D8CD9 8F00B204 E9800998 ECF8427E"},
	    {"abc", "90015098 3CD24FB0 D6963F7D 28E17F72"},
	    {"message digest", "F96B697D 7CB7938D 525A2F31 AAF161D0"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice bytes = slice_of(cases[i].bytes);
		char text[THUMBPRINT_TEXT_SIZE];

		cr_assert(thumbprint_md5(
		    (struct bytes){(const unsigned char *)bytes.text, bytes.len}, text));
		expect_string(text, cases[i].want);
	}
}
