#include "base/mem.h"
#include "scenarios/load.h"
#include "support/scenario_text.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

struct fault {
	const char *name;
	const char *text;
	const char *want; /* a part of the sentence */
};

static void
expect_faults(const struct fault *faults, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct err err = ERR_INIT;
		struct scenario *scenario = load_with(faults[i].text, NULL, &err);

		cr_expect(scenario == NULL, "case %s", faults[i].name);
		cr_expect(eq(int, err.kind, ERR_USAGE), "case %s", faults[i].name);
		cr_expect(strstr(err.text, faults[i].want) != NULL, "case %s: got \"%s\"",
		    faults[i].name, err.text);
		scenario_free(scenario);
	}
}
#define EXPECT_FAULTS(table) expect_faults(table, sizeof(table) / sizeof(table[0]))

#define DOC(text)                                                                   \
	"mockndes: 1\nid: a\ngroup: b\ntitle: c\noutcome: either\n" PROBES "doc:\n" \
	"  symptom: s\n  cause: c\n" text

static const struct fault head_faults[] = {
    {"a list", "- a\n", "f.yaml:1:1: a scenario is a map"},
    {"a word", "hello\n", "f.yaml:1:1: a scenario is a map"},
    {"no version", "id: x\n", "f.yaml:1:1: this is no scenario"},
    {"later version", "mockndes: 2\n", "f.yaml:1:11: this program reads format 1"},
    {"misspelt key", "mockndes: 1\ntitel: x\n",
        "f.yaml:2:1: 'titel' is not a key of a scenario"},
    {"misspelt key, nearest", "mockndes: 1\ntitel: x\n", "did you mean title"},
    {"foreign key", "mockndes: 1\nqqqqqqqqqqqq: x\n", "known: mockndes, id, aliases"},
    {"id missing", "mockndes: 1\ngroup: x\n",
        "f.yaml:1:1: a scenario needs the key 'id'"},
    {"id with a blank", TOP "aliases: [x y]\n", "f.yaml:13:11: the alias 'x y'"},
    {"alias is the id", TOP "aliases: [mine]\n", "the alias 'mine' is the id itself"},
    {"alias not a list", TOP "aliases: four\n", "f.yaml:13:10: aliases is a list"},
    {"aliases empty", TOP "aliases: []\n", "aliases is empty"},
    {"alias twice", TOP "aliases: [a, a]\n", "f.yaml:13:14: 'a' stands twice"},
    {"no provenance", DOC("  fix: x\n  sources: []\n"), "doc needs the key 'provenance'"},
    {"provenance", DOC("  fix: x\n  provenance: document\n  sources: []\n"),
        "f.yaml:11:15: 'document' is not a provenance; did you mean documented"},
    {"no fix", DOC("  provenance: inferred\n  sources: []\n"), "needs the key 'fix'"},
    {"fix without a value", DOC("  fix:\n  provenance: inferred\n  sources: []\n"),
        "'fix' has no value"},
    {"fix blank", DOC("  fix: \" \"\n  provenance: inferred\n  sources: []\n"),
        "a text that is not empty is wanted"},
    {"no sources", DOC("  fix: x\n  provenance: inferred\n"), "needs the key 'sources'"},
    {"empty sources", DOC("  fix: x\n  provenance: inferred\n  sources: []\n"),
        "f.yaml:12:12: sources is empty"},
    {"http source",
        DOC("  fix: x\n  provenance: inferred\n  sources: [{url: \"http://a\"}]\n"),
        "f.yaml:12:19: the url of a source begins with https://"},
    {"source a text", DOC("  fix: x\n  provenance: inferred\n  sources: [https://a]\n"),
        "a source is a map"},
    {"source without url",
        DOC("  fix: x\n  provenance: inferred\n  sources: [{title: a}]\n"),
        "a source needs the key 'url'"},
};

Test(scenarios_faults, refuses_a_faulty_head)
{
	EXPECT_FAULTS(head_faults);
}

static const struct fault word_faults[] = {
    {"id in capitals",
        "mockndes: 1\nid: Mine\ngroup: g\ntitle: t\noutcome: either\ndoc: {}\n" PROBES,
        "f.yaml:2:5: 'Mine': small letters"},
    {"id ends in a hyphen",
        "mockndes: 1\nid: a-\ngroup: g\ntitle: t\noutcome: either\ndoc: {}\n" PROBES,
        "f.yaml:2:5: 'a-': small letters"},
    {"outcome",
        "mockndes: 1\nid: a\ngroup: g\ntitle: t\noutcome: must-enroll\ndoc: {}\n" PROBES,
        "f.yaml:5:10: 'must-enroll' is not an outcome; did you mean must-enrol"},
    {"probes missing", HEAD, "f.yaml:1:1: a scenario needs the key 'probes'"},
    {"probes empty", HEAD "probes: []\n", "f.yaml:12:9: probes is empty"},
};

