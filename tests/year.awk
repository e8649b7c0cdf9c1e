# Lines of NDJSON as a batch writes them, for a year of mixed captures: each
# week some cases of each signature, by a generator of its own so that every
# awk gives the same.  outbreak=N adds the story of 2023-03-29 with N devices,
# device=ID makes them one; more=F multiplies all from the middle of the year
# on, rush=F in one week, scale=F always; lull=1 leaves a week in which only
# one kind comes; first=P is the first position, seed=S another year.
function random() {
	state = (state * 16807) % 2147483647
	return state / 2147483647
}
# A Poisson number by Knuth's method.
function poisson(mean,    limit, p, k) {
	limit = exp(-mean)
	p = random()
	for (k = 0; p > limit; k++)
		p *= random()
	return k
}
function two(n) {
	return sprintf("%02d", n)
}
# "2023-03-29" of a day of 2023, from 0.
function date_of(day,    month, length_) {
	for (month = 1; ; month++) {
		length_ = substr(lengths, 2 * month - 1, 2) + 0
		if (day < length_)
			return "2023-" two(month) "-" two(day + 1)
		day -= length_
	}
}
function line(day, outcome, cause, stage, code, vendor, ca, family, id) {
	n++
	rows[day, ++count[day]] = sprintf("\"exit_status\":0,\"died\":null" \
	    "%s%s%s%s%s,\"time\":\"%sT%s:%s:%sZ\"%s},\"case\":{\"id\":\"%s\"," \
	    "\"inputs\":[]},\"verdict\":{\"outcome\":\"%s\",\"cause\":%s," \
	    "\"confidence\":\"high\",\"sentence\":\"A made case.\"," \
	    "\"next_step\":\"None.\"}}", stage == "" ? "" : ",\"stage\":\"" \
	    stage "\"", code == "" ? "" : ",\"code\":\"" code "\"",
	    ",\"vendor\":\"" vendor "\"", ",\"ca\":\"" ca "\"",
	    family == "" ? "" : ",\"firmware_family\":\"" family "\"",
	    date_of(day), two(int(random() * 24)), two(int(random() * 60)),
	    two(int(random() * 60)), ",\"transaction_id\":\"made-" seed "-" \
	    n "\"" id, sprintf("%064d", n), outcome,
	    cause == "" ? "null" : "\"" cause "\"")
}
function kind(mean, outcome, cause, stage, code, vendor, ca, family) {
	kinds++
	means[kinds] = mean
	all[kinds] = outcome SUBSEP cause SUBSEP stage SUBSEP code SUBSEP \
	    vendor SUBSEP ca SUBSEP family
}
BEGIN {
	state = seed = seed == "" ? 1 : seed
	state = state * 7919 + 12345
	if (first == "")
		first = 1
	lengths = "312831303130313130313031"
	f = "failed"
	# Means are cases a day.
	kind(0.5, "succeeded", "", "", "", "IFX", "CA 007", "5.73")
	kind(0.3, "succeeded", "", "", "", "STM", "CA 06", "1.258")
	kind(0.25, f, "authority-removed", "GetCACaps", "0x80190194", "AMD",
	    "PRG-SSP", "3.*.0")
	kind(0.12, f, "authority-removed", "GetCACaps", "0x80190194", "AMD",
	    "PRG-RN", "3.*.0")
	kind(0.10, f, "name-not-resolved", "dns", "0x00002af9", "IFX",
	    "CA 007", "5.73")
	kind(0.08, f, "proxy-refused", "GetCACaps", "0x80190197", "IFX",
	    "CA 007", "7.85")
	kind(0.06, f, "clock-wrong", "challenge", "0x800b0101", "NTC",
	    "NPCTxxx ECC384 LeafCA 012110", "7.2")
	kind(0.05, f, "ek-certificate-missing", "", "0x80070490", "IFX",
	    "CA 022", "5.63")
	kind(0.04, f, "ek-issuer-renewed", "PKIOperation-request",
	    "0x80190190", "IFX", "CA 042", "7.85")
	kind(0.02, f, "ek-issuer-renewed", "PKIOperation-request",
	    "0x80190190", "NTZ", "CA 001", "7.51")
	kind(0.03, "undetermined", "", "", "", "INTC", "CSME", "")
	for (day = 0; day < 365; day++) {
		# Weekends are quiet, and the portal becomes known.
		weight = (day % 7 == 0 || day % 7 == 6 ? 0.3 : 1.2) * \
		    (0.7 + 0.6 * day / 365)
		if (more > 0 && day >= 182)
			weight *= more
		if (rush > 0 && day >= 183 && day < 190)
			weight *= rush
		if (scale > 0)
			weight *= scale
		for (i = 1; i <= kinds; i++) {
			if (lull && i != 3 && day >= 183 && day < 190)
				continue
			for (k = poisson(means[i] * weight); k > 0; k--) {
				split(all[i], p, SUBSEP)
				line(day, p[1], p[2], p[3], p[4], p[5], p[6],
				    p[7], "")
			}
		}
		# Two days, three CAs, two families.
		if (outbreak > 0 && (day == 87 || day == 88)) {
			k = int(outbreak * 2 / 3)
			if (day == 88)
				k = outbreak - k
			for (; k > 0; k--) {
				family = "7.63"
				if (k % 2 == 1)
					family = "7.85"
				line(day, f, "ek-issuer-renewed",
				    "PKIOperation-request", "0x80190190",
				    "IFX", "CA 04" (2 + k % 3), family,
				    device == "" ? "" : ",\"device\":\"" \
				    device "\"")
			}
		}
	}
	# Captures do not come in the order of their times.
	for (day = 364; day >= 0; day--)
		for (k = 1; k <= count[day]; k++) {
			printf "{\"batch\":{\"position\":%d,\"path\":" \
			    "\"made/%d.saz\",%s\n", first, first,
			    rows[day, k]
			first++
		}
}
