#include "flow/inner.h"
#include "flow/ledger.h"
#include "tests/support/folder.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#define W3C_FOLDER "/inetpub/logs/LogFiles/W3SVC1/u_ex231114.log"
#define HTTPERR    "/Windows/System32/LogFiles/HTTPERR/httperr1.log"
#define NOW        1700000000 /* 2023-11-14 22:13:20 UTC */

static struct endpoints endpoints = {
    .client_ip = {"127.0.0.1", 9},
    .client_port = 50000,
    .server_ip = {"127.0.0.1", 9},
    .server_port = 80,
};

static struct flow flow; /* its settings say nothing */

/* An answered exchange of this layer, as flow has it at the end. */
static void
make(
    struct exchange *exchange, struct request *request, enum layer layer, unsigned status)
{
	request->line.method = SLICE("GET");
	request->line.target = SLICE("/certsrv/mscep/mscep.dll?operation=GetCACaps");
	request->line.major = request->line.minor = 1;
	url_split(request->line.target, &request->url);
	exchange->flow = &flow;
	exchange->endpoints = &endpoints;
	exchange->request = request;
	exchange->path = request->url.path;
	exchange->uri = request->line.target;
	exchange->started_wall_ms = (int64_t)NOW * 1000;
	exchange->state = EXCHANGE_ANSWERED;
	exchange->reply.layer = layer;
	exchange->reply.status = status;
}

static void
write_one(const struct folder *folder, const struct exchange *exchange)
{
	struct err err = ERR_INIT;
	struct ledger ledger = {
	    .w3c = w3c_open(folder->path, "10.0", W3C_DEFAULT, NOW, &err),
	    .httperr = httperr_open(folder->path, HTTPERR_2022, NOW, &err),
	};

	cr_assert(ledger.w3c != NULL && ledger.httperr != NULL, "%s", err.text);
	ledger_write(&ledger, exchange);
	ledger_close(&ledger);
}

static const struct {
	const char *name;
	enum layer layer;
	unsigned status;
	uint32_t win32;
	const char *reason;
	bool is_dropped;
	enum exchange_state state;
	const char *w3c;     /* NULL: no line */
	const char *httperr; /* NULL: no line */
} cases[] = {
    {"mscep", LAYER_MSCEP, 500, 1346, NULL, false, EXCHANGE_ANSWERED, " 500 0 1346 ",
        NULL},
    {"http.sys", LAYER_HTTP_SYS, 414, 0, "URL_Length", false, EXCHANGE_ANSWERED, NULL,
        " 414 - URL_Length - "},
    {"app-proxy", LAYER_APP_PROXY, 504, 0, NULL, false, EXCHANGE_ANSWERED, NULL, NULL},
    {"gone before the answer", LAYER_MSCEP, 200, 0, NULL, true, EXCHANGE_ANSWERED,
        " 200 0 64 ", NULL},
    {"gone while it was worked on", 0, 0, 0, NULL, true, EXCHANGE_SEALING, " 200 0 64 ",
        NULL},
    {"gone in its body", 0, 0, 0, NULL, true, EXCHANGE_BODY, NULL,
        " - - Client_Reset - "},
};

Test(ledger, each_layer_has_its_log)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct folder folder = folder_new();
		struct request request = {.header_count = 0};
		struct exchange exchange = {.id = 1};

		make(&exchange, &request, cases[i].layer, cases[i].status);
		exchange.reply.win32 = cases[i].win32;
		exchange.reply.httperr_reason = cases[i].reason;
		exchange.is_dropped = cases[i].is_dropped;
		exchange.state = cases[i].state;
		write_one(&folder, &exchange);
		char *w3c = folder_read(&folder, W3C_FOLDER);
		char *httperr = folder_read(&folder, HTTPERR);
		cr_expect(folder_count(w3c, "GetCACaps") == (cases[i].w3c != NULL),
		    "case %s:\n%s", cases[i].name, w3c);
		cr_expect(
		    folder_count(httperr, "GetCACaps") == (cases[i].httperr != NULL),
		    "case %s:\n%s", cases[i].name, httperr);
		if (cases[i].w3c != NULL)
			cr_expect(strstr(w3c, cases[i].w3c) != NULL, "case %s:\n%s",
			    cases[i].name, w3c);
		if (cases[i].httperr != NULL)
			cr_expect(strstr(httperr, cases[i].httperr) != NULL,
			    "case %s:\n%s", cases[i].name, httperr);
		free(w3c);
		free(httperr);
		folder_remove(&folder);
	}
}
