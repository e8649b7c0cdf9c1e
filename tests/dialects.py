"""What a case says of the attestation, without the places it was read from.

Usage: dialects.py FACTS [untimed] [untunnelled] [ms]
  untimed      the capture has no times of its own
  untunnelled  it has no CONNECT sessions, so numbers of sessions differ
  ms           its times are in milliseconds
       dialects.py --findings REPORT
"""
import json
import re
import sys

KINDS = "attempt", "stage", "device", "join"
TIMES = ("stage.time", "stage.duration", "clock.skew", "clock.wrong",
         "attempt.time", "attempt.time_source")
TUNNELS = "connect", "tls"


def facts(path, modes):
    items = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            fact = json.loads(line)
            kind = fact["item"].split()[0]
            if kind in KINDS:
                items.setdefault(fact["item"], []).append(
                    (fact["field"], fact["value"]))
    numbers = {}
    lines = []
    for name in sorted(items, key=lambda x: (x.split()[0],
                                             int(x.split()[1]))):
        kind = name.split()[0]
        stage = dict(items[name]).get("stage.name")
        if "untunnelled" in modes and stage in TUNNELS:
            continue
        numbers[kind] = numbers.get(kind, 0) + 1
        for field, value in items[name]:
            if "untimed" in modes and field in TIMES:
                continue
            if "untunnelled" in modes and (
                    field.startswith(("connect.", "tls.")) or
                    field == "stage.item"):
                continue
            if "ms" in modes:
                value = re.sub(r"(T..:..:..)(\.\d*)?Z", lambda m: m[1] +
                               ((m[2] or ".") + "000")[:4] + "Z", value)
            lines.append("%s %d %s = %s" % (kind, numbers[kind], field,
                                            value))
    return sorted(lines)


def findings(path):
    with open(path, encoding="utf-8") as f:
        report = json.load(f)
    verdict = report["verdict"]
    lines = ["%s %s" % (key, verdict.get(key)) for key in
             ("outcome", "cause", "confidence")]
    lines.append("chain " + " ".join(report["chain"]))
    lines += sorted("finding %s %s" % (f["rule"], f["confidence"])
                    for f in report["findings"])
    return lines


if sys.argv[1] == "--findings":
    print("\n".join(findings(sys.argv[2])))
else:
    print("\n".join(facts(sys.argv[1], sys.argv[2:])))
