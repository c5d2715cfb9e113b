#!/usr/bin/env bash
# MOCKNDES_OPT_* and MOCKNDES_SCENARIO are options too, and the command line wins.
# shellcheck source=tests/cli/cli.sh
# shellcheck disable=SC2016 # the scripts in quotes are COMMAND's
. "$(dirname "${BASH_SOURCE[0]}")/cli.sh"
tap_begin "$@"
need curl curl
plan 21

# with VARIABLE=VALUE... -- ARG...: mockndes
with() {
	local variables=()

	while [ "$1" != -- ]; do
		variables+=("$1")
		shift
	done
	shift
	split env "${variables[@]}" "$MOCKNDES" "$@"
}
asks='curl -s -o /dev/null -w "%{http_code}\n" "$MOCKNDES_URL"; exit 5'

fresh variables
with MOCKNDES_SCENARIO=500 MOCKNDES_OPT_LOGS=logs MOCKNDES_OPT_CHILD=fail MOCKNDES_OPT_QUIET=yes \
	MOCKNDES_OPT_SERVER_VERSION=2012r2 MOCKNDES_OPT_LOG_FIELDS=sc-bytes \
	-- -- sh -c "$asks"
same 500 "$(cat out)" 'MOCKNDES_SCENARIO chooses the fault'
same 0 "$STATUS" 'MOCKNDES_OPT_CHILD says how COMMAND must end'
same '' "$(cat err)" 'MOCKNDES_OPT_QUIET is a switch'
iis_log >iis
has iis ' 500 0 1346 ' 'MOCKNDES_OPT_LOGS makes the logs'
has logs/inetpub/logs/LogFiles/W3SVC1/u_ex*.log '^#Software: .* 8\.5' 'MOCKNDES_OPT_SERVER_VERSION'
has logs/inetpub/logs/LogFiles/W3SVC1/u_ex*.log ' sc-bytes ' 'MOCKNDES_OPT_LOG_FIELDS'

fresh line-wins
with MOCKNDES_SCENARIO=500 MOCKNDES_OPT_LOGS=theirs MOCKNDES_OPT_CHILD=fail MOCKNDES_OPT_QUIET=yes \
	-- --scenario healthy --logs mine --child any --quiet=no -- sh -c "$asks"
same 403 "$(cat out)" '--scenario wins'
same 0 "$STATUS" '--child wins'
has err '^mockndes: healthy ' '--quiet=no wins'
same mine "$(echo m*e t*s 2>/dev/null | sed 's/ t\*s//')" '--logs wins'

fresh files
printf '%s\n' 'mockndes: 1' 'id: mine' 'group: own' 'title: Mine' 'outcome: must-fail' \
	'doc: {symptom: a, cause: b, fix: c, provenance: inferred,' \
	'  sources: [{url: "https://www.rfc-editor.org/rfc/rfc8894"}]}' \
	'rules: [{id: busy, match: {}, respond: {status: 503, layer: http.sys}}]' \
	'probes: [{send: {operation: GetCACert}, want: {status: 503}}]' >mine.yaml
with MOCKNDES_SCENARIO=500 -- --quiet --child any --scenario-file mine.yaml -- sh -c "$asks"
same '503 0' "$(cat out) $STATUS" '--scenario-file sets MOCKNDES_SCENARIO aside'
with MOCKNDES_OPT_SCENARIO_FILE=mine.yaml -- --quiet --child any --scenario 500 -- sh -c "$asks"
same '500 0' "$(cat out) $STATUS" '--scenario sets MOCKNDES_OPT_SCENARIO_FILE aside'
with MOCKNDES_OPT_SCENARIO_FILE=mine.yaml MOCKNDES_SCENARIO=500 -- --quiet
same 2 "$STATUS" 'both as variables: 2, as on the command line'

fresh faulty
with MOCKNDES_OPT_LISTEN=8080 --
has err '^mockndes: --listen 8080 names no address.* \(from MOCKNDES_OPT_LISTEN\)$' \
	'a faulty variable is refused by its name'
with MOCKNDES_OPT_WORKERS=many -- --workers 1 --scenario none
has err "there is no scenario 'none'" 'unless the command line has set it aside'
with MOCKNDES_OPT_QUIET=maybe --
has err '^mockndes: --quiet is a switch.* \(from MOCKNDES_OPT_QUIET\)$' 'a switch takes yes or no'
with MOCKNDES_OPT_LOGS= --
same 2 "$STATUS" 'an empty one is refused'
with MOCKNDES_OPT_LISTEN=8080 MOCKNDES_SCENARIO=none -- list
same 0 "$STATUS" 'list leaves alone what is not its own'
with MOCKNDES_OPT_CHILD=fail MOCKNDES_OPT_TIMEOUT=1s -- --scenario none
has err "there is no scenario 'none'" 'without COMMAND, what is about it is left alone'

fresh lists
export MOCKNDES_OPT_TLS=127.0.0.1:0,127.0.0.1:0
server_start --quiet
same 3 "$(grep -o '"host"' <<<"$SERVER_READY" | grep -c .)" 'a list with commas opens several doors'
fetched 200 'MOCKNDES_OPT_TLS: it answers' --cacert "$SERVER_CA" "$SERVER_TLS_URL?$CAPS"
server_stop
