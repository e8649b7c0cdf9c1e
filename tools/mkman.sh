#!/bin/sh
# Writes the list of fields into man/aiktriage-fields.7, between its two
# marks, as `aiktriage fields' prints it.  Run it after a field was added or
# changed:  tools/mkman.sh ./aiktriage
set -eu

program=${1:?usage: tools/mkman.sh PROGRAM}
page=$(dirname "$0")/../man/aiktriage-fields.7
new=$(mktemp)
trap 'rm -f "$new"' EXIT

sed '/^\.\\" LIST BEGINS/q' "$page" > "$new"
"$program" fields --format=mdoc >> "$new"
sed -n '/^\.\\" LIST ENDS/,$p' "$page" >> "$new"
cat "$new" > "$page"
