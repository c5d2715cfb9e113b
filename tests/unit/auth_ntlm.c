#include "auth/ntlm.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTES(array) ((struct bytes){array, sizeof(array)})

/* What curl sends first: 32 bytes, both fields empty at offset 0. */
static const unsigned char curl_type1[32] = {
    'N', 'T', 'L', 'M', 'S', 'S', 'P', 0, 1, 0, 0, 0, 0x06, 0x82, 0x08, 0x00};

/* As old writers do: the workstation "PC" right behind 32 bytes. */
static const unsigned char type1_payload[34] = {'N', 'T', 'L', 'M', 'S', 'S', 'P', 0, 1,
    0, 0, 0, 0x07, 0x32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2, 0, 32, 0, 0, 0, 'P', 'C'};

static void
put_field(unsigned char *field, size_t len, size_t offset)
{
	field[0] = field[2] = (unsigned char)len;
	field[4] = (unsigned char)offset;
}

/* An AUTHENTICATE message whose head has `head` bytes: the domain "Öx" in UTF-16LE,
   then the user "u"; all other fields empty at the head's end. */
static size_t
make_type3(unsigned char message[96], size_t head)
{
	static const unsigned char names[] = {0xd6, 0, 'x', 0, 'u', 0};

	memset(message, 0, 96);
	memcpy(message, "NTLMSSP", 8);
	message[8] = 3;
	for (size_t at = 12; at <= 52; at += 8)
		put_field(message + at, 0, head);
	put_field(message + 28, 4, head);
	put_field(message + 36, 2, head + 4);
	message[60] = 1; /* NEGOTIATE_UNICODE */
	memcpy(message + head, names, sizeof(names));
	return head + sizeof(names);
}

Test(auth_ntlm, curls_first_message_gets_its_version)
{
	struct buf out = BUF_INIT;

	ntlm_widen(BYTES(curl_type1), &out);
	cr_expect(eq(sz, out.len, 40));
	cr_expect(memcmp(out.data, curl_type1, 16) == 0);
	cr_expect(memcmp(out.data + 32, "\0\0\0\0\0\0\0\0", 8) == 0);
	buf_clear(&out);
}

Test(auth_ntlm, a_payload_of_the_first_message_moves_behind_the_version)
{
	struct buf out = BUF_INIT;

	ntlm_widen(BYTES(type1_payload), &out);
	cr_assert(eq(sz, out.len, 42));
	cr_expect(eq(int, out.data[28], 40));
	cr_expect(memcmp(out.data + 40, "PC", 2) == 0);
	buf_clear(&out);
}

Test(auth_ntlm, an_answer_without_version_is_widened_and_still_says_the_same)
{
	unsigned char message[96];
	size_t len = make_type3(message, 64);
	struct buf out = BUF_INIT;

	ntlm_widen((struct bytes){message, len}, &out);
	cr_assert(eq(sz, out.len, len + 8));
	for (size_t at = 12; at <= 52; at += 8)
		cr_expect(
		    eq(int, out.data[at + 4], message[at + 4] + 8), "field at %zu", at);
	cr_expect(memcmp(out.data + 64, "\0\0\0\0\0\0\0\0", 8) == 0);
	cr_expect(memcmp(out.data + 72, message + 64, len - 64) == 0);
	buf_clear(&out);
}

Test(auth_ntlm, what_has_a_version_or_is_something_else_stays)
{
	static const unsigned char challenge[56] = {
	    'N', 'T', 'L', 'M', 'S', 'S', 'P', 0, 2};
	static const unsigned char wide[40] = {'N', 'T', 'L', 'M', 'S', 'S', 'P', 0, 1};
	static const unsigned char spnego[] = {0x60, 0x10, 6, 6, 43, 6, 1, 5, 5, 2};
	unsigned char type3[96];
	size_t len = make_type3(type3, 72);
	const struct bytes cases[] = {BYTES(challenge), BYTES(wide), BYTES(spnego),
	    {type3, len}, {curl_type1, 31}, {curl_type1, 12}, {curl_type1, 3}, {NULL, 0}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = BUF_INIT;

		ntlm_widen(cases[i], &out);
		cr_expect(eq(sz, out.len, cases[i].len), "case %zu", i);
		cr_expect(out.len == 0 || memcmp(out.data, cases[i].data, out.len) == 0,
		    "case %zu", i);
		buf_clear(&out);
	}
}

/* MS-NLMP 4.2.2.1.2 for "Password"; the others by the openssl and iconv programs. */
Test(auth_ntlm, a_password_has_its_published_hash)
{
	static const struct {
		const char *password;
		const char *hex;
	} cases[] = {
	    {"Password", "a4f49c406510bdcab6824ee7c30fd852"},
	    {"", "31d6cfe0d16ae931b73c59d7e0c089c0"},
	    {"Geheim ßü", "301b95a5f1b67e0deea998f7eb50bce7"},
	    {"\xf0\x9f\x94\x91\xe2\x82\xac", "a049eecf43ed2c2332fe580993146fd9"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned char hash[NTLM_HASH_SIZE];
		char hex[2 * NTLM_HASH_SIZE + 1];
		struct err err = ERR_INIT;

		cr_assert(ntlm_hash(cases[i].password, hash, &err), "%s", err.text);
		for (size_t j = 0; j < sizeof(hash); j++)
			snprintf(hex + 2 * j, 3, "%02x", hash[j]);
		cr_expect(slice_is(slice_of(hex), cases[i].hex), "case %s: %s",
		    cases[i].password, hex);
	}
}

/* Each in memory of its very length, for AddressSanitizer. */
Test(auth_ntlm, no_cut_and_no_offset_reads_outside)
{
	unsigned char whole[96];
	size_t len = make_type3(whole, 64);

	for (size_t cut = 0; cut <= len; cut++) {
		for (unsigned flip = 0; flip < 3; flip++) {
			struct buf out = BUF_INIT;
			unsigned char *message = malloc(cut > 0 ? cut : 1);

			memcpy(message, whole, cut);
			if (flip > 0 && cut > 35)
				memset(message + (flip == 1 ? 28 : 32), 0xff,
				    flip == 1 ? 2 : 4);
			ntlm_widen((struct bytes){message, cut}, &out);
			cr_expect(out.len == cut || out.len == cut + 8);
			free(message);
			buf_clear(&out);
		}
	}
}
