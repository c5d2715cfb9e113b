#!/usr/bin/env bash
# mscep_admin: its pages as people and scripts read them, the passwords it gives out,
# what they let in, and who may ask for them.
# shellcheck source=tests/cli/cli.sh
. "$(dirname "${BASH_SOURCE[0]}")/cli.sh"
PAGES=$CLI/../data/pages
PATH=$CLI/../interop/clients:$PATH
tap_begin "$@"
need curl curl
need openssl openssl
need iconv libc-bin
need scepclient scep
plan 62

LABEL='The enrollment challenge password is: <B> '

# serve OPTION...: a server with the log in ./logs; ADMIN is the page's URL
serve() {
	server_start --logs logs "$@"
	ADMIN=${SERVER_URL%/mscep/*}/mscep_admin/
}

# page [ARGUMENT...]: the page into ./page, as text into ./text
page() {
	: >page
	run curl -sS -m 10 -o page -D head -w '%{http_code}\n' "$@" "$ADMIN"
	iconv -f UTF-16LE -t UTF-8 page >text 2>/dev/null || : >text
}

# password [ARGUMENT...]: fetches a page; prints its password, or nothing
password() {
	page "$@"
	grep -Pio "$LABEL\\K\\S*" text || true
}

# enrol NAME WORD: scepclient with that challengePassword; sets STATUS. In a folder of
# its own, since it would take up a request that it finds.
enrol() {
	rm -rf client
	mkdir client
	run env -C client MOCKNDES_URL="$SERVER_URL" MOCKNDES_CA="$SERVER_CA" \
		CHALLENGE="$2" enrol-scepclient "$1"
}

refuses() { # DESCRIPTION: the last enrolment met badMessageCheck
	printed 'request failed, failInfo: badMessageCheck' "$1"
}

# as_page NAME: ./text is the page of tests/data/pages, but for what changes
as_page() {
	local changing="s/([0-9A-F]{8} ){3}[0-9A-F]{8}/THUMBPRINT/; s/($LABEL)[^ ]*/\\1PASSWORD/"

	same "$(sed -E "$changing" "$PAGES/$1.html")" "$(sed -E "$changing" text)" "$2"
}

# the CA's MD5 thumbprint as the pages group it
thumbprint() {
	openssl x509 -in "$SERVER_CA" -noout -fingerprint -md5 |
		sed 's/.*=//; s/://g; s/......../& /g; s/ $//'
}

# control VERB BODY: to the server's unix socket; what it says is in OUTPUT
control() {
	run curl -sS -m 10 --unix-socket door -H 'Content-Type: application/json' -d "$2" \
		"http://localhost/v1/$1"
}

fresh page
serve --challenge one-time
run curl -sS -m 10 -o body -w '%{http_code} %{redirect_url}\n' "${ADMIN%/}"
has "$OUTPUT" '^301 http://[^ ]*/certsrv/mscep_admin/$' 'without a slash: 301 to the same with one'
first=$(password)
same 200 "$(cat "$OUTPUT")" 'with a slash: 200'
has head '^Content-Type: text/html' 'as text/html'
same '3c00480054004d00' "$(head -c 8 page | od -An -tx1 | tr -d ' ')" 'in UTF-16LE, from the first octet on'
has text "${LABEL}[0-9A-F]{16} </B>" 'a password of 16 hex digits stands behind its label'
same "$(thumbprint)" "$(grep -Eo '([0-9A-F]{8} ){3}[0-9A-F]{8}' text)" 'the thumbprint is the MD5 of the CA'
as_page password 'all else is as NDES writes it'
fetched 200 'mscep.dll is in that folder too' "${ADMIN}mscep.dll"
run curl -sS -m 10 -o page "${ADMIN/certsrv/CertSrv}"
iconv -f UTF-16LE -t UTF-8 page >text
has text "$LABEL" 'the path may be spelt CertSrv'
enrol one "$first"
ended 0 'the password enrols'
enrol two "$first"
refuses 'and does not enrol another'
enrol two DEADBEEFDEADBEEF
refuses 'one that was not given out does not enrol'
enrol two "${first,,}"
refuses 'nor one in small letters'
server_stop
iis_log >iis
has iis ' GET /certsrv/mscep_admin - [0-9]+ - .* 301 0 0 [0-9]+$' 'the log has the 301'
has iis ' GET /certsrv/mscep_admin/ - [0-9]+ - .* 200 0 0 [0-9]+$' 'and the 200'

fresh cache
serve --challenge one-time
for i in 1 2 3 4 5; do
	password >"word$i"
done
same 5 "$(cat word? | sort -u | grep -Ec '^[0-9A-F]{16}$')" 'five passwords are given out, no two the same'
same '' "$(password)" 'the sixth time there is none'
same 200 "$(cat "$OUTPUT")" 'with 200'
has text 'The password cache is full\.' 'for the cache is full'
as_page cache_full 'the page says so as NDES does'
same '' "$(password)" 'to ask again does not help'
enrol spare "$SERVER_CHALLENGE"
ended 0 'the challenge of the ready line enrols meanwhile'
same '' "$(password)" 'and leaves no room behind'
enrol third "$(cat word3)"
ended 0 'one of the five enrols'
has <(password) '^[0-9A-F]{16}$' 'there is room for one'
same '' "$(password)" 'and for no more'
enrol fifth "$(cat word5)"
ended 0 'the others are as good as before'
server_stop

fresh age
serve --challenge one-time --clock manual --control unix:door
for i in 1 2 3 4 5; do
	password >"word$i"
done
control advance '{"by": "59m"}'
same '' "$(password)" '59 minutes later the cache is full'
enrol one "$(cat word1)"
ended 0 'and a password enrols'
password >word6
has word6 '^[0-9A-F]{16}$' 'which makes room'
control challenge '{}'
apart=$(grep -Eo '[0-9A-F]{16}' "$OUTPUT" || true)
has <(echo "$apart") '^[0-9A-F]{16}$' 'the control channel gives one out when the cache is full'
enrol apart "$apart"
ended 0 'which enrols'
control advance '{"by": "1m"}'
enrol two "$(cat word2)"
refuses 'at 60 minutes a password has expired'
enrol six "$(cat word6)"
ended 0 'a younger one has not'
for i in 1 2 3 4 5; do
	password >"word$i"
done
same 5 "$(cat word[1-5] | sort -u | grep -Ec '^[0-9A-F]{16}$')" 'those that expired have made room'
control reset '{}'
has <(password) '^[0-9A-F]{16}$' 'a reset makes room for all'
enrol three "$(cat word3)"
refuses 'and forgets those that were out'
server_stop

fresh single
serve --single-password Hunter-2
same Hunter-2 "$(password)" 'single password: the page shows it'
same Hunter-2 "$(password)" 'every time'
has text ' </B> <P> This password can be used multiple times and will not expire\.' \
	'and says that it lasts'
as_page single_password 'the rest is like the other page'
for i in 1 2; do
	enrol "host$i" Hunter-2
	ended 0 "it enrols, time $i"
done
enrol host3 hunter-2
refuses 'another word does not'
server_stop

fresh general
serve --profile ndes
run curl -sS -m 10 -o page -w '%{http_code}\n' "$SERVER_URL"
iconv -f UTF-16LE -t UTF-8 page >text
same 200 "$(cat "$OUTPUT")" '--profile ndes: the bare URL is 200'
has text 'This URL is used by network devices to submit certificate requests\.' 'it says what it is for'
has text 'By default, the admin URL is <A HREF=http://[^ >]+/CertSrv/mscep_admin>' 'and where the passwords are'
sed -Ei 's|http://[^/]*/CertSrv|http://NDESServer01/CertSrv|g' text
as_page general 'as the page of the other server does'
enrol none never-given-out
refuses '--profile ndes wants one-time passwords'
enrol host "$(password)"
ended 0 'such as the admin page gives out'
server_stop

fresh user
serve --challenge one-time --mscep-user 'LAB\ndes:Right-1'
page
same 401 "$(cat "$OUTPUT")" '--mscep-user: nobody gets 401'
same $'WWW-Authenticate: Negotiate\nWWW-Authenticate: NTLM' \
	"$(grep -i '^WWW-Authenticate: N' head | tr -d '\r')" 'and is asked for Negotiate or NTLM'
same 1293 "$(stat -c %s page)" 'with the page of IIS'
word=$(password --ntlm -u 'LAB\ndes:Right-1')
same 200 "$(cat "$OUTPUT")" 'the user gets in by NTLM'
enrol host "$word"
ended 0 'with a password that enrols'
same '' "$(password --ntlm -u 'LAB\ndes:Wrong-1')" 'with another password there is no page'
same 401 "$(cat "$OUTPUT")" 'but 401'
same '' "$(password --ntlm -u 'LAB\other:Right-1')" 'nor for another user'
same 401 "$(cat "$OUTPUT")" 'who gets 401 too'
fetched 200 'the devices are not asked who they are' "$SERVER_URL?$CAPS"
server_stop
iis_log >iis
has iis ' GET /certsrv/mscep_admin/ - [0-9]+ - .* 401 2 5 [0-9]+$' 'the log has 401 2 5 for nobody'
has iis ' GET /certsrv/mscep_admin/ - [0-9]+ LAB\\ndes .* 200 0 0 [0-9]+$' 'and the user with the 200'
