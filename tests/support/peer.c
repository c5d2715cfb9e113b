#include "support/peer.h"

#include "base/parse.h"
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define PEER_ADDRESS "127.0.0.1"
#define READ_SIZE    16384
#define CHUNK_DIGITS 15

const char *
peer_fate_name(enum peer_fate fate)
{
	static const char *const names[] = {
	    [PEER_OPEN] = "open",
	    [PEER_CLOSED] = "closed",
	    [PEER_CUT] = "closed without close_notify",
	    [PEER_RESET] = "reset",
	    [PEER_BROKEN] = "broken TLS",
	    [PEER_LATE] = "silent",
	    [PEER_REFUSED] = "refused",
	    [PEER_UNREACHED] = "not made in time",
	};

	return names[fate];
}

SSL_CTX *
peer_trust(const char *ca_path, struct err *err)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_client_method());

	if (tls == NULL || SSL_CTX_load_verify_file(tls, ca_path) != 1 ||
	    X509_VERIFY_PARAM_set1_ip_asc(SSL_CTX_get0_param(tls), PEER_ADDRESS) != 1) {
		err_set(err, ERR_FAILED, "no TLS client with the CA of %s", ca_path);
		ERR_clear_error();
		SSL_CTX_free(tls);
		return NULL;
	}
	SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
	return tls;
}

/* What a failed call of libssl means for the connection. */
static enum peer_fate
tls_fate(SSL *ssl, int result)
{
	int number = errno;
	enum peer_fate fate = PEER_BROKEN;
	unsigned long first = ERR_peek_error();

	switch (SSL_get_error(ssl, result)) {
	case SSL_ERROR_ZERO_RETURN:
		fate = PEER_CLOSED;
		break;
	case SSL_ERROR_WANT_READ: /* a blocking socket: its bound is over */
	case SSL_ERROR_WANT_WRITE:
		fate = PEER_LATE;
		break;
	case SSL_ERROR_SYSCALL:
		fate = number == ECONNRESET || number == EPIPE ? PEER_RESET : PEER_CUT;
		break;
	case SSL_ERROR_SSL:
		if (ERR_GET_REASON(first) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
			fate = PEER_CUT;
		break;
	}
	ERR_clear_error();
	return fate;
}

/* A name takes the place of the address that peer_trust asks for. */
static bool
ask_for_name(SSL *ssl, const char *name)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);

	return name == NULL || (SSL_set_tlsext_host_name(ssl, name) == 1 &&
	                           X509_VERIFY_PARAM_set1_ip(param, NULL, 0) == 1 &&
	                           X509_VERIFY_PARAM_set1_host(param, name, 0) == 1);
}

static bool
start_tls(struct peer *peer, SSL_CTX *tls, const char *name)
{
	int result;

	peer->ssl = SSL_new(tls);
	if (peer->ssl == NULL || SSL_set_fd(peer->ssl, peer->fd) != 1 ||
	    !ask_for_name(peer->ssl, name)) {
		peer->fate = PEER_BROKEN;
		return false;
	}
	ERR_clear_error();
	errno = 0;
	result = SSL_connect(peer->ssl);
	if (result != 1)
		peer->fate = tls_fate(peer->ssl, result);
	return result == 1;
}

static enum peer_fate
fate_of_connect(int number)
{
	switch (number) {
	case 0:
		return PEER_OPEN;
	case ECONNREFUSED:
		return PEER_REFUSED;
	case ETIMEDOUT:
	case EINPROGRESS:
		return PEER_UNREACHED;
	}
	return PEER_RESET;
}

static enum peer_fate
connect_within(int fd, unsigned port, unsigned ms)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct pollfd ready = {.fd = fd, .events = POLLOUT};
	socklen_t len = sizeof(int);
	int number = 0;

	address.sin_addr.s_addr = inet_addr(PEER_ADDRESS);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return PEER_OPEN;
	if (errno != EINPROGRESS)
		return fate_of_connect(errno);
	if (poll(&ready, 1, (int)ms) != 1)
		return PEER_UNREACHED;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &len) != 0)
		return PEER_RESET;
	return fate_of_connect(number);
}