Test(scenarios_faults, refuses_wrong_words)
{
	EXPECT_FAULTS(word_faults);
}

static const struct fault rule_faults[] = {
    {"rules a map", TOP "rules: {id: x}\n", "f.yaml:13:8: rules is a list"},
    {"no id", TOP "rules:\n  - match: {}\n", "f.yaml:14:5: a rule needs the key 'id'"},
    {"no match", TOP RULE("respond: {status: 500, layer: iis}"), "needs the key 'match'"},
    {"misspelt action", TOP RULE("match: {}\n    respnd: {status: 500}"),
        "f.yaml:16:5: 'respnd' is not a key of a rule; did you mean respond"},
    {"no action", TOP RULE("match: {}"), "the rule 'r' has no action"},
    {"two actions", TOP RULE("match: {}\n    scep: {status: PENDING}\n    pass: {}"),
        "f.yaml:17:5: a second action beside 'scep'"},
    {"pass with a word", TOP RULE("match: {}\n    pass: true"),
        "f.yaml:16:11: pass has nothing"},
    {"same id",
        TOP "rules:\n  - {id: r, match: {method: GET}, pass: {}}\n"
            "  - {id: r, match: {method: PUT}, pass: {}}\n",
        "f.yaml:15:10: a second rule with the id 'r'"},
    {"misspelt operation", TOP RULE("match: {operation: PKIOperations}\n    pass: {}"),
        "f.yaml:15:24: 'PKIOperations' is not an operation; did you mean PKIOperation"},
    {"misspelt in a list",
        TOP RULE("match: {operation: [GetCACert, getcacaps]}\n    pass: {}"),
        "f.yaml:15:36: 'getcacaps' is not an operation"},
    {"operation a map", TOP RULE("match: {operation: {a: b}}\n    pass: {}"),
        "f.yaml:15:24: one text is wanted here; this is a map"},
    {"small method", TOP RULE("match: {method: get}\n    pass: {}"),
        "'get' is not a method"},
    {"message type", TOP RULE("match: {message_type: PKCSreq}\n    pass: {}"),
        "did you mean PKCSReq"},
    {"misspelt predicate", TOP RULE("match: {query-bytes: {over: 1}}\n    pass: {}"),
        "f.yaml:15:13: 'query-bytes' is not a key of match; did you mean query_bytes"},
    {"range as a list", TOP RULE("match: {query_bytes: [2048]}\n    pass: {}"),
        "f.yaml:15:26: a range is wanted here: {over: n}"},
    {"range empty", TOP RULE("match: {query_bytes: {}}\n    pass: {}"),
        "a range is wanted here"},
    {"range key", TOP RULE("match: {uri_bytes: {above: 3}}\n    pass: {}"),
        "'above' is not a key of a range"},
    {"min and over", TOP RULE("match: {uri_bytes: {min: 3, over: 3}}\n    pass: {}"),
        "f.yaml:15:33: 'over' beside 'min'"},
    {"max and under", TOP RULE("match: {uri_bytes: {max: 3, under: 3}}\n    pass: {}"),
        "'under' beside 'max'"},
    {"no number between",
        TOP RULE("match: {uri_bytes: {over: 3, under: 4}}\n    pass: {}"),
        "f.yaml:15:24: no number lies in this range"},
    {"under zero", TOP RULE("match: {uri_bytes: {under: 0}}\n    pass: {}"),
        "a number from 1 to"},
    {"negative", TOP RULE("match: {uri_bytes: {over: -1}}\n    pass: {}"),
        "'-1': a number from 0 to 1000000000 is wanted here"},
    {"with unit", TOP RULE("match: {uri_bytes: {over: 2k}}\n    pass: {}"),
        "'2k': a number"},
    {"times 0", TOP RULE("match: {times: 0}\n    pass: {}"), "a number from 1"},
    {"count_by alone", TOP RULE("match: {count_by: client}\n    pass: {}"),
        "f.yaml:15:13: count_by without times"},
    {"count_by word", TOP RULE("match: {times: 1, count_by: transactions}\n    pass: {}"),
        "did you mean transaction"},
    {"message_type of GetCACaps",
        TOP RULE("match: {operation: GetCACaps, message_type: CertPoll}\n    pass: {}"),
        "f.yaml:15:24: message_type asks for a pkiMessage"},
    {"scep of GetCACert",
        TOP RULE("match: {operation: [GetCACert]}\n    scep: {status: PENDING}"),
        "scep edits a pkiMessage"},
};

