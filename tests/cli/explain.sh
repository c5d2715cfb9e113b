#!/usr/bin/env bash
# explain: a symptom in the words of whoever has it, into cause and cure.
# shellcheck source=tests/cli/cli.sh
. "$(dirname "${BASH_SOURCE[0]}")/cli.sh"
tap_begin "$@"
need script bsdutils
plan 26

escape=$(printf '\033')
http_iis='2017-08-08 20:22:16 IP_address GET /certsrv/mscep/mscep.dll operation=GetCACert&message=SCEP%20Authority 443 - 10.5.14.22 profiled/1.0+CFNetwork/811.5.4+Darwin/16.6.0 - 500 0 1346 31'
httperr='2018-02-27 05:16:08 10.0.0.9 51234 10.0.0.5 443 HTTP/1.1 GET /certsrv/mscep/mscep.dll?operation=GetCACaps&message=ca 503 1 Disabled SCEP'
crp='fe80::1 POST /CertificateRegistrationSvc/Certificate/VerifyRequest - 443 - fe80::1 NDES_Plugin - 403 16 2148204809 453'

# first ID WORD...: explain ends with 0 and ID is what it tells first, alone on stdout
first() {
	local id=$1 found

	shift
	split "$MOCKNDES" explain "$@"
	found=$(awk '/ scenarios show / || /^SCENARIO / || /^$/ { next } { sub(/[ :].*/, ""); print; exit }' out)
	if [ "$STATUS" -eq 0 ] && [ ! -s err ] && [ "$found" = "$id" ]; then
		ok "explain $*: $id"
	else
		not_ok "explain $*: $id" < <(echo "exit code $STATUS" && cat err && head -n 5 out)
	fi
}

fresh words
first impersonation 500 0 1346
first impersonation '500 0 1346'
first impersonation "$http_iis"
# shellcheck disable=SC2086 # as somebody types it who forgets the quotes
first impersonation $http_iis
first pool-stopped "$httperr"
first crp-forbidden "$crp"
first pool-crash 503
first pool-crash Application Error 1000
first uri-too-long 404.15
has out 'mockndes --scenario uri-too-long:answer=404\.15$' 'the command has the settings that show it'
first ca-denied-template -2146875392
first ca-denied-template 0x80094800
first crp-challenge-false SigningCertificate
first pool-crash the application pool SCEP is stopped

fresh whole
split "$MOCKNDES" explain uri-too-long
same '' "$(LC_ALL=C.UTF-8 grep -E '^.{91}' out | grep -v https:// || true)" \
	'no line is over 90 columns, but for addresses'
lacks out "$escape" 'no escape byte where there is no terminal'

fresh terminal
env -u NO_COLOR script -qec "stty cols 60; '$MOCKNDES' explain 414" terminal \
	</dev/null >/dev/null
has terminal "^$escape\\[[0-9;]*muri-too-long" 'a terminal: the heading is bold'
same '' "$(sed "s/$escape\\[[0-9;]*m//g" terminal | tr -d '\r' | grep '^Cause' | grep -E '^.{61}' || true)" \
	'a terminal: wrapped at its width'
script -qec "NO_COLOR=1 '$MOCKNDES' explain 414" terminal </dev/null >/dev/null
lacks terminal "$escape\\[" 'a terminal: NO_COLOR takes the bold away'

fresh json
split "$MOCKNDES" explain --json 500 0 1346
same '[]' "$(head -c 1 out)$(tail -n 1 out)" 'json: one array'
has out '"command": "mockndes --scenario impersonation"' 'json: with the command'

fresh nothing
refused 1 "no scenario shows 'AppOfline'; did you mean AppOffline" explain AppOfline
split "$MOCKNDES" explain --json xyzzyx
same '1 []' "$STATUS $(cat out)" 'json: an empty array, and 1, when there is nothing'
refused 2 'explain what\? ' explain
refused 2 "scenario uri-too-long: 'x' for 'answer' is not allowed" explain 414:answer=x
STATUS=0
"$MOCKNDES" explain 414 >/dev/full 2>err || STATUS=$?
same '1 1' "$STATUS $(grep -c 'No space left on device' err || true)" 'into a full device: 1, and it says why'
