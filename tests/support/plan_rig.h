/*
 * plan_rig: connections without flow. A test says which steps every answer has and how
 * each connection is greeted; the rig plays flow's part and notes how exchanges ended.
 * One test program, one rig: it defines flow's functions, and stands before them when
 * linked.
 */
#ifndef SUPPORT_PLAN_RIG_H
#define SUPPORT_PLAN_RIG_H

#include "base/clock.h"
#include "net/net.h"
#include "support/pki_fixture.h"
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define RIG_PATIENCE_US 5000000
#define RIG_SILENCE_US  150000
#define RIG_TEXT        "0123456789"
#define RIG_REQUEST     "GET / HTTP/1.1\r\nHost: h\r\n\r\n"

struct flow {
	struct plan plan; /* of every answer */
	struct accept welcome;
	bool answers_late; /* by the callback, in rig_answer */
	uint64_t connection;

	unsigned begun;
	unsigned asked;
	unsigned left;
	unsigned sent;
	unsigned dropped;
	uint64_t bytes_sent;
	bool was_tls;
	char client_cert[16];
	const char *tls_word; /* chosen by a server name; NULL: none */
};

struct plan_rig {
	struct event_base *base;
	struct net *net;
	struct flow flow;
	unsigned port;
	SSL_CTX *client; /* of the TLS door */
};

void rig_init(struct plan_rig *rig, uint64_t idle_timeout_ms);
/* Its number. */
size_t rig_open_door(struct plan_rig *rig, enum door_fault fault, bool is_tls);
void rig_start_tls(struct plan_rig *rig);
void rig_close(struct plan_rig *rig);
void rig_turn(struct plan_rig *rig);
/* Turns until nothing is connected any more; false: patience ends. */
bool rig_empties(struct plan_rig *rig);
int rig_dial(const struct plan_rig *rig);
/* 0, or the errno of connect(); ETIMEDOUT: nothing came of it within `us`. */
int rig_connected(int fd, int64_t us);
int rig_connect(const struct plan_rig *rig);
int rig_ask(const struct plan_rig *rig);
/*
 * Reads until the peer ends (0, or -errno) or `us` are over (-ETIMEDOUT). What comes is
 * added to `got`; `*pieces`, if wanted, is the number of reads it came in.
 */
int rig_read(struct plan_rig *rig, int fd, int64_t us, struct buf *got, unsigned *pieces);
void rig_add_step(struct plan_rig *rig, struct step step);
void rig_add_text(struct plan_rig *rig, const char *text);
void rig_add_filling(struct plan_rig *rig, size_t len);
void rig_turn_until_begun(struct plan_rig *rig, unsigned count);
void rig_wait_plan(struct plan_rig *rig);

#endif
