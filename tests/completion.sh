#!/bin/sh
# The completions: loaded by the shells themselves they complete commands,
# options, values, rules, limits and files, and a key press does so, too.
# Relies on bash, zsh and fish where they are, and on python3 for the keys.
# shellcheck source=tests/tap.sh
. "${srcdir:=$(cd "$(dirname "$0")/.." && pwd)}/tests/tap.sh"

mkdir "$work/bin" "$work/here" "$work/here/folder"
ln -s "$AIKTRIAGE" "$work/bin/aiktriage"
: > "$work/here/capture.saz"
: > "$work/here/two words.saz"
PATH=$work/bin:$PATH
export PATH

for shell in bash zsh fish; do
	"$AIKTRIAGE" completion $shell > "$work/$shell.script"
	ok $? "a script for $shell"
	if command -v $shell > /dev/null 2>&1; then
		$shell -n "$work/$shell.script" 2> "$work/err"
		ok $? "$shell reads it"
		diag "$work/err"
	else
		skip "$shell reads it" "there is no $shell"
	fi
done
run 2 'no other shell' "$AIKTRIAGE" completion tcsh
run 2 'one shell' "$AIKTRIAGE" completion

# Each command's options stand in every script.
for command in $("$AIKTRIAGE" --help |
    sed -n '/^commands:/,/^$/s/^  \([a-z]\{1,\}\) .*/\1/p'); do
	"$AIKTRIAGE" "$command" --help | sed -n 's/^  ....--\([a-z-]*\).*/\1/p' \
	    > "$work/options"
	lacks=
	while read -r option; do
		awk -v c="$command" -v o="--$option" '
		$0 == "\t\t" c ")" { in_it = 1 }
		in_it && index($0, "\t\t\t_aiktriage_words") {
			sub("\x27$", " ")
			if (index($0 " ", o " "))
				found = 1
			in_it = 0
		}
		END { exit !found }' "$work/bash.script" ||
		    lacks="$lacks bash:$option"
		grep -q "__aiktriage_is $command' -l $option " \
		    "$work/fish.script" || lacks="$lacks fish:$option"
		awk -v c="$command" -v o="--$option:" '
		$0 == "\t\t" c ")" { in_it = 1 }
		in_it && index($0, "\x27" o) { found = 1 }
		/;;/ { in_it = 0 }
		END { exit !found }' "$work/zsh.script" ||
		    lacks="$lacks zsh:$option"
	done < "$work/options"
	is "$lacks" "" "$command: every option is known to every script"
done

# ---- what is offered ----