bool
peer_dial(struct peer *peer, const struct peer_way *way)
{
	unsigned connect_ms = way->connect_ms != 0 ? way->connect_ms : PEER_WAIT_MS;
	int one = 1;

	*peer = (struct peer){
	    .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
	peer_wait(peer, way->wait_ms != 0 ? way->wait_ms : PEER_WAIT_MS);
	setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	peer->fate = connect_within(peer->fd, way->port, connect_ms);
	if (peer->fate != PEER_OPEN)
		return false;
	fcntl(peer->fd, F_SETFL, fcntl(peer->fd, F_GETFL) & ~O_NONBLOCK);
	return way->tls == NULL || start_tls(peer, way->tls, way->name);
}

bool
peer_open(struct peer *peer, unsigned port, SSL_CTX *tls)
{
	return peer_dial(peer, &(struct peer_way){.port = port, .tls = tls});
}

void
peer_wait(struct peer *peer, unsigned ms)
{
	struct timeval bound = {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};

	setsockopt(peer->fd, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof(bound));
	setsockopt(peer->fd, SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof(bound));
}

void
peer_close(struct peer *peer)
{
	SSL_free(peer->ssl);
	if (peer->fd >= 0)
		close(peer->fd);
	buf_clear(&peer->input);
	*peer = (struct peer){.fd = -1};
}

bool
peer_send(struct peer *peer, struct bytes bytes)
{
	while (bytes.len > 0) {
		int some = bytes.len > READ_SIZE ? READ_SIZE : (int)bytes.len;
		ssize_t n;

		errno = 0;
		n = peer->ssl != NULL
		        ? SSL_write(peer->ssl, bytes.data, some)
		        : send(peer->fd, bytes.data, (size_t)some, MSG_NOSIGNAL);
		if (n <= 0) {
			peer->is_reset = errno == ECONNRESET;
			ERR_clear_error();
			return false;
		}
		bytes.data += n;
		bytes.len -= (size_t)n;
	}
	return true;
}

void
peer_finish(struct peer *peer)
{
	if (peer->ssl != NULL && peer->fate == PEER_OPEN)
		SSL_shutdown(peer->ssl);
	ERR_clear_error();
	shutdown(peer->fd, SHUT_WR);
}

/* Adds what came to the input; false: nothing will come any more, or not in time. */
static bool
receive_some(struct peer *peer)
{
	unsigned char bytes[READ_SIZE];
	ssize_t n;

	if (peer->fate != PEER_OPEN)
		return false;
	errno = 0;
	n = peer->ssl != NULL ? SSL_read(peer->ssl, bytes, sizeof(bytes))
	                      : recv(peer->fd, bytes, sizeof(bytes), 0);
	if (n > 0) {
		buf_add(&peer->input, bytes, (size_t)n);
		return true;
	}
	if (peer->ssl != NULL)
		peer->fate = tls_fate(peer->ssl, (int)n);
	else if (n == 0)
		peer->fate = PEER_CLOSED;
	else
		peer->fate = errno == EAGAIN ? PEER_LATE : PEER_RESET;
	/* The kernel tells of an RST once: a send has heard it, and reads see an end. */
	if (peer->is_reset && (peer->fate == PEER_CLOSED || peer->fate == PEER_CUT))
		peer->fate = PEER_RESET;
	return false;
}

/* Moves `len` bytes of the input; false: so many never came, all there were are moved. */
static bool
take(struct peer *peer, size_t len, struct buf *out)
{
	while (peer->input.len < len && receive_some(peer))
		continue;
	bool is_whole = peer->input.len >= len;
	size_t taken = is_whole ? len : peer->input.len;

	buf_add(out, peer->input.data, taken);
	buf_consume(&peer->input, taken);
	return is_whole;
}

static void
end_head(struct buf *head)
{
	buf_add_char(head, '\0');
	head->len--;
}

/* Where the head ends; NULL: it is not all there. */
static const unsigned char *
find_end_of_head(const struct buf *input)
{
	return input->len > 0 ? memmem(input->data, input->len, "\r\n\r\n", 4) : NULL;
}

static bool
receive_head(struct peer *peer, struct peer_answer *ret)
{
	const unsigned char *end;
	size_t status = 0;
	size_t len;

	while ((end = find_end_of_head(&peer->input)) == NULL) {
		if (peer->input.len <= PEER_HEAD_MAX && receive_some(peer))
			continue;
		take(peer, peer->input.len, &ret->head);
		end_head(&ret->head);
		return false;
	}
	len = (size_t)(end - peer->input.data) + 4;
	take(peer, len, &ret->head);
	end_head(&ret->head);
	if (len < 16 || memcmp(ret->head.data, "HTTP/1.", 7) != 0 ||
	    !parse_size((struct slice){(char *)ret->head.data + 9, 3}, 599, &status))
		return false;
	ret->status = (unsigned)status;
	return true;
}

/* One line without its CRLF; false: none came, or one that is too long. */
static bool
take_line(struct peer *peer, struct buf *line)
{
	const unsigned char *end;
	size_t len;

	buf_reset(line);
	while (peer->input.len == 0 ||
	       (end = memmem(peer->input.data, peer->input.len, "\r\n", 2)) == NULL)
		if (peer->input.len > PEER_LINE_MAX || !receive_some(peer))
			return false;
	len = (size_t)(end - peer->input.data);
	buf_add(line, peer->input.data, len);
	buf_consume(&peer->input, len + 2);
	return true;
}

/* RFC 9112 7.1; chunk extensions are passed over. */
static bool
chunk_size(const struct buf *line, size_t *ret)
{
	size_t size = 0;
	size_t i;

	for (i = 0; i < line->len && isxdigit(line->data[i]) && i < CHUNK_DIGITS; i++) {
		unsigned char c = (unsigned char)tolower(line->data[i]);

		size = size * 16 + (size_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	*ret = size;
	return i > 0 && (i == line->len || line->data[i] == ';');
}

static bool
receive_chunks(struct peer *peer, struct peer_answer *ret)
{
	struct buf line = BUF_INIT;
	size_t size = 1;
	bool ok = true;

	while (ok && size > 0) {
		ok = take_line(peer, &line);
		ret->is_malformed =
		    ok ? !chunk_size(&line, &size) : peer->fate == PEER_OPEN;
		ok = ok && !ret->is_malformed && take(peer, size, &ret->body);
		if (ok && size > 0) {
			ok = take_line(peer, &line);
			ret->is_malformed = ok && line.len > 0;
			ok = ok && !ret->is_malformed;
		}
	}
	do /* trailers, up to the empty line */
		ok = ok && take_line(peer, &line);
	while (ok && line.len > 0);
	buf_clear(&line);
	return ok;
}

static bool
receive_body(struct peer *peer, struct peer_answer *ret)
{
	size_t len = 0;

	if (ret->status == 204 || ret->status == 304)
		return true;
	if (slice_is_nocase(peer_header(ret, "Transfer-Encoding"), "chunked"))
		return receive_chunks(peer, ret);
	if (parse_size(peer_header(ret, "Content-Length"), SIZE_MAX / 2, &len))
		return take(peer, len, &ret->body);
	take(peer, SIZE_MAX, &ret->body);
	return peer->fate == PEER_CLOSED;
}

bool
peer_receive(struct peer *peer, bool is_head, struct peer_answer *ret)
{
	do {
		ret->status = 0;
		ret->is_malformed = false;
		buf_reset(&ret->head);
		buf_reset(&ret->body);
		if (!receive_head(peer, ret))
			return false;
	} while (ret->status < 200);
	return is_head || receive_body(peer, ret);
}

enum peer_fate
peer_await_end(struct peer *peer)
{
	while (receive_some(peer))
		buf_reset(&peer->input);
	return peer->fate;
}

bool
peer_next_header(const struct peer_answer *answer, const char *name, const char **at,
    struct slice *ret)
{
	const char *line = *at != NULL ? *at : (const char *)answer->head.data;
	size_t len = strlen(name);

	while (line != NULL && (line = strstr(line, "\r\n")) != NULL) {
		line += 2;
		if (strncasecmp(line, name, len) != 0 || line[len] != ':')
			continue;
		*ret = slice_trim(
		    (struct slice){line + len + 1, strcspn(line + len + 1, "\r")});
		*at = line;
		return true;
	}
	return false;
}

struct slice
peer_header(const struct peer_answer *answer, const char *name)
{
	struct slice value = {"", 0};
	const char *at = NULL;

	peer_next_header(answer, name, &at, &value);
	return value;
}

void
peer_answer_clear(struct peer_answer *answer)
{
	buf_clear(&answer->head);
	buf_clear(&answer->body);
	answer->status = 0;
}
