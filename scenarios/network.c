#include "scenarios/network.h"
#include "base/parse.h"
#include <arpa/inet.h>
#include <string.h>

#define ADDRESS_TEXT_MAX 46 /* INET6_ADDRSTRLEN, with the final NUL */
#define MAPPED_BITS      96 /* RFC 4291 2.5.5.2: ::ffff:0:0/96 before an IPv4 address */

/* `bits` gets the bits of an address of its family. */
static bool
parse_address(struct slice text, unsigned char ret[16], size_t *bits)
{
	static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
	char copy[ADDRESS_TEXT_MAX];

	if (text.len == 0 || text.len >= sizeof(copy) ||
	    memchr(text.text, '\0', text.len) != NULL)
		return false;
	memcpy(copy, text.text, text.len);
	copy[text.len] = '\0';
	memset(ret, 0, 16);
	*bits = 128;
	if (inet_pton(AF_INET6, copy, ret) == 1)
		return true;
	*bits = 128 - MAPPED_BITS;
	memcpy(ret, mapped, sizeof(mapped));
	return inet_pton(AF_INET, copy, ret + sizeof(mapped)) == 1;
}

bool
network_address(struct slice text, unsigned char ret[16])
{
	unsigned char address[16];
	size_t bits;

	if (!parse_address(text, address, &bits))
		return false;
	memcpy(ret, address, sizeof(address));
	return true;
}

static void
drop_host(unsigned char address[16], unsigned bits)
{
	for (unsigned i = 0; i < 16; i++) {
		unsigned kept = bits > i * 8 ? bits - i * 8 : 0;

		if (kept < 8)
			address[i] &= (unsigned char)(0xff00U >> kept);
	}
}

bool
network_parse(struct slice text, struct network *ret)
{
	const char *slash = text.len > 0 ? memchr(text.text, '/', text.len) : NULL;
	struct slice address = text;
	struct network network;
	size_t width, bits;

	if (slash != NULL)
		address.len = (size_t)(slash - text.text);
	if (!parse_address(address, network.address, &width))
		return false;
	bits = width;
	if (slash != NULL &&
	    !parse_size(
	        (struct slice){slash + 1, text.len - address.len - 1}, width, &bits))
		return false;
	network.bits = (unsigned)(128 - width + bits);
	drop_host(network.address, network.bits);
	if (ret != NULL)
		*ret = network;
	return true;
}

bool
network_has(const struct network *network, const unsigned char address[16])
{
	unsigned char masked[16];

	memcpy(masked, address, sizeof(masked));
	drop_host(masked, network->bits);
	return memcmp(masked, network->address, sizeof(masked)) == 0;
}
