#include "scenarios/network.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

Test(scenarios_network, holds_the_addresses_of_its_prefix)
{
	static const struct {
		const char *network, *address;
		bool has;
	} rows[] = {
	    {"10.0.0.0/8", "10.255.1.2", true},
	    {"10.0.0.0/8", "11.0.0.1", false},
	    {"10.1.2.3/8", "10.9.9.9", true},
	    {"192.0.2.7", "192.0.2.7", true},
	    {"192.0.2.7", "192.0.2.6", false},
	    {"192.0.2.128/25", "192.0.2.200", true},
	    {"192.0.2.128/25", "192.0.2.127", false},
	    {"0.0.0.0/0", "203.0.113.9", true},
	    {"0.0.0.0/0", "2001:db8::1", false},
	    {"::/0", "203.0.113.9", true},
	    {"::ffff:192.0.2.0/120", "192.0.2.9", true},
	    {"::1", "::1", true},
	    {"::1", "127.0.0.1", false},
	    {"2001:db8::/33", "2001:db8:7fff::1", true},
	    {"2001:db8::/33", "2001:db8:8000::1", false},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned char address[16];
		struct network network;

		cr_assert(network_parse(slice_of(rows[i].network), &network), "case %s",
		    rows[i].network);
		cr_assert(network_address(slice_of(rows[i].address), address), "case %s",
		    rows[i].address);
		cr_expect(network_has(&network, address) == rows[i].has, "case %s in %s",
		    rows[i].address, rows[i].network);
	}
}

Test(scenarios_network, what_is_no_address_is_none)
{
	static const char *const texts[] = {"", "/", "/8", "10", "10.0.0", "10.0.0.0/",
	    "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0.0 /8", "::1/129", "::g",
	    "localhost", "fe80::1%eth0", "256.0.0.1",
	    "1111:1111:1111:1111:1111:1111:1111:1111:1111:1111"};

	for (size_t i = 0; i < COUNT(texts); i++)
		cr_expect(
		    not(network_parse(slice_of(texts[i]), NULL)), "case '%s'", texts[i]);
	cr_expect(not(network_parse((struct slice){"1.2.3.4\0", 8}, NULL)));
	cr_expect(not(network_address(SLICE("10.0.0.0/8"), (unsigned char[16]){0})));
}
