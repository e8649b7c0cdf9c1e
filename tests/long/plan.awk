# Plans the cases of the long check: writes their scenarios, their labels and
# the list of their folders.  The labels are those of the samples' stories and
# of the kinds; nothing here comes from the program that is tested.
#   awk -v count=N -v seed=N -v samples=DIR -v scenarios=OUT -v labels=OUT
#       -v list=OUT -f plan.awk samples.tsv kinds.txt
# Relies on POSIX awk; its own random numbers are the same everywhere.

function die(text) {
	print "plan.awk: " text > "/dev/stderr"
	bad = 1
	exit 1
}

# ---- random numbers (Lehmer; exact in doubles), days and times ----

function random(limit) {
	state = (state * 16807) % 2147483647
	return int(state / 2147483647 * limit)
}

# Days since 1970-01-01.
function days(y, m, d,    era, yoe, doy) {
	y -= (m <= 2)
	era = int(y / 400)
	yoe = y - era * 400
	doy = int((153 * (m + (m > 2 ? -3 : 9)) + 2) / 5) + d - 1
	return era * 146097 + yoe * 365 + int(yoe / 4) - int(yoe / 100) + doy - 719468
}

function day_of(text,    part) {
	if (text !~ /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]$/)
		die("\"" text "\" is no day")
	split(text, part, "-")
	return days(part[1] + 0, part[2] + 0, part[3] + 0)
}

# Seconds of UTC as local time of a zone: "2023-03-29T14:05:10+02:00".
function time_text(at, zone,    minutes, z, d, s, era, doe, yoe, doy, mp, y,
    m) {
	minutes = 0
	if (zone != "Z") {
		minutes = substr(zone, 2, 2) * 60 + substr(zone, 5, 2)
		if (substr(zone, 1, 1) == "-")
			minutes = -minutes
	}
	at += minutes * 60
	d = int(at / 86400)
	s = at - d * 86400
	z = d + 719468
	era = int(z / 146097)
	doe = z - era * 146097
	yoe = int((doe - int(doe / 1460) + int(doe / 36524) - int(doe / 146096)) / 365)
	doy = doe - (365 * yoe + int(yoe / 4) - int(yoe / 100))
	mp = int((5 * doy + 2) / 153)
	m = mp < 10 ? mp + 3 : mp - 9
	y = yoe + era * 400 + (m <= 2)
	return sprintf("%04d-%02d-%02dT%02d:%02d:%02d%s", y, m,
	    doy - int((153 * mp + 2) / 5) + 1, int(s / 3600),
	    int(s / 60) % 60, s % 60, zone)
}

# The same text so many seconds later.
function time_later(text, seconds,    zone, at, minutes) {
	zone = substr(text, 20)
	at = day_of(substr(text, 1, 10)) * 86400
	at += substr(text, 12, 2) * 3600 + substr(text, 15, 2) * 60
	at += substr(text, 18, 2)
	if (zone != "Z") {
		minutes = substr(zone, 2, 2) * 60 + substr(zone, 5, 2)
		at -= (substr(zone, 1, 1) == "-" ? -minutes : minutes) * 60
	}
	return time_text(at + seconds, zone)
}

function later(a, b) {
	return a > b ? a : b
}

function earlier(a, b) {
	return a < b ? a : b
}

# ---- what there is: samples.tsv, then kinds.txt ----

BEGIN {
	units = 0
	kinds = 0
}

function rest(n,    i, text) {
	text = $0
	for (i = 0; i < n; i++)
		sub(/^[ \t]*[^ \t]+[ \t]*/, "", text)
	return text
}

/^#/ || NF == 0 {
	next
}

FILENAME ~ /samples\.tsv$/ {
	split($0, cell, "\t")
	unit_kind[units] = "sample"
	unit_name[units] = cell[1]
	unit_outcome[units] = cell[2]
	unit_cause[units] = cell[3]
	unit_exit[units] = cell[4]
	unit_moves[units] = cell[5]
	units++
	next
}

$1 == "device" {
	device_from[$2] = day_of($3)
	device_to[$2] = day_of($4)
	device_options[$2] = rest(4)
	# Those that "all" means stand before the first kind.
	if (!kinds)
		all_devices = all_devices " " $2
	next
}

$1 == "shape" {
	shape_lines[$2] = rest(3)
	group[$3] = group[$3] " " $2
	next
}

$1 == "kind" {
	k = kinds++
	kind_name[k] = $2
	kind_exit[k] = 0
	kind_state[k] = "-"
	kind_event[k] = 87
	next
}

$1 == "verdict" { kind_outcome[k] = $2; kind_cause[k] = $3; next }
$1 == "time" { kind_from[k] = day_of($2); kind_to[k] = day_of($3); next }
$1 == "devices" { kind_devices[k] = rest(1); next }
$1 == "shapes" { kind_shapes[k] = rest(1); next }
$1 == "case" { kind_case[k] = rest(1); next }
$1 == "line" { kind_lines[k] = kind_lines[k] rest(1) "\n"; next }
$1 == "damage" { kind_damage[k] = rest(1); kind_state[k] = "read"; next }
$1 == "exit" { kind_exit[k] = $2; next }
$1 == "state" { kind_state[k] = $2; next }
$1 == "event" { kind_event[k] = $2; next }

