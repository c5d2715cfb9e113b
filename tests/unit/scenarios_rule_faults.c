#include "support/fault_rows.h"

static const struct row rule_rows[] = {
    {"rules: [^{match: {}, pass: {}}]", FAULT_MISSING_KEY, "needs the key 'id'"},
    {"rules: [^{id: r, pass: {}}]", FAULT_MISSING_KEY, "needs the key 'match'"},
    {A("^paas: {}"), FAULT_UNKNOWN_KEY, "did you mean pass"},
    {"rules: [^{id: r, match: {}}]", FAULT_NO_ACTION, "no action; say respond, scep, ca"},
    {A("tls: alert, ^pass: {}"), FAULT_TWO_ACTIONS, "a second action beside 'tls'"},
    {A("ca: {bag: der}, ^connection: reset"), FAULT_TWO_ACTIONS, "beside 'ca'"},
    {A("pass: ^{a: b}"), FAULT_SHAPE, "pass: {}"},
    {"rules: [{id: r, match: {method: GET}, pass: {}}, {id: ^r, match: {}, pass: {}}]",
        FAULT_SAME_ID, "a second rule with the id 'r'"},
    {A("pass: {}, emit: ^Crash"), FAULT_VALUE, "small letters"},
    {A("pass: {}, forget: ^password"), FAULT_UNKNOWN_WORD, "did you mean passwords"},
};

Test(scenarios_rule_faults, refuses_a_faulty_rule)
{
	EXPECT_FAULTS(rule_rows);
}

static const struct row match_rows[] = {
    {M("^operations: GetCACert"), FAULT_UNKNOWN_KEY, "did you mean operation"},
    {M("client: ^localhost"), FAULT_VALUE, "an address or a network in numbers"},
    {M("client: [10.0.0.0/8, ^10.0.0.0/40]"), FAULT_VALUE, "an address or a network"},
    {M("client: ^\"${note}\""), FAULT_PARAM_VALUE, "${note} may be any text"},
    {M("tls: ^yes"), FAULT_UNKNOWN_WORD, "'yes'"},
    {M("tls: ^false, client_cert: none"), FAULT_NEVER_FIRES, "over TLS alone"},
    {M("operation: ^GetCACart"), FAULT_UNKNOWN_WORD, "did you mean GetCACert"},
    {M("method: [GET, ^PST]"), FAULT_UNKNOWN_WORD, "did you mean POST"},
    {M("path: ^certsrv"), FAULT_VALUE, "a glob of a path"},
    {M("path: ^\"/certsrv?operation=*\""), FAULT_VALUE, "without its query"},
    {M("user_agent: ^\" \""), FAULT_VALUE, "a glob on one line"},
    {M("platform: ^iOS"), FAULT_UNKNOWN_WORD, "known: ios, macos"},
    {M("header: ^Accept"), FAULT_SHAPE, "a map 'name: glob'"},
    {M("header: {^\"A B\": c}"), FAULT_VALUE, "not the name of a header"},
    {M("header: {A: b, ^a: c}"), FAULT_DUPLICATE_KEY, "stands here twice"},
    {M("client_cert: ^unknown"), FAULT_UNKNOWN_WORD, "'unknown'"},
    {M("digest: ^sha2"), FAULT_UNKNOWN_WORD, "did you mean sha"},
    {M("cipher: ^aes"), FAULT_UNKNOWN_WORD, "did you mean"},
    {M("challenge: ^false"), FAULT_UNKNOWN_WORD, "'false'"},
    {M("message_type: ^PKCSreq"), FAULT_UNKNOWN_WORD, "did you mean PKCSReq"},
    {M("message_type: GetCRL, operation: ^[GetCACert, none]"), FAULT_NEVER_FIRES,
        "message_type asks for a pkiMessage"},
    {M("operation: ^GetCACert, subject: a"), FAULT_NEVER_FIRES, "subject asks for"},
    {M("operation: ^GetCACert, key_bits: {min: 1}"), FAULT_NEVER_FIRES, "key_bits asks"},
    {M("state: ^pool"), FAULT_SHAPE, "a map 'machine: state'"},
    {M("state: {^pol: up}"), FAULT_NO_SUCH_STATE, "did you mean pool"},
    {M("state: {pool: ^upp}"), FAULT_NO_SUCH_STATE, "did you mean up"},
    {M("state: {pool: [up, ^off]}"), FAULT_NO_SUCH_STATE, "known: up, down"},
    {M("not: ^{}"), FAULT_NEVER_FIRES, "excludes every request"},
    {M("not: {^times: 3}"), FAULT_UNKNOWN_KEY, "'times' counts"},
    {M("not: {method: GET, ^count_by: client}"), FAULT_UNKNOWN_KEY, "without counting"},
};