Test(scenarios_faults, refuses_a_faulty_rule)
{
	EXPECT_FAULTS(rule_faults);
}

#define RESPOND(text) TOP RULE("match: {}\n    respond: " text)
#define SCEP(text)    TOP RULE("match: {}\n    scep: " text)

static const struct fault action_faults[] = {
    {"a number alone", RESPOND("500"), "f.yaml:16:14: respond is a map"},
    {"no layer", RESPOND("{status: 500}"), "respond needs the key 'layer'"},
    {"no status", RESPOND("{layer: iis}"), "respond needs the key 'status'"},
    {"status 99", RESPOND("{status: 99, layer: iis}"), "a number from 100 to 599"},
    {"status 600", RESPOND("{status: 600, layer: iis}"), "a number from 100 to 599"},
    {"status with substatus", RESPOND("{status: 404.15, layer: iis}"),
        "f.yaml:16:23: '404.15'"},
    {"layer misspelt", RESPOND("{status: 500, layer: httpsys}"), "did you mean http.sys"},
    {"page of iis", RESPOND("{status: 400, layer: iis, page: 400-bad-request}"),
        "f.yaml:16:46: layer iis has no such page"},
    {"page misspelt", RESPOND("{status: 400, layer: http.sys, page: 400-bad-requests}"),
        "did you mean 400-bad-request"},
    {"page and body",
        RESPOND("{status: 400, layer: http.sys, page: 400-bad-request, body: x}"),
        "body beside page"},
    {"reason of two lines", RESPOND("{status: 400, layer: iis, reason: \"a\\r\\nb\"}"),
        "one line without control characters"},
    {"header of two lines",
        RESPOND("{status: 400, layer: iis, headers: {A: \"a\\r\\nB: c\"}}"),
        "one line without control characters"},
    {"header name", RESPOND("{status: 400, layer: iis, headers: {\"A B\": c}}"),
        "f.yaml:16:50: 'A B' is not the name of a header"},
    {"header twice", RESPOND("{status: 400, layer: iis, headers: {Via: a, via: b}}"),
        "f.yaml:16:58: the header 'via' stands here twice"},
    {"nine headers",
        RESPOND("{status: 400, layer: iis, headers: {a: 1, b: 1, c: 1, d: 1, "
                "e: 1, f: 1, g: 1, h: 1, i: 1}}"),
        "more than 8 headers"},
    {"no headers", RESPOND("{status: 400, layer: iis, headers: {}}"), "headers is a map"},
    {"httperr of iis",
        RESPOND("{status: 500, layer: mscep}\n    evidence: {httperr: {reason: URL}}"),
        "f.yaml:17:16: an answer of layer mscep stands in the IIS log"},
    {"iis of http.sys",
        RESPOND(
            "{status: 414, layer: http.sys}\n    evidence: {iis: {substatus: 0, win32: 0}}"),
        "f.yaml:17:16: an answer of layer http.sys stands in HTTPERR"},
    {"httperr reason",
        RESPOND(
            "{status: 414, layer: http.sys}\n    evidence: {httperr: {reason: Url_Length}}"),
        "did you mean URL_Length"},
    {"httperr reason, far off",
        RESPOND(
            "{status: 414, layer: http.sys}\n    evidence: {httperr: {reason: zzzzzzzzzz}}"),
        "known: AppOffline, AppPoolTimer"},
    {"queue with a blank",
        RESPOND(
            "{status: 414, layer: http.sys}\n    evidence: {httperr: {reason: URL, queue: a b}}"),
        "a queue name in HTTPERR has no blanks"},
    {"evidence empty", RESPOND("{status: 500, layer: iis}\n    evidence: {}"),
        "evidence is empty"},
    {"evidence without win32",
        RESPOND("{status: 500, layer: iis}\n    evidence: {iis: {substatus: 0}}"),
        "evidence.iis needs the key 'win32'"},
    {"evidence of pass",
        TOP RULE("match: {}\n    pass: {}\n    evidence: {httperr: {reason: URL}}"),
        "f.yaml:17:16: HTTPERR is what HTTP.sys writes"},
    {"scep empty", SCEP("{}"), "scep is empty"},
    {"scep status", SCEP("{status: pending}"), "'pending' is not a pkiStatus"},
    {"fail_info", SCEP("{status: FAILURE, fail_info: badrequest}"),
        "did you mean badRequest"},
    {"FAILURE alone", SCEP("{status: FAILURE}"), "status FAILURE needs fail_info"},
    {"fail_info of PENDING", SCEP("{status: PENDING, fail_info: badAlg}"),
        "f.yaml:16:29: fail_info and hresult go with status FAILURE"},
    {"hresult as number", SCEP("{hresult: -2147024809}"), "an HRESULT as \"0x\""},
    {"hresult too short", SCEP("{hresult: \"0x8009\"}"), "an HRESULT as \"0x\""},
    {"hresult no digits", SCEP("{hresult: \"0x8009481g\"}"), "an HRESULT as \"0x\""},
};

