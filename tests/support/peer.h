/*
 * peer: the client's end of one connection to 127.0.0.1, for tests: plain blocking
 * calls, each with a bound, over TCP or TLS; whole HTTP answers; and the truth about
 * how a connection ended.
 *
 *	peer_open(&peer, port, NULL);
 *	peer_send(&peer, request);
 *	if (peer_receive(&peer, false, &answer)) ... answer.status, answer.body ...
 *	peer_finish(&peer);
 *	peer_close(&peer);
 *
 * Bodies are read chunk by chunk, by Content-Length or, without either, to the end of the
 * connection.
 */
#ifndef SUPPORT_PEER_H
#define SUPPORT_PEER_H

#include "base/buf.h"
#include "base/err.h"
#include <openssl/ssl.h>

#define PEER_WAIT_MS  20000 /* for the next byte, unless the peer says otherwise */
#define PEER_HEAD_MAX 65536 /* of an answer */
#define PEER_LINE_MAX 8192  /* of a chunk's size, of a trailer */

enum peer_fate {
	PEER_OPEN,      /* still open, as far as was read */
	PEER_CLOSED,    /* FIN, over TLS after close_notify */
	PEER_CUT,       /* TLS alone: FIN without close_notify */
	PEER_RESET,     /* RST */
	PEER_BROKEN,    /* TLS alone: an alert, or what came is no TLS */
	PEER_LATE,      /* nothing came within the bound */
	PEER_REFUSED,   /* ECONNREFUSED */
	PEER_UNREACHED, /* connect() did not end within the bound */
};

/* Where to, and as whom. */
struct peer_way {
	unsigned port;
	SSL_CTX *tls;        /* NULL: plain */
	const char *name;    /* over TLS: asked for, and what the certificate has to name;
	                        NULL: the address alone is looked at */
	unsigned connect_ms; /* the bound of connect(); 0: PEER_WAIT_MS */
	unsigned wait_ms;    /* of all that follows; 0: PEER_WAIT_MS */
};

struct peer {
	int fd;   /* -1: none */
	SSL *ssl; /* NULL: plain */
	enum peer_fate fate;
	bool is_reset;    /* a send has met an RST: what can be read is read first */
	struct buf input; /* received and not yet taken */
};

struct peer_answer {
	unsigned status; /* 0: no whole head came */
	struct buf head; /* with the empty line; a NUL stands behind it */
	struct buf body;
	bool is_malformed; /* the body's chunks cannot be read */
};

#define PEER_ANSWER_INIT    \
	{                   \
		.status = 0 \
	}

/* A TLS client that trusts this CA alone and wants 127.0.0.1 certified. NULL and err. */
SSL_CTX *peer_trust(const char *ca_path, struct err *err);

/* Connects, with `tls` through the handshake. False: peer->fate says why not. */
bool peer_open(struct peer *peer, unsigned port, SSL_CTX *tls);
bool peer_dial(struct peer *peer, const struct peer_way *way); /* the same in detail */
void peer_wait(struct peer *peer, unsigned ms);                /* the bound from now on */
void peer_close(struct peer *peer); /* also after a failed peer_open */

/* False: the other side takes no more; what it said before can still be read. */
bool peer_send(struct peer *peer, struct bytes bytes);
/* Says that nothing more will be sent: close_notify, FIN. Reading goes on. */
void peer_finish(struct peer *peer);

/*
 * Reads one answer, skipping 1xx; `is_head`: to a HEAD, so without a body. `ret` is
 * emptied first. True: it is whole. False: peer->fate says how the connection ended
 * before that, and what had come is in `ret`.
 */
bool peer_receive(struct peer *peer, bool is_head, struct peer_answer *ret);
/* Reads and drops until the connection ends; how it did. */
enum peer_fate peer_await_end(struct peer *peer);

/* The value of a header, without blanks; empty: it is not there. */
struct slice peer_header(const struct peer_answer *answer, const char *name);
/* The next value of it behind `*at`, which is NULL at first; false: there is none. */
bool peer_next_header(const struct peer_answer *answer, const char *name, const char **at,
    struct slice *ret);
void peer_answer_clear(struct peer_answer *answer);
const char *peer_fate_name(enum peer_fate fate);

#endif