Test(scenarios_rule_faults, refuses_a_faulty_match)
{
	EXPECT_FAULTS(match_rows);
}

static const struct row count_rows[] = {
    {M("^count_by: client"), FAULT_CONFLICT, "count_by without times counts nothing"},
    {M("method: GET, ^count_by: client"), FAULT_CONFLICT, "counts nothing"},
    {M("count_by: ^host, times: 2"), FAULT_UNKNOWN_WORD, "'host'"},
    {M("every: ^1"), FAULT_VALUE, "a number from 2"},
    {M("times: ^0"), FAULT_VALUE, "a number from 1"},
    {M("nth: ^0"), FAULT_VALUE, "a number from 1"},
    {M("nth: {max: ^0}"), FAULT_VALUE, "a number from 1"},
    {M("nth: {under: ^1}"), FAULT_VALUE, "a number from 2"},
    {M("nth: ^{over: 5, under: 6}"), FAULT_NEVER_FIRES, "no number"},
    {M("times: ^3, nth: {over: 3}"), FAULT_NEVER_FIRES, "nth begins with 4"},
    {M("every: 5, times: ^4"), FAULT_NEVER_FIRES, "none is a 5-th"},
    {M("rate_over: ^5"), FAULT_VALUE, "a rate such as 5/1s"},
    {M("rate_over: ^0/1s"), FAULT_VALUE, "a rate such as 5/1s"},
    {M("rate_over: ^5/1"), FAULT_VALUE, "a rate such as 5/1s"},
    {M("rate_over: ^5/0s"), FAULT_VALUE, "a rate such as 5/1s"},
    {M("rate_over: ^5/2h"), FAULT_VALUE, "at most an hour"},
    {M("probability: ^20"), FAULT_BARE_CHANCE, "20%"},
    {M("times: ^\"${limit}\""), FAULT_PARAM_VALUE, "${limit} may be 'stock'"},
};

Test(scenarios_rule_faults, refuses_counting_that_contradicts_itself)
{
	EXPECT_FAULTS(count_rows);
}

#define RESPOND(text) A("respond: {" text "}")

