/*
 * network: an address or a network in numbers, as the predicate `client` has it.
 */
#ifndef SCENARIOS_NETWORK_H
#define SCENARIOS_NETWORK_H

#include "base/buf.h"
#include "scenarios/predicates.h"

/*
 * "10.0.0.0/8", "192.0.2.7", "2001:db8::/32", "::1"; what stands behind the prefix is
 * dropped. False: it is none of them. `ret` NULL: only asked.
 */
bool network_parse(struct slice text, struct network *ret);
/* An address in numbers, IPv4 mapped into IPv6; as network_parse without a prefix. */
bool network_address(struct slice text, unsigned char ret[16]);
/* Whether the address lies in it. */
bool network_has(const struct network *network, const unsigned char address[16]);

#endif
