#!/bin/sh
# Writes the manual as HTML, with a first page that leads to all the others:
#	tools/html-man.sh FOLDER SRCDIR PAGE...
# Relies on mandoc, which MANDOC may name.
set -eu

[ $# -gt 2 ] || {
	echo "usage: html-man.sh FOLDER SRCDIR PAGE..." >&2
	exit 2
}
folder=$1
srcdir=$2
shift 2
mandoc=${MANDOC:-mandoc}
[ "$mandoc" != no ] || {
	echo "html-man: there is no mandoc" >&2
	exit 1
}
mkdir -p "$folder"

cat > "$folder/manual.css" << 'END'
:root { color-scheme: light dark; }
body { font-family: sans-serif; line-height: 1.45; max-width: 50em;
    margin: 1em auto; padding: 0 1em; }
code, pre, .Fl, .Cm, .Va, .Li { font-family: monospace; }
pre { overflow-x: auto; padding: 0.5em; border: 1px solid #8888; }
table.head, table.foot { width: 100%; }
td.head-vol { text-align: center; }
td.head-rtitle, td.foot-os { text-align: right; }
dd { margin-left: 2em; }
END
{
	echo '<!DOCTYPE html>'
	echo '<html lang="en"><head><meta charset="utf-8">'
	echo '<meta name="viewport" content="width=device-width">'
	echo '<title>aiktriage: the manual</title>'
	echo '<link rel="stylesheet" href="manual.css"></head><body>'
	echo '<h1>aiktriage: the manual</h1><dl>'
} > "$folder/index.html.tmp"
for page in "$@"; do
	name=${page##*/}
	"$mandoc" -Thtml -O man=%N.%S.html,style=manual.css "$srcdir/$page" |
	    sed 's/<html>/<html lang="en">/' > "$folder/$name.html.tmp"
	mv "$folder/$name.html.tmp" "$folder/$name.html"
	title=$(sed -n 's/^\.Nd //p' "$srcdir/$page")
	printf '<dt><a href="%s.html">%s(%s)</a></dt><dd>%s</dd>\n' "$name" \
	    "${name%.*}" "${name##*.}" "$title" >> "$folder/index.html.tmp"
done
echo '</dl></body></html>' >> "$folder/index.html.tmp"
mv "$folder/index.html.tmp" "$folder/index.html"