static const struct row respond_rows[] = {
    {A("respond: ^{layer: iis}"), FAULT_MISSING_KEY, "needs the key 'status'"},
    {RESPOND("status: ^600, layer: iis"), FAULT_VALUE, "a number from 100 to 599"},
    {RESPOND("status: 500, layer: ^isi"), FAULT_UNKNOWN_WORD, "did you mean iis"},
    {RESPOND("status: 503, layer: pool, page: ^503-unavailible"), FAULT_UNKNOWN_WORD,
        "did you mean 503-unavailable"},
    {RESPOND("status: 503, layer: iis, page: ^503-unavailable"), FAULT_CONFLICT,
        "layer iis has no such page"},
    {RESPOND("status: 503, layer: http.sys, page: ^general"), FAULT_CONFLICT,
        "layer http.sys has no such page"},
    {RESPOND("status: 503, layer: mscep, page: ^sign-in"), FAULT_CONFLICT,
        "layer mscep has no such page"},
    {RESPOND("status: 503, layer: crp, ^page: general"), FAULT_CONFLICT,
        "layer crp has no pages with a name"},
    {RESPOND("status: 503, layer: network, ^page: general"), FAULT_CONFLICT,
        "layer network has no pages"},
    {RESPOND("status: 503, layer: iis, page: general, ^body: x"), FAULT_CONFLICT,
        "body beside page"},
    {RESPOND("status: 200, layer: iis, ^redirect: loop"), FAULT_CONFLICT,
        "redirect beside status 200"},
    {RESPOND("status: \"${code}\", layer: iis, ^redirect: loop"), FAULT_CONFLICT,
        "redirect beside status 414"},
    {RESPOND("status: 301, layer: iis, redirect: ^elsewere"), FAULT_UNKNOWN_WORD,
        "did you mean elsewhere"},
    {RESPOND("status: 301, layer: iis, redirect: loop, headers: {^location: /}"),
        FAULT_CONFLICT, "Location beside redirect"},
    {RESPOND("status: 301, layer: iis, headers: ^[a]"), FAULT_SHAPE, "headers is a map"},
    {RESPOND("status: 301, layer: iis, headers: {A: ^\"a\\r\\nb\"}"), FAULT_VALUE,
        "without control characters"},
    {RESPOND("status: 301, layer: iis, headers: {A: [b, ^~]}"), FAULT_SHAPE, "no value"},
    {RESPOND("status: 301, layer: iis, headers: {A: ^[]}"), FAULT_VALUE, "A is empty"},
    {RESPOND("status: 301, layer: iis, headers: {A: b, ^a: c}"), FAULT_DUPLICATE_KEY,
        "stands here twice"},
    {RESPOND("status: 301, layer: iis, headers: {A: [1, 2, 3, 4, 5, 6, 7], B: x, ^C: y}"),
        FAULT_VALUE, "more than 8 headers"},
    {R("match: {operation: ^admin-page}, respond: {status: 500, layer: mscep}"),
        FAULT_NEVER_FIRES, "layer mscep does not touch mscep_admin"},
};

Test(scenarios_rule_faults, refuses_a_faulty_respond)
{
	EXPECT_FAULTS(respond_rows);
}

#define SCEP(text) A("scep: {" text "}")

static const struct row edit_rows[] = {
    {A("scep: ^{}"), FAULT_MISSING_KEY, "scep is empty"},
    {A("scep: {^nonce: wrong}"), FAULT_UNKNOWN_KEY, "'nonce' is not a key of scep"},
    {SCEP("status: ^PENDIN"), FAULT_UNKNOWN_WORD, "did you mean PENDING"},
    {SCEP("status: ^\"8\""), FAULT_UNKNOWN_WORD, "known: SUCCESS, FAILURE, PENDING, 7"},
    {A("scep: ^{status: FAILURE}"), FAULT_MISSING_KEY, "needs fail_info"},
    {SCEP("status: PENDING, ^fail_info: badTime"), FAULT_CONFLICT, "FAILURE alone"},
    {SCEP("status: missing, ^fail_info: badTime"), FAULT_CONFLICT, "FAILURE alone"},
    {SCEP("status: SUCCESS, ^hresult: \"0x80094800\""), FAULT_CONFLICT, "FAILURE alone"},
    {SCEP("status: \"7\", ^fail_info_text: x"), FAULT_CONFLICT, "FAILURE alone"},
    {SCEP("^hresult_text: x"), FAULT_CONFLICT, "say hresult too"},
    {SCEP("hresult: ^\"80094800\""), FAULT_VALUE, "eight hexadecimal digits"},
    {SCEP("recipient_nonce: ^worng"), FAULT_UNKNOWN_WORD, "did you mean wrong"},
    {SCEP("sender_nonce: ^stale"), FAULT_UNKNOWN_WORD, "a word of 'sender_nonce'"},
    {SCEP("leaf: ^\"${mode}\""), FAULT_PARAM_VALUE, "${mode} may be 'soft'"},
    {R("match: {operation: ^GetCACert}, scep: {bag: leaf}"), FAULT_NEVER_FIRES,
        "scep edits a pkiMessage"},
    {A("ca: ^{}"), FAULT_MISSING_KEY, "ca is empty"},
    {A("ca: {bag: ^pkcs}"), FAULT_UNKNOWN_WORD, "did you mean pkcs7"},
    {A("ca: {certificates: [sign, ^sing]}"), FAULT_UNKNOWN_WORD, "did you mean sign"},
    {A("ca: {certificates: ^[ca, root]}"), FAULT_CONFLICT, "say 'pki: chain' in server"},
    {R("match: {operation: GetCACert}, ca: {^caps_end: crlf}"), FAULT_CONFLICT,
        "caps_end edits GetCACaps"},
    {R("match: {operation: GetCACaps}, ca: {caps_end: crlf, ^bag: der}"), FAULT_CONFLICT,
        "bag edits GetCACert"},
    {R("match: {operation: GetNextCACert}, ca: {^certificates: [ca]}"), FAULT_CONFLICT,
        "certificates edits GetCACert,"},
};