Test(scenarios_faults, refuses_a_faulty_action)
{
	EXPECT_FAULTS(action_faults);
}

static const struct fault param_faults[] = {
    {"params a list", TOP "params: [a]\n", "f.yaml:13:9: params is a map"},
    {"name", TOP "params: {Limit: {default: 1}}\n", "f.yaml:13:10: 'Limit'"},
    {"no default", TOP "params: {a: {min: 1}}\n", "a parameter needs the key 'default'"},
    {"a value alone", TOP "params: {a: 3}\n", "f.yaml:13:13: a parameter is a map"},
    {"enum", TOP "params: {a: {default: 1, enum: [1]}}\n",
        "'enum' is not a key of a parameter"},
    {"default out of range", TOP "params: {a: {default: 0, min: 1, max: 9}}\n",
        "f.yaml:13:23: the default '0' of 'a' is not allowed by the parameter itself: it is a "
        "number from 1 to 9"},
    {"default no word", TOP "params: {a: {default: x, words: [y, z]}}\n", "one of y, z"},
    {"min above max", TOP "params: {a: {default: 1, min: 9, max: 1}}\n",
        "min 9 is above max 1"},
    {"word number", TOP "params: {a: {default: x, words: [x, number]}}\n",
        "the word 'number'"},
    {"word with a comma", TOP "params: {a: {default: x, words: [x, \"a,b\"]}}\n",
        "the word 'a,b'"},
    {"word is a number", TOP "params: {a: {default: 1, min: 1, words: [\"7\"]}}\n",
        "the word '7' is a number"},
    {"unknown name", PTOP RULE("match: {times: \"${limt}\"}\n    pass: {}"),
        "f.yaml:20:20: 'limt' is not a parameter of this scenario; did you mean limit"},
    {"no params at all", TOP RULE("match: {times: \"${limit}\"}\n    pass: {}"),
        "this scenario has no 'params'"},
    {"part of a text",
        PTOP RULE(
            "match: {}\n    respond: {status: 400, layer: iis, body: \"x ${note}\"}"),
        "${name} may be a whole value only"},
    {"two in one text",
        PTOP RULE(
            "match: {}\n    respond: {status: 400, layer: iis, body: \"${note}${note}\"}"),
        "${name} may be a whole value only"},
    {"a word where a number must be",
        PTOP RULE("match: {times: \"${limit}\"}\n    pass: {}"),
        "${limit} may be 'stock', but a number from 1 to 1000000000 is wanted here"},
    {"any text where a number must be",
        PTOP RULE("match: {times: \"${note}\"}\n    pass: {}"),
        "${note} may be any text"},
    {"a number where a word must be",
        PTOP RULE("match: {method: \"${limit}\"}\n    pass: {}"),
        "${limit} may be 'stock', but a method is wanted here"},
    {"a range of numbers too wide",
        PTOP RULE(
            "with: {limit: number}\n    match: {}\n    respond: {status: \"${limit}\", layer: iis}"),
        "${limit} may be '1', but a number from 100 to 599"},
    {"with unknown", PTOP RULE("with: {mod: hard}\n    match: {}\n    pass: {}"),
        "f.yaml:20:12: 'mod' is not a parameter of this scenario; did you mean mode"},
    {"with no word of it", PTOP RULE("with: {mode: harder}\n    match: {}\n    pass: {}"),
        "'mode' never has the value 'harder': it is one of soft, hard"},
    {"with number of a word",
        PTOP RULE("with: {mode: number}\n    match: {}\n    pass: {}"),
        "'mode' never has the value 'number'"},
    {"with empty", PTOP RULE("with: {}\n    match: {}\n    pass: {}"), "with is a map"},
    {"server list", PTOP "server: {caps_without: [AES]}\n", "server is a list"},
    {"server capability", PTOP "server: [{caps_without: [POSTPKIOperations]}]\n",
        "did you mean POSTPKIOperation"},
    {"server key", PTOP "server: [{capabilities: [AES]}]\n",
        "'capabilities' is not a key of an item of server"},
    {"not in play, yet misspelt",
        PTOP RULE("with: {mode: hard}\n    match: {}\n    repond: {}"),
        "f.yaml:22:5: 'repond' is not a key of a rule"},
    {"not in play, yet wrong",
        PTOP RULE("with: {mode: hard}\n    match: {times: no}\n    pass: {}"),
        "'no': a number"},
};

