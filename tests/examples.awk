# Takes apart the examples of a manual page (mdoc on standard input): a
# literal block that begins "# FOLDER/FILE" becomes that file; a line that
# begins with "$ " becomes the file run.N, and what stands below it want.N.
# Relies on the folders being there.
function plain(s) {
	gsub(/\\\(ba/, "|", s)
	gsub(/\\&/, "", s)
	gsub(/\\-/, "-", s)
	gsub(/\\e/, "\\", s)
	return s
}
# A line that ends in a backslash goes on in the next one.
function put(line, to) {
	if (sub(/\\$/, "", line))
		printf "%s", line > to
	else
		print line > to
}
/^\.Bd -literal/ { inside = first = 1; file = ""; command = 0; next }
/^\.Ed/ { inside = 0; next }
!inside { next }
first && /^# [a-z]+\/[a-z.-]+$/ { file = substr($0, 3) }
{ first = 0 }
file != "" { print plain($0) > file; next }
/^\$ / { put(substr(plain($0), 3), "run." ++n); command = 1; next }
command { put(plain($0), "want." n) }
