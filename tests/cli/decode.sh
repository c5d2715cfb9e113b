#!/usr/bin/env bash
# mockndes decode: what it prints of what a client and the server said to each other,
# out of files, pipes and the log of the server; and what it ends with.
# shellcheck source=tests/cli/cli.sh
. "$(dirname "${BASH_SOURCE[0]}")/cli.sh"
tap_begin "$@"
need curl curl
need openssl openssl
need python3 python3
need scepclient scep
plan 41

# decoded DESCRIPTION ARG...: it ends with 0 and is silent on stderr; ./out is what it says
decoded() {
	local description=$1

	shift
	split timeout -k 1 20 "$MOCKNDES" decode "$@"
	if [ "$STATUS" -eq 0 ] && [ ! -s err ]; then
		ok "$description"
	else
		not_ok "$description" < <(echo "exit code $STATUS" && cat err out)
	fi
}

# facts FILE: all but the source and the count at the end
facts() {
	sed -n '/^pkiMessage/,/^$/p' "$1"
}

# A client that sends by GET, so the IIS log has all that it said.
fresh enrolled
server_start --state state --logs logs --caps SHA-1
check 'a client enrols' scepclient -server-url "$SERVER_URL" -challenge "$SERVER_CHALLENGE" \
	-private-key client.key -certificate cert.pem -cn host1 -keySize 2048
curl -sSf -o bag.der "$SERVER_URL?operation=GetCACert"
curl -sSf -o caps "$SERVER_URL?operation=GetCACaps"
server_stop
log=$(find logs -name 'u_ex*.log')

decoded 'the line of the log' "$log"
has out '^source +message= of a URL, ' 'it says where it found the message'
has out '^ +messageType +PrintableString +19 \(PKCSReq\) +\[2\.16\.840\.1\.113733\.1\.9\.2\]$' \
	'an attribute: name, type, value, OID'
has out '^ +senderNonce +OCTET STRING +[0-9a-f]{32} ' 'a nonce'
has out '^ +inside +not decrypted: no key was given$' 'without a key it stays closed'
lacks out 'challengePassword' 'so there is no password'
has out '! C-04 error: ' 'C-04: this client sends base64url'
has out '! C-07 warning: ' 'C-07: and more than IIS takes'
has out '! C-21 error: ' 'C-21: and DES'
has out '! C-26 warning: ' 'C-26: and encrypts to three certificates'
has out '^2 errors: C-04, C-21$' 'the errors are counted'

decoded 'with the key of --state' --key state/pki/ra-encrypt.key "$log"
has out '^ +challengePassword +PrintableString +mockndes ' 'the password is inside'
has out '^ +subject +Name +.*CN=host1$' 'and the subject'
decoded 'with the folder of --state' --key state/pki "$log"
has out '! C-25 warning: .*\(RA signing\)' 'C-25: the wrong recipient has a name'
decoded 'with the bag of GetCACert' --key bag.der "$log"
has out '^ +certificate +.*\(RA encryption\)$' 'so has the right one'
decoded 'as JSON' --json --key state/pki "$log"
check 'which is JSON, with the same findings' python3 -c '
import json
said = json.load(open("out"))
assert said["facts"][1]["label"] == "pkiMessage"
assert {f["rule"] for f in said["findings"]} >= {"C-04", "C-21", "C-25", "C-26"}
assert all(f["level"] and f["text"] and f["at"] for f in said["findings"])'

# The same message in other clothes.
grep -o 'message=[^& ]*' "$log" | grep -v '=ca' | tail -n 1 | sed 's/^message=//' >url
sed 's/%3D/=/g' url | tr -d '\n' | tr -- '-_' '+/' | base64 -d >message.der
"$MOCKNDES" decode message.der >want
base64 message.der >lines
openssl pkcs7 -inform DER -in message.der -out pem
for form in url lines pem; do
	decoded "out of $form" "$form"
	same "$(facts want)" "$(facts out | sed 's/ *$//')" "$form: the same facts"
done
for dash in '' -; do
	# shellcheck disable=SC2086,SC2094 # nothing or a dash
	"$MOCKNDES" decode $dash <lines >out 2>err || true
	same "$(facts want)" "$(facts out)" "out of a pipe ${dash:+with }$dash"
done

decoded 'the bag of GetCACert' bag.der
same 'RA signing, RA encryption, CA' \
	"$(sed -n 's/^ *Certificate  *\([RC]A\)/\1/p' out | paste -sd, | sed 's/,/, /g')" 'its three certificates'
decoded 'the capabilities' caps
has out '^ +capability +SHA-1$' 'each by itself'
decoded 'a single certificate, PEM' state/pki/ca.pem
has out '^Certificate +CA$' 'it is the CA'

printf '<html>no</html>' >page
head -c 300 message.der >stump
: >empty
refused 1 'cannot be decoded: it looks like an HTML or XML page' decode page
refused 1 'cannot be decoded: it looks like nothing: it is empty' decode empty
refused 1 'cannot be decoded: it looks like ASN\.1 that is cut off' decode stump
refused 1 'cannot open nowhere: No such file' decode nowhere
refused 2 'cannot open nokey: No such file' decode --key nokey message.der
refused 2 'there is no private key and no certificate in page' decode --key page message.der
