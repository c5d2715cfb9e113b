#include "cli/address.h"
#include "base/mem.h"
#include "base/parse.h"
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#define PORT_MAX 65535

static bool
is_host_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

bool
address_is_host(struct slice host)
{
	struct in6_addr six;
	char text[INET6_ADDRSTRLEN];

	if (host.len == 0 || host.len > ADDRESS_HOST_MAX)
		return false;
	if (host.len < sizeof(text)) {
		memcpy(text, host.text, host.len);
		text[host.len] = '\0';
		if (inet_pton(AF_INET6, text, &six) == 1)
			return true;
	}
	for (size_t i = 0; i < host.len; i++)
		if (!is_host_char(host.text[i]))
			return false;
	return true;
}

/* Where the host ends and the port begins; false: there are no two parts. */
static bool
address_split(struct slice text, struct slice *host, struct slice *port)
{
	const char *colon = memrchr(text.text, ':', text.len);
	size_t at;

	if (colon == NULL)
		return false;
	at = (size_t)(colon - text.text);
	*port = (struct slice){colon + 1, text.len - at - 1};
	*host = (struct slice){text.text, at};
	if (at >= 2 && text.text[0] == '[' && text.text[at - 1] == ']') {
		*host = (struct slice){text.text + 1, at - 2};
		return memchr(host->text, ':', host->len) != NULL;
	}
	/* "::1:8080" could be cut in several places */
	return memchr(host->text, ':', at) == NULL;
}

static bool
address_refuse(const char *what, struct slice text, struct err *err)
{
	struct slice digits = text;
	size_t port;

	if (digits.len > 0 && digits.text[0] == ':')
		digits = (struct slice){text.text + 1, text.len - 1};
	if (parse_size(digits, PORT_MAX, &port))
		return err_set(err, ERR_USAGE,
		    "%s %.*s names no address: write 127.0.0.1:%zu for this machine alone",
		    what, (int)text.len, text.text, port);
	return err_set(err, ERR_USAGE,
	    "%s %.*s is not HOST:PORT: write 127.0.0.1:8080, localhost:8080 or [::1]:8080",
	    what, (int)text.len, text.text);
}

bool
address_parse(
    const char *what, struct slice text, char **host, unsigned *port, struct err *err)
{
	struct slice name, digits;
	size_t number;

	if (text.len == 0 || !address_split(text, &name, &digits) ||
	    !address_is_host(name))
		return address_refuse(what, text, err);
	if (!parse_size(digits, PORT_MAX, &number))
		return err_set(err, ERR_USAGE,
		    "%s %.*s: the port must be a number from 0 (the system picks one) to %d",
		    what, (int)text.len, text.text, PORT_MAX);
	*host = slice_string(name);
	*port = (unsigned)number;
	return true;
}

bool
address_is_loopback(const char *host)
{
	struct in_addr four;
	struct in6_addr six;

	if (strcasecmp(host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, host, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	if (inet_pton(AF_INET6, host, &six) == 1)
		return IN6_IS_ADDR_LOOPBACK(&six) ||
		       (IN6_IS_ADDR_V4MAPPED(&six) && six.s6_addr[12] == 127);
	return false;
}

void
address_add_host(struct buf *out, const char *host)
{
	if (strchr(host, ':') == NULL)
		buf_add_text(out, host);
	else
		buf_add_format(out, "[%s]", host);
}
