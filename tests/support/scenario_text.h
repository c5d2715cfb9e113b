/*
 * scenario_text: the lines that every scenario file begins with, so that a test
 * writes down only what it is about. Faults are looked for by line and column, so
 * the number of lines counts.
 */
#ifndef SUPPORT_SCENARIO_TEXT_H
#define SUPPORT_SCENARIO_TEXT_H

#include "scenarios/load.h"

/* Eleven lines; what stands behind TOP begins in line 13, behind PTOP in line 18. */
#define HEAD                       \
	"mockndes: 1\n"            \
	"id: mine\n"               \
	"group: own\n"             \
	"title: A test\n"          \
	"outcome: must-fail\n"     \
	"doc:\n"                   \
	"  symptom: It fails.\n"   \
	"  cause: It is broken.\n" \
	"  fix: Repair it.\n"      \
	"  provenance: inferred\n" \
	"  sources: [{url: \"https://www.rfc-editor.org/rfc/rfc8894\"}]\n"
#define PROBES "probes: [{send: {operation: none}, want: {status: 200}}]\n"
#define PARAMS                                                     \
	"params:\n"                                                \
	"  limit: {default: 9, min: 1, max: 99, words: [stock]}\n" \
	"  mode: {default: soft, words: [soft, hard]}\n"           \
	"  code: {default: \"414\", words: [\"414\", \"400\"]}\n"  \
	"  note: {default: any text}\n"
#define TOP        HEAD PROBES        /* 12 lines */
#define PTOP       HEAD PROBES PARAMS /* 17 lines */
#define RULE(body) "rules:\n  - id: r\n    " body "\n"

#define PROBE(text) HEAD PARAMS "probes:\n  - " text "\n"
#define IIS         "respond: {status: 500, layer: iis}"

static inline struct scenario *
load_with(const char *text, const char *settings, struct err *err)
{
	return scenario_load("f.yaml", slice_of(text), settings, err);
}

#endif