Test(scenarios_rule_faults, refuses_faulty_edits)
{
	EXPECT_FAULTS(edit_rows);
}

static const struct row connection_rows[] = {
    {A("connection: ^rest"), FAULT_UNKNOWN_WORD, "did you mean reset"},
    {A("connection: ^{layer: pool}"), FAULT_MISSING_KEY, "needs the key 'how'"},
    {A("connection: {how: reset, layer: ^iis}"), FAULT_UNKNOWN_WORD, "'iis'"},
    {A("connection: {how: reset, at: ^head}"), FAULT_UNKNOWN_WORD, "known: accept"},
    {A("connection: {how: garbage, ^at: accept}"), FAULT_CONFLICT,
        "goes with reset, close-before-response and stall"},
    {A("connection: {how: refuse, ^at: accept}"), FAULT_CONFLICT, "goes with reset"},
    {R("match: {^tls: true}, connection: refuse"), FAULT_DOOR, "say 'match: {}'"},
    {R("match: {^times: 2}, connection: no-accept"), FAULT_DOOR,
        "the fault is of a port"},
    {R("match: {^client: \"::1\"}, tls: alert"), FAULT_DOOR, "the fault is of a port"},
    {A("tls: ^allert"), FAULT_UNKNOWN_WORD, "did you mean alert"},
    {A("tls: alert, ^emit: crash"), FAULT_DOOR, "emit beside tls"},
    {A("tls: alert, ^delay: 5s"), FAULT_DOOR, "delay beside tls"},
    {A("connection: refuse, ^drip: {bytes: 1, every: 1s}"), FAULT_DOOR, "drip beside"},
    {A("connection: {how: refuse, ^layer: pool}"), FAULT_DOOR, "no path is known"},
    {A("connection: {how: reset, at: accept, ^layer: pool}"), FAULT_DOOR,
        "no path is known"},
    {R("match: {^operation: GetCACert}, " ACCEPT), FAULT_DOOR,
        "may ask for client, tls, state and counts (its scenario has a port of its own)"},
    {R("match: {tls: true, ^header: {A: b}}, " ACCEPT), FAULT_DOOR, "'header' is not"},
    {R("match: {not: {^method: GET}}, " ACCEPT), FAULT_DOOR, "'method' is not known"},
    {R("match: {times: 1, count_by: ^transaction}, " ACCEPT), FAULT_DOOR,
        "a transaction is not known"},
    {A(ACCEPT ", ^reply: {status: 200}"), FAULT_CONFLICT, "at accept there is none yet"},
    {A(ACCEPT ", ^delay: 5s"), FAULT_CONFLICT, "waits at accept"},
    {R("match: {^method: GET}, pass: {}, delay: {min: 1s, max: 1s, at: accept}"),
        FAULT_DOOR, "'method' is not known at accept"},
    {A("connection: reset, ^delay: {min: 1s, max: 1s, at: accept}"), FAULT_CONFLICT,
        "goes with pass, or with a connection at accept"},
    {A("respond: {status: 500, layer: iis}, ^delay: {min: 1s, at: accept}"),
        FAULT_CONFLICT, "say 'at: head'"},
    {A("connection: stall, ^drip: {bytes: 1, every: 1s}"), FAULT_CONFLICT,
        "leaves no answer"},
    {A("connection: reset, ^delay: {min: 1s, at: body}"), FAULT_CONFLICT, "'at: body'"},
    {A("connection: close, ^truncate: {after: 1B, then: close}"), FAULT_CONFLICT,
        "lets the answer leave whole"},
};

Test(scenarios_rule_faults, refuses_faults_below_http_that_ask_for_more)
{
	EXPECT_FAULTS(connection_rows);
}