Test(scenarios_faults, refuses_faulty_parameters)
{
	EXPECT_FAULTS(param_faults);
}

static const struct fault probe_faults[] = {
    {"no want", PROBE("send: {operation: none}"),
        "f.yaml:18:5: a probe needs the key 'want'"},
    {"want empty", PROBE("{send: {operation: none}, want: {}}"), "want is empty"},
    {"send empty", PROBE("{send: {}, want: {status: 200}}"),
        "send needs the key 'operation'"},
    {"want key", PROBE("{send: {operation: none}, want: {code: 200}}"),
        "'code' is not a key of want"},
    {"operation", PROBE("{send: {operation: GetCACertt}, want: {status: 200}}"),
        "did you mean GetCACert"},
    {"message type of GetCACaps",
        PROBE(
            "{send: {operation: GetCACaps, message_type: PKCSReq}, want: {status: 200}}"),
        "message_type belongs to a pkiMessage"},
    {"challenge type of GetCACaps",
        PROBE("{send: {operation: GetCACaps, challenge_type: bmp}, want: {status: 200}}"),
        "challenge_type belongs to a pkiMessage"},
    {"challenge type of no challenge",
        PROBE("{send: {operation: PKIOperation, challenge: missing, challenge_type: bmp},"
              " want: {status: 200}}"),
        "challenge_type beside 'challenge: missing'"},
    {"path", PROBE("{send: {operation: none, path: certsrv}, want: {status: 200}}"),
        "a path begins with '/'"},
    {"path with a query",
        PROBE("{send: {operation: none, path: \"/a?b\"}, want: {status: 200}}"),
        "no '?'"},
    {"repeat 0", PROBE("{send: {operation: none}, repeat: 0, want: {status: 200}}"),
        "a number from 1 to 10000"},
    {"pki", PROBE("{send: {operation: none}, want: {pki: OK}}"),
        "'OK' is not a pkiStatus"},
    {"iis", PROBE("{send: {operation: none}, want: {iis: \"500 0\"}}"),
        "iis is three numbers of the log line"},
    {"iis of four", PROBE("{send: {operation: none}, want: {iis: \"500 0 0 0\"}}"),
        "iis is three numbers of the log line"},
    {"httperr", PROBE("{send: {operation: none}, want: {httperr: URLLength}}"),
        "did you mean URL_Length"},
    {"params",
        PROBE("{params: {limits: 3}, send: {operation: none}, want: {status: 200}}"),
        "did you mean limit"},
    {"params value",
        PROBE("{params: {limit: 100}, send: {operation: none}, want: {status: 200}}"),
        "f.yaml:18:22: the parameter 'limit' does not take this: it is a number from 1 to 99, or "
        "one of stock"},
    {"placeholder",
        PROBE(
            "{send: {operation: none, query_bytes: \"${limit}\"}, want: {status: 200}}"),
        "'${limit}': a number from 1 to 1048576"},
};

Test(scenarios_faults, refuses_a_faulty_probe)
{
	EXPECT_FAULTS(probe_faults);
}

#define FIRST(text)  "rules:\n  - {id: first, " text "}\n"
#define SECOND(text) "  - {id: second, " text "}\n"
#define MSCEP        "respond: {status: 500, layer: mscep}"
#define PENDING      "scep: {status: PENDING}"

