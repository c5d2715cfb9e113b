#!/usr/bin/env bash
# readme.sh MOCKNDES [README]
# The tour of README.md: every ```sh block between <!-- tour --> and <!-- /tour --> is
# typed into one shell in a fresh folder, where tools/run is the binary to test. A
# command ends with 0, or with the N of a line "# exit N" below it or at its end. After
# a command that ends in & the next one waits until that server is ready.
# shellcheck source-path=SCRIPTDIR source=interop.sh
. "$(dirname "${BASH_SOURCE[0]}")/interop.sh"
readme=$(realpath -m -- "${2-$INTEROP/../../README.md}")
tap_begin "$1"
[ -r "$readme" ] || bail_out "there is no $readme"
need curl curl
need openssl openssl
need scepclient scep

END_OF_BLOCK=$'\036'
EXIT_LINE='^[[:space:]]*#[[:space:]]*exit[[:space:]]+([0-9]+)'
EXIT_AT_END='[[:space:]]#[[:space:]]*exit[[:space:]]+([0-9]+)[^'$'\n'']*$'

commands=()
codes=()

tour_lines() {
	tr -d '\r' <"$readme" | awk -v end="$END_OF_BLOCK" '
		!is_code && /<!-- tour -->/ { is_tour = 1; next }
		!is_code && /<!-- \/tour -->/ { is_tour = 0; next }
		is_code && /^ *```[ \t]*$/ { is_code = 0; if (is_sh) print end; next }
		!is_code && /^ *```/ { is_code = 1; is_sh = is_tour && /^ *```sh[ \t]*$/; next }
		is_code && is_sh { print }'
}

# The shell is asked: it complains about an open quote, an if, a here-document.
is_whole() {
	[[ $1 != *\\ ]] && [ -z "$(bash -n <<<"$1" 2>&1)" ]
}

add_command() {
	local code=0

	[[ ! $1 =~ $EXIT_AT_END ]] || code=${BASH_REMATCH[1]}
	commands+=("$1")
	codes+=("$code")
}

read_tour() {
	local line text=

	while IFS= read -r line; do
		if [ "$line" = "$END_OF_BLOCK" ]; then
			[ -z "$text" ] || bail_out "a block ends within this command: $text"
		elif [ -n "$text" ]; then
			text+=$'\n'$line
		elif [[ $line =~ $EXIT_LINE ]]; then
			[ ${#codes[@]} -gt 0 ] || bail_out "no command above: $line"
			codes[-1]=${BASH_REMATCH[1]}
		elif [[ $line =~ ^[[:space:]]*[^#[:space:]] ]]; then
			text=$line
		fi
		if [ -n "$text" ] && is_whole "$text"; then
			add_command "$text"
			text=
		fi
	done < <(tour_lines)
	[ -z "$text" ] || bail_out "the last block does not end: $text"
}

# A server in the foreground would stay for ever: it is ended, with exit code 124.
make_tools_run() {
	mkdir tools
	cat >tools/run <<-END
		#!/bin/sh
		exec timeout 60 '$MOCKNDES' "\$@"
	END
	chmod +x tools/run
}

# type_in COMMAND: as a person does, so without this script's own strictness
type_in() {
	STATUS=0
	set +euo pipefail
	eval "$1" >"$OUTPUT" 2>&1 </dev/null 9>&-
	STATUS=$?
	set -euo pipefail
}

# type_in_server COMMAND: and wait for the ready line
type_in_server() {
	export MOCKNDES_OPT_READY_FD=9
	set +euo pipefail
	eval "$1" >"$OUTPUT" 2>&1 </dev/null 9>"$TAP_DIR/ready"
	STATUS=$?
	set -euo pipefail
	unset MOCKNDES_OPT_READY_FD
	IFS= read -r -t 20 -u "$ready" _ || STATUS=1
}

is_server() {
	[[ $1 == *tools/run* && $1 =~ [^\&]\&[[:space:]]*(#.*)?$ ]]
}

read_tour
[ ${#commands[@]} -gt 0 ] ||
	bail_out "$readme has no \`\`\`sh block between <!-- tour --> and <!-- /tour -->"
plan ${#commands[@]}

fresh tour
make_tools_run
mkfifo "$TAP_DIR/ready"
exec {ready}<>"$TAP_DIR/ready"
for i in "${!commands[@]}"; do
	OUTPUT=$TAP_DIR/output.$i # a server in the background goes on writing to its own
	if is_server "${commands[i]}"; then
		type_in_server "${commands[i]}"
	else
		type_in "${commands[i]}"
	fi
	first_line=${commands[i]%%$'\n'*}
	ended "${codes[i]}" "exit ${codes[i]}: ${first_line//#/\\#}"
done