{
	die(FILENAME ":" FNR ": no \"" $1 "\"")
}

# One unit for each device and shape of a kind.
function units_add(k,    d, s, g, nd, ns, ng, i, j, m) {
	nd = split(kind_devices[k] == "all" ? all_devices : kind_devices[k], d)
	ns = split(kind_shapes[k], s)
	for (i = 1; i <= nd; i++) {
		if (!(d[i] in device_from))
			die(kind_name[k] ": no device " d[i])
		for (j = 1; j <= ns; j++) {
			ng = split(s[j] in shape_lines ? s[j] : group[s[j]], g)
			if (ng == 0)
				die(kind_name[k] ": no shape " s[j])
			for (m = 1; m <= ng; m++) {
				unit_kind[units] = k
				unit_device[units] = d[i]
				unit_shape[units] = g[m]
				unit_name[units] = kind_name[k] "-" d[i] "-" g[m]
				unit_outcome[units] = kind_outcome[k]
				unit_cause[units] = kind_cause[k]
				unit_exit[units] = kind_exit[k]
				units++
			}
		}
	}
}

# ---- the cases ----

# What no random number is in would be one case many times.
function ticket(n) {
	printf "note file=ticket.txt text=\"Ticket %05d\"\n", n > scenarios
}

function of_kind(u, k, name, n,    from, to, zone, lines, at) {
	from = later(kind_from[k], device_from[unit_device[u]])
	to = earlier(kind_to[k], device_to[unit_device[u]])
	if (from > to)
		die(unit_name[u] ": no day suits both")
	split("Z +02:00 -07:00 +05:30 +12:00 +01:00 -03:00", zone, " ")
	at = from * 86400 + random(to - from + 1) * 86400 + random(86400)
	printf "case to=%s seed=%s time=%s %s\n", name, name,
	    time_text(at, zone[1 + random(7)]), kind_case[k] > scenarios
	printf "device machine=L%05d %s\n", n,
	    device_options[unit_device[u]] > scenarios
	lines = shape_lines[unit_shape[u]]
	gsub(/; */, "\n", lines)
	lines = kind_lines[k] lines
	gsub(/@ID/, kind_event[k], lines)
	print lines > scenarios
	if (kind_damage[k] == "empty" || lines ~ /captured=no/)
		ticket(n)
	if (kind_damage[k] != "") {
		lines = kind_damage[k]
		gsub(/@N/, n, lines)
		print "damage kind=" lines > scenarios
	}
}

function of_sample(u, name, n,    file, line, seeded, machine, word, seen,
    machines) {
	file = samples "/scenarios/" unit_name[u] ".scenario"
	seeded = 0
	machines = 0
	split("", seen)
	while ((getline line < file) > 0) {
		if (line ~ /^#/)
			continue
		if (line ~ /^case /) {
			sub(/seed=[^ ]*/, "to=" name " seed=" name, line)
			if (unit_moves[u] != "-" && match(line, /time=[^ ]*/)) {
				word = substr(line, RSTART + 5, RLENGTH - 5)
				line = substr(line, 1, RSTART + 4) \
				    time_later(word, random(1800)) \
				    substr(line, RSTART + RLENGTH)
			}
		}
		if (line ~ /^device /) {
			machine = ""
			if (match(line, /machine=[^ ]*/)) {
				machine = substr(line, RSTART, RLENGTH)
				line = substr(line, 1, RSTART - 1) \
				    substr(line, RSTART + RLENGTH)
			}
			if (!(machine in seen))
				seen[machine] = ++machines
			line = sprintf("%s machine=L%05d-%d", line, n, seen[machine])
		}
		if (line ~ /^(saz|har|sessions|mail|message|store) /)
			seeded = 1
		print line > scenarios
	}
	if (close(file) != 0)
		die(file ": cannot be read")
	if (!seeded)
		ticket(n)
}

function gcd(a, b,    c) {
	while (b > 0) {
		c = a % b
		a = b
		b = c
	}
	return a
}

END {
	if (bad)
		exit 1
	for (k = 0; k < kinds; k++)
		units_add(k)
	state = 1 + seed * 48271 % 2147483646
	step = 7919
	while (gcd(step, units) != 1)
		step++
	for (n = 1; n <= count; n++) {
		u = (n * step) % units
		used += !(u in times)
		times[u]++
		name = sprintf("%05d-%s", n, unit_name[u])
		if (unit_kind[u] == "sample")
			of_sample(u, name, n)
		else
			of_kind(u, unit_kind[u], name, n)
		printf "%d\t%s\t%s\t%s\t%d\t%s\n", n, name, unit_outcome[u],
		    unit_cause[u], unit_exit[u],
		    unit_kind[u] == "sample" ? "-" : \
		    kind_state[unit_kind[u]] > labels
		print name > list
	}
	print used
}