cat > "$work/ask.bash" <<'B'
# ask.bash SCRIPT LINE: the candidates for a line, one each.  Words are split
# as readline(3) does.
. "$1"
[ "$(complete -p aiktriage)" = "complete -F _aiktriage aiktriage" ] || exit 1
COMP_WORDS=()
for word in $2; do
	while [[ $word == *[=:]* ]]; do
		before=${word%%[=:]*}
		[ -n "$before" ] && COMP_WORDS+=("$before")
		word=${word#"$before"}
		COMP_WORDS+=("${word:0:1}")
		word=${word:1}
	done
	[ -n "$word" ] && COMP_WORDS+=("$word")
done
[[ $2 == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_aiktriage
[ ${#COMPREPLY[@]} -gt 0 ] && printf '%s\n' "${COMPREPLY[@]}"
exit 0
B
cat > "$work/ask.zsh" <<'Z'
# ask.zsh SCRIPT LINE: what the function gives to zsh's own.
compdef() { }
_files() { local -a found; [[ $1 == -/ ]] && found=(*(N/)) || found=(*(N)); print -rl -- ${(M)found:#${(b)PREFIX}*} }
_message() { }
_describe() { local -a v; [[ $1 == -o ]] && shift; v=(${(P)2}); v=(${v%%:*}); print -rl -- ${(M)v:#${(b)PREFIX}*} }
compset() { [[ $PREFIX == ${~2}* ]] || return 1; PREFIX=${PREFIX#${~2}} }
compadd() {
	local -a v
	local suffix=
	while [[ $1 == -* ]]; do
		case $1 in
		-S) suffix=$2; shift 2 ;;
		-a) v+=(${(P)2}); shift 2 ;;
		*) shift ;;
		esac
	done
	v+=("$@")
	v=(${(M)v:#${(b)PREFIX}*})
	((${#v})) && print -rl -- ${^v}$suffix
	return 0
}
. $1
words=(${(z)2})
[[ $2 == *' ' ]] && words+=('')
CURRENT=${#words}
PREFIX=$words[CURRENT]
_aiktriage
exit 0
Z
ask() {
	case $1 in
	bash)
		bash --norc --noprofile "$work/ask.bash" "$work/bash.script" "$2"
		;;
	zsh)
		zsh -f "$work/ask.zsh" "$work/zsh.script" "$2"
		;;
	fish)
		# shellcheck disable=SC2016
		HOME=$work XDG_CONFIG_HOME=$work fish --no-config \
		    -c 'source $argv[1]; complete -C $argv[2]' \
		    "$work/fish.script" "$2" | sed 's/	.*//'
		;;
	esac 2> "$work/err" | sed '/^$/d' | LC_ALL=C sort -u | tr '\n' ' '
}

rules=$("$AIKTRIAGE" rules list | awk '$1 ~ /^ek-chain-[a-z-]*$/ { print $1 }' |
    LC_ALL=C sort -u | tr '\n' ' ')
cd "$work/here" || exit 99
for shell in bash zsh fish; do
	if ! command -v $shell > /dev/null 2>&1; then
		skip "what $shell offers" "there is no $shell"
		continue
	fi
	is "$(ask $shell 'aiktriage bat')" 'batch ' "$shell: a command"
	is "$(ask $shell 'aiktriage batch --sh')" '--shard ' \
	    "$shell: an option of the command"
	is "$(ask $shell 'aiktriage facts --sh')" '' \
	    "$shell: not of another one"
	is "$(ask $shell 'aiktriage --esc')" '--escalation ' \
	    "$shell: an option without a command is of analyze"
	is "$(ask $shell 'aiktriage --color ')" 'always auto never ' \
	    "$shell: words of a value"
	is "$(ask $shell 'aiktriage batch --format ')" 'clusters csv html junit ndjson ' \
	    "$shell: formats of the command"
	is "$(ask $shell 'aiktriage facts --format ')" 'json ndjson text ' \
	    "$shell: of another one"
	is "$(ask $shell 'aiktriage --min-severity w')" 'warning ' \
	    "$shell: a severity"
	is "$(ask $shell 'aiktriage --only ek-chain-')" "$rules" \
	    "$shell: rules"
	is "$(ask $shell 'aiktriage capture.saz --why ek-chain-')" "$rules" \
	    "$shell: also behind a file"
	is "$(ask $shell 'aiktriage --limits wall')" 'wall_s= ' \
	    "$shell: a limit"
	is "$(ask $shell 'aiktriage -o js')" 'json: ' "$shell: an output"
	is "$(ask $shell 'aiktriage rules ')" 'lint list show test ' \
	    "$shell: words of a command"
	is "$(ask $shell 'aiktriage rules show ek-chain-')" "$rules" \
	    "$shell: and what follows them"
	is "$(ask $shell 'aiktriage rules lint f' | tr -d /)" 'folder ' \
	    "$shell: a folder"
	is "$(ask $shell 'aiktriage completion ')" 'bash fish zsh ' \
	    "$shell: shells"
	is "$(ask $shell 'aiktriage facts cap')" 'capture.saz ' \
	    "$shell: files"
	is "$(ask $shell 'aiktriage cap')" 'capture.saz ' \
	    "$shell: files without a command"
	is "$(ask $shell 'aiktriage explain ca')" '' \
	    "$shell: no files where none are wanted"
	is "$(ask $shell 'aiktriage batch --state f' | tr -d /)" 'folder ' \
	    "$shell: a folder as a value"
	case $shell in
	bash)
		is "$(ask $shell 'aiktriage --color=al')" 'always ' \
		    "$shell: a value behind ="
		is "$(ask $shell 'aiktriage -o json:cap')" 'capture.saz ' \
		    "$shell: the file of an output"
		is "$(ask $shell 'aiktriage --output=json:cap')" \
		    'capture.saz ' "$shell: also behind ="
		;;
	zsh)
		is "$(ask $shell 'aiktriage --color=al')" 'always ' \
		    "$shell: a value behind ="
		is "$(ask $shell 'aiktriage -o json:cap')" 'capture.saz ' \
		    "$shell: the file of an output"
		;;
	fish)
		is "$(ask $shell 'aiktriage --color=al')" '--color=always ' \
		    "$shell: a value behind ="
		is "$(ask $shell 'aiktriage -o json:cap')" \
		    'json:capture.saz ' "$shell: the file of an output"
		;;
	esac
done

# ---- keys ----

cat > "$work/press.py" <<'P'
"""press.py SHELL SCRIPT LINE: types the line and a tab, then has the shell
print its words.  The alarm ends a shell that does not answer."""
import os
import pty
import re
import signal
import sys

shell, script, line = sys.argv[1:]
argv = {"bash": ["bash", "--norc", "--noprofile", "-i"],
        "zsh": ["zsh", "-f", "-i"]}[shell]
setup = {"bash": ". '%s'\n" % script,
         "zsh": "autoload -Uz compinit; compinit -u -D; bindkey -e; "
                ". '%s'\n" % script}[shell]
pid, fd = pty.fork()
if pid == 0:
    os.environ["TERM"] = "dumb"
    os.environ["PS1"] = "$ "
    os.execvp(argv[0], argv)
signal.alarm(60)
seen = b""


def until(mark):
    global seen
    while mark not in seen:
        try:
            data = os.read(fd, 4096)
        except OSError:
            data = b""
        if not data:
            sys.exit("ended: %r" % seen)
        seen += data


# The marks are typed in two parts, so that the echo does not show them.
os.write(fd, setup.encode() + b"printf 'rea%s\\n' dy\n")
until(b"ready")
os.write(fd, line.encode() + b"\t\x01printf '<%s>' 'be''gin' \x05\n"
         b"printf '<%s>' 'e''nd'; exit\n")
until(b"<end>")
found = re.search(b"<begin>((<[^>]*>)+)", seen)
print(found.group(1).decode() if found else repr(seen))
P
for shell in bash zsh; do
	if ! command -v $shell > /dev/null 2>&1 ||
	    ! python3 -c 'import pty; pty.openpty()' 2> /dev/null; then
		skip "keys in $shell" "there is no $shell, python3 or pseudo terminal"
		continue
	fi
	is "$(HOME=$work python3 "$work/press.py" $shell "$work/$shell.script" \
	    'aiktriage batch --shar' 2>&1)" '<aiktriage><batch><--shard>' \
	    "$shell: a tab completes an option"
	is "$(HOME=$work python3 "$work/press.py" $shell "$work/$shell.script" \
	    'aiktriage two' 2>&1)" '<aiktriage><two words.saz>' \
	    "$shell: and quotes a file's name"
done

done_testing