static const struct {
	const char *name;
	const char *rules;
	bool is_refused;
} shadows[] = {
    {"iis before mscep", FIRST("match: {}, " IIS) SECOND("match: {}, " MSCEP), true},
    {"iis before scep", FIRST("match: {}, " IIS) SECOND("match: {}, " PENDING), true},
    {"mscep before mscep",
        FIRST("match: {}, " MSCEP) SECOND("match: {method: GET}, " MSCEP), true},
    {"mscep before scep", FIRST("match: {}, " MSCEP) SECOND("match: {}, " PENDING), true},
    {"mscep before iis", FIRST("match: {}, " MSCEP) SECOND("match: {}, " IIS), false},
    {"mscep before pass", FIRST("match: {}, " MSCEP) SECOND("match: {}, pass: {}"),
        false},
    {"iis before pass", FIRST("match: {}, " IIS) SECOND("match: {}, pass: {}"), true},
    {"pass before all", FIRST("match: {}, pass: {}") SECOND("match: {}, " IIS), true},
    {"scep before scep",
        FIRST("match: {}, " PENDING) SECOND("match: {times: 2}, " PENDING), true},
    {"scep before mscep", FIRST("match: {}, " PENDING) SECOND("match: {}, " MSCEP),
        false},
    {"a count runs out", FIRST("match: {times: 1}, " IIS) SECOND("match: {}, " IIS),
        false},
    {"a match", FIRST("match: {method: GET}, " IIS) SECOND("match: {}, " IIS), false},
    {"other words",
        FIRST("with: {mode: soft}, match: {}, " IIS)
            SECOND("with: {mode: hard}, match: {}, " IIS),
        false},
    {"same words",
        FIRST("with: {mode: hard}, match: {}, " IIS)
            SECOND("with: {mode: hard, limit: stock}, match: {}, " IIS),
        true},
    {"any number",
        FIRST("with: {limit: number}, match: {}, " IIS)
            SECOND("with: {limit: 7}, match: {}, " IIS),
        true},
    {"one number",
        FIRST("with: {limit: 7}, match: {}, " IIS)
            SECOND("with: {limit: number}, match: {}, " IIS),
        false},
    {"only at times",
        FIRST("with: {mode: soft}, match: {}, " IIS) SECOND("match: {}, " IIS), false},
};

Test(scenarios_faults, refuses_a_rule_that_can_never_fire)
{
	for (size_t i = 0; i < sizeof(shadows) / sizeof(shadows[0]); i++) {
		struct err err = ERR_INIT;
		char *text = mem_format("%s%s", PTOP, shadows[i].rules);
		struct scenario *scenario = load_with(text, NULL, &err);

		if (!shadows[i].is_refused)
			cr_expect(
			    scenario != NULL, "case %s: %s", shadows[i].name, err.text);
		else
			cr_expect(
			    scenario == NULL &&
			        strstr(err.text,
			            "f.yaml:20:5: the rule 'second' can never fire: "
			            "'first' above it") != NULL,
			    "case %s: %s", shadows[i].name, err.text);
		scenario_free(scenario);
		free(text);
	}
}

static const struct {
	const char *name;
	const char *settings;
	const char *want;
} settings_faults[] = {
    {"unknown", "limt=3",
        "scenario mine has no parameter 'limt'; did you mean limit? Its parameters: limit, mode, "
        "code, note"},
    {"far off", "zzzzzzzz=3", "has no parameter 'zzzzzzzz'; its parameters: limit, mode"},
    {"out of range", "limit=100",
        "'100' for 'limit' is not allowed; it is a number from 1 to 99, or one of stock"},
    {"no word", "mode=softer", "it is one of soft, hard"},
    {"no value", "limit", "'limit' is not a setting; write name=value"},
    {"nothing", "", "'' is not a setting"},
    {"comma at the end", "limit=3,", "'' is not a setting"},
    {"twice", "limit=3,limit=4", "'limit' is set twice"},
    {"blank", "limit= 3", "is not allowed"},
    {"empty", "mode=", "is not allowed"},
};

Test(scenarios_faults, refuses_wrong_settings)
{
	for (size_t i = 0; i < sizeof(settings_faults) / sizeof(settings_faults[0]);
	     i++) {
		struct err err = ERR_INIT;
		struct scenario *scenario =
		    load_with(PTOP, settings_faults[i].settings, &err);

		cr_expect(scenario == NULL, "case %s", settings_faults[i].name);
		cr_expect(strstr(err.text, settings_faults[i].want) != NULL,
		    "case %s: %s", settings_faults[i].name, err.text);
	}
}

Test(scenarios_faults, refuses_settings_where_there_are_no_parameters)
{
	struct err err = ERR_INIT;

	cr_expect(load_with(TOP, "limit=3", &err) == NULL);
	cr_expect(
	    strstr(err.text, "scenario mine has no parameters") != NULL, "%s", err.text);
}
