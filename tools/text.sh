#!/bin/sh
# Makes C strings of text files: text.sh NAME FILE ... to standard output.
# Relies on POSIX sed.
echo '/* Made by tools/text.sh; change what it was made from. */'
echo '#include "batch/dashboard.h"'
while [ $# -gt 1 ]; do
	echo
	echo "const char	$1[] ="
	sed 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$/\\n"/' "$2"
	echo ';'
	shift 2
done