#define PASS(text) A("pass: {}, " text)

static const struct row shaping_rows[] = {
    {PASS("delay: ^5"), FAULT_BARE_DURATION, "5"},
    {PASS("delay: ^2h"), FAULT_VALUE, "a duration from"},
    {PASS("delay: ^{max: 5s}"), FAULT_MISSING_KEY, "a delay is 5s, {min: 1s, max: 3s}"},
    {PASS("delay: {min: 3s, max: ^1s}"), FAULT_VALUE, "min is above max"},
    {PASS("delay: ^{median: 3s}"), FAULT_MISSING_KEY, "{median: 2s, sigma: 0.5}"},
    {PASS("delay: {median: 3s, sigma: ^0}"), FAULT_VALUE, "a number above 0"},
    {PASS("delay: {median: 3s, sigma: ^3.1}"), FAULT_VALUE, "at most 3"},
    {PASS("delay: {median: 3s, sigma: ^\".5\"}"), FAULT_VALUE, "such as 0.5"},
    {PASS("delay: {min: 3s, ^sigma: 1}"), FAULT_CONFLICT, "'sigma' beside 'min'"},
    {PASS("delay: {min: 3s, at: ^tail}"), FAULT_UNKNOWN_WORD,
        "known: head, body, accept"},
    {PASS("drip: ^{bytes: 1}"), FAULT_MISSING_KEY, "needs the key 'every'"},
    {PASS("drip: {bytes: ^0, every: 1s}"), FAULT_VALUE, "a number from 1"},
    {PASS("drip: {bytes: 1, every: ^0s}"), FAULT_VALUE, "a duration from 1ms"},
    {PASS("truncate: ^{after: 1B}"), FAULT_MISSING_KEY, "needs the key 'then'"},
    {PASS("truncate: {after: ^100, then: close}"), FAULT_VALUE, "100B, 50% or"},
    {PASS("truncate: {after: ^101%, then: close}"), FAULT_VALUE, "100B, 50% or"},
    {PASS("truncate: {after: ^B, then: close}"), FAULT_VALUE, "100B, 50% or"},
    {PASS("truncate: {after: 1B, then: ^rest}"), FAULT_UNKNOWN_WORD,
        "did you mean reset"},
    {PASS("reply: ^{}"), FAULT_MISSING_KEY, "reply is empty"},
    {PASS("reply: {status: ^99}"), FAULT_VALUE, "a number from 100 to 599"},
    {PASS("reply: {framing: ^chunk}"), FAULT_UNKNOWN_WORD, "did you mean"},
    {PASS("reply: {version: ^\"1.1\"}"), FAULT_UNKNOWN_WORD, "1.0"},
    {PASS("reply: {body: ^base46}"), FAULT_UNKNOWN_WORD, "did you mean base64"},
};

Test(scenarios_rule_faults, refuses_faulty_shaping)
{
	EXPECT_FAULTS(shaping_rows);
}

#define IIS_LINE                  "{iis: {substatus: 0, win32: 0}}"
#define HTTPERR_LINE              "{httperr: {reason: URL}}"
#define CRP_LINE                  "{crp: {status: 403, substatus: 16, win32: 0}}"
/* Of an evidence behind the caret, one key is told. */
#define WRONG(action, key, value) A(action ", evidence: {^" key ": " value "}")
#define TRIPLE                    "{substatus: 0, win32: 0}"
#define REASON                    "{reason: URL}"
#define CRP_TRIPLE                "{status: 403, substatus: 16, win32: 0}"
#define LAYER(name)               "respond: {status: 500, layer: " name "}"

