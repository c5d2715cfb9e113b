/*
 * What an enrolment costs the server:
 *
 *	bench-enrol PORT PID COUNT
 *
 * Makes COUNT pkiMessages beforehand, each with a CSR and a transactionID of its own,
 * so that the server can answer none from what it remembers. Then posts them one after
 * the other over one connection to PORT and prints the CPU time, in microseconds an
 * enrolment, that process PID has spent meanwhile in user and kernel mode. All work of
 * this program lies before and behind what is measured; each answer must be a
 * certificate for the key that asked.
 */
#include "base/mem.h"
#include "base/parse.h"
#include "bench/link.h"
#include "support/scepclient.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PATH        "/certsrv/mscep/mscep.dll"
#define COUNT_MAX   10000
#define WARM_UP     5 /* answered, not measured: the server has loaded what it loads late */
#define PKI_MESSAGE "application/x-pki-message"

struct enrolment {
	struct buf request;
	struct answer answer;
};

static void
get_ca(int fd, struct scep_client *client)
{
	struct buf request = BUF_INIT;
	struct answer answer = {0};

	buf_add_text(&request,
	    "GET " PATH "?operation=GetCACert HTTP/1.1\r\nHost: localhost\r\n\r\n");
	link_send(fd, &request);
	link_receive(fd, &answer);
	if (answer.status != 200 || !scep_client_set_ca(client, buf_bytes(&answer.body)))
		die("GetCACert: %u %s holds no certificates", answer.status, answer.type);
	buf_clear(&answer.body);
	buf_clear(&request);
}

static void
rename_subject(struct scep_client *client, const char *common_name)
{
	X509_NAME_ENTRY_free(X509_NAME_delete_entry(client->subject, 0));
	if (X509_NAME_add_entry_by_txt(client->subject, "CN", MBSTRING_UTF8,
	        (const unsigned char *)common_name, -1, -1, 0) != 1)
		die("CN=%s is no name", common_name);
}

static void
make_request(struct scep_client *client, size_t number, struct buf *ret)
{
	char *common_name = mem_format("device%zu", number);
	char *dns_name = mem_format("device%zu.example.com", number);
	char *transaction_id = mem_format("%040zX", number + 1);
	struct scep_request request = {
	    .challenge = "mockndes",
	    .dns_name = dns_name,
	    .transaction_id = transaction_id,
	};
	struct buf message = BUF_INIT;

	rename_subject(client, common_name);
	if (!scep_client_request(client, &request, &message))
		die("pkiMessage %zu cannot be made", number);
	buf_add_format(ret,
	    "POST " PATH "?operation=PKIOperation HTTP/1.1\r\nHost: localhost\r\n"
	    "Content-Type: " PKI_MESSAGE "\r\nContent-Length: %zu\r\n\r\n",
	    message.len);
	buf_add(ret, message.data, message.len);
	buf_clear(&message);
	free(transaction_id);
	free(dns_name);
	free(common_name);
}

static void
enrol(int fd, struct enrolment *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		link_send(fd, &list[i].request);
		link_receive(fd, &list[i].answer);
	}
}

/* A refusal is cheaper than a certificate: none may be counted. */
static void
check(const struct scep_client *client, const struct enrolment *enrolment)
{
	const struct answer *answer = &enrolment->answer;
	struct scep_reply reply;

	if (answer->status != 200 || strcmp(answer->type, PKI_MESSAGE) != 0)
		die("the answer is %u %s", answer->status, answer->type);
	if (!scep_client_read_reply(client, buf_bytes(&answer->body), &reply) ||
	    reply.status != 0 || !reply.leaf_has_our_key)
		die("no certificate: pkiStatus %d, failInfo %d", reply.status,
		    reply.fail_info);
	scep_reply_clear(&reply);
}

/* All threads of the process, user and kernel mode. */
static int64_t
cpu_us(clockid_t clock)
{
	struct timespec spent;

	if (clock_gettime(clock, &spent) != 0)
		die("the server has ended");
	return (int64_t)spent.tv_sec * 1000000 + spent.tv_nsec / 1000;
}

static void
measure(unsigned port, clockid_t clock, size_t count)
{
	struct enrolment *list = mem_array(WARM_UP + count, sizeof(*list));
	struct scep_client *client = scep_client_new(&(struct scep_identity){0});
	int fd = link_open(port);

	if (client == NULL)
		die("no client key could be made");
	if (fd < 0)
		die("nobody listens on port %u", port);
	get_ca(fd, client);
	for (size_t i = 0; i < WARM_UP + count; i++)
		make_request(client, i, &list[i].request);

	enrol(fd, list, WARM_UP);
	int64_t before = cpu_us(clock);
	enrol(fd, list + WARM_UP, count);
	int64_t after = cpu_us(clock);

	close(fd);
	for (size_t i = 0; i < WARM_UP + count; i++) {
		check(client, &list[i]);
		buf_clear(&list[i].request);
		buf_clear(&list[i].answer.body);
	}
	scep_client_free(client);
	free(list);
	printf("%.1f\n", (double)(after - before) / (double)count);
}

int
main(int argc, char **argv)
{
	clockid_t clock;
	size_t pid = 0;
	size_t count = 0;

	if (argc != 4 || !parse_size(slice_of(argv[2]), INT32_MAX, &pid) ||
	    !parse_size(slice_of(argv[3]), COUNT_MAX, &count) || count == 0)
		die("usage: bench-enrol PORT PID COUNT");
	if (clock_getcpuclockid((pid_t)pid, &clock) != 0)
		die("there is no process %zu", pid);
	measure(link_port(argv[1]), clock, count);
	return 0;
}