static const struct row log_rows[] = {
    {WRONG(LAYER("http.sys"), "iis", TRIPLE), FAULT_WRONG_LOG, "stands in HTTPERR"},
    {WRONG(LAYER("pool"), "iis", TRIPLE), FAULT_WRONG_LOG, "layer pool stands in"},
    {WRONG(LAYER("network"), "iis", TRIPLE), FAULT_WRONG_LOG, "leaves no line"},
    {WRONG(LAYER("app-proxy"), "httperr", REASON), FAULT_WRONG_LOG, "no Windows log"},
    {WRONG(LAYER("mscep"), "httperr", REASON), FAULT_WRONG_LOG, "the IIS log"},
    {A(LAYER("mscep") ", evidence: {iis: ^none}"), FAULT_WRONG_LOG, "always stands"},
    {A("scep: {bag: leaf}, evidence: {iis: ^none}"), FAULT_WRONG_LOG, "NDES answers"},
    {WRONG("scep: {bag: leaf}", "httperr", REASON), FAULT_WRONG_LOG, "what HTTP.sys"},
    {WRONG("pass: {}", "httperr", REASON), FAULT_WRONG_LOG, "what HTTP.sys writes"},
    {WRONG("connection: reset", "httperr", REASON), FAULT_WRONG_LOG, "no Windows log"},
    {WRONG("connection: reset", "iis", TRIPLE), FAULT_WRONG_LOG, "leaves no line"},
    {WRONG("tls: alert", "iis", TRIPLE), FAULT_WRONG_LOG, "before there is a request"},
    {WRONG("tls: alert", "crp", CRP_TRIPLE), FAULT_WRONG_LOG, "VerifyRequest"},
    {WRONG("ca: {bag: der}", "crp", CRP_TRIPLE), FAULT_WRONG_LOG, "VerifyRequest"},
    {WRONG(LAYER("crp"), "crp", CRP_TRIPLE), FAULT_WRONG_LOG, "VerifyRequest"},
    {R("match: {operation: GetCACert}, pass: {}, evidence: {^crp: " CRP_TRIPLE "}"),
        FAULT_WRONG_LOG, "VerifyRequest"},
};

Test(scenarios_rule_faults, refuses_evidence_of_the_wrong_log)
{
	EXPECT_FAULTS(log_rows);
}

static const struct row server_rows[] = {
    {"server: [^{}]", FAULT_MISSING_KEY, "changes nothing"},
    {"server: [{^cap: [AES]}]", FAULT_UNKNOWN_KEY, "did you mean caps"},
    {"server: [{caps: [AES, ^DES]}]", FAULT_UNKNOWN_WORD, "did you mean"},
    {"server: [{caps: [AES], ^caps_without: [AES]}]", FAULT_CONFLICT, "take one out"},
    {"server: [{pki: ^expired}]", FAULT_UNKNOWN_WORD, "did you mean expired-"},
    {"server: [{pki: ec}, {^pki: chain}]", FAULT_CONFLICT, "both may be in force"},
    {"server: [{pki: ec, with: {mode: soft}}, {^pki: chain, with: {limit: stock}}]",
        FAULT_CONFLICT, "both may be in force"},
    {"server: [{pki: ec, with: {limit: 12}}, {^pki: chain, with: {limit: number}}]",
        FAULT_CONFLICT, "both may be in force"},
};

Test(scenarios_rule_faults, refuses_faulty_changes_of_the_server)
{
	EXPECT_FAULTS(server_rows);
}

/* What writes to a log may say so. */
Test(scenarios_rule_faults, takes_evidence_of_the_right_log)
{
	static const char *const lines[] = {
	    A(LAYER("iis") ", evidence: " IIS_LINE),
	    A(LAYER("crp") ", evidence: " IIS_LINE),
	    A(LAYER("pool") ", evidence: " HTTPERR_LINE),
	    A(LAYER("http.sys") ", evidence: {iis: none, httperr: {reason: URL}}"),
	    A(LAYER("app-proxy") ", evidence: {iis: none}"),
	    A(LAYER("network") ", evidence: {iis: none}"),
	    A("connection: reset, evidence: {iis: none}"),
	    A("connection: {how: reset, layer: pool}, evidence: " HTTPERR_LINE),
	    A("connection: close, evidence: " IIS_LINE),
	    A("tls: alert, evidence: {iis: none}"),
	    A("scep: {bag: leaf}, evidence: " CRP_LINE),
	    A("scep: {bag: leaf}, evidence: " IIS_LINE),
	    A("ca: {bag: der}, evidence: " IIS_LINE),
	    A("pass: {}, evidence: " CRP_LINE),
	    A(LAYER("mscep") ", evidence: " CRP_LINE),
	};

	expect_right(lines, COUNT(lines));
}
