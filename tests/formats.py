"""Compares the formats of one case: DIR holds json, ndjson, csv, sarif, junit,
html and text.

Prints what differs; the exit status says whether anything does.
"""
import csv
import html
import json
import re
import sys
import urllib.parse
import xml.dom.minidom

folder = sys.argv[1]
problems = []


def check(good, text):
    if not good:
        problems.append(text)


with open(f"{folder}/json", encoding="utf-8") as f:
    report = json.load(f)
rules = [x["rule"] for x in report["findings"]]

with open(f"{folder}/ndjson", encoding="utf-8") as f:
    lines = f.read()
check(lines.count("\n") == 1 and lines.endswith("\n"), "ndjson: one line")
check(json.loads(lines) == report, "ndjson: another object than json")

with open(f"{folder}/csv", newline="", encoding="utf-8") as f:
    raw = f.read()
rows = list(csv.DictReader(raw.splitlines()))
check(raw.count("\n") == raw.count("\r\n"), "csv: lines end with CRLF")
check(len(rows) == max(1, len(rules)), "csv: one row a finding")
check([r["rule"] for r in rows if r["rule"]] == rules, "csv: rules")
for row in rows:
    check(row["outcome"] == report["verdict"]["outcome"], "csv: outcome")
    check((row["cause"] or None) == report["verdict"]["cause"], "csv: cause")
    for key, cell in row.items():
        check(cell is not None and not cell.startswith(
            ("=", "+", "-", "@", "\t", "\r")), f"csv: formula in {key}: {cell}")

with open(f"{folder}/sarif", encoding="utf-8") as f:
    sarif = json.load(f)
check(sarif["version"] == "2.1.0" and "$schema" in sarif, "sarif: version")
run = sarif["runs"][0]
check(set(run) <= {"tool", "invocations", "results", "artifacts",
                   "properties"}, "sarif: unknown keys in a run")
driver = run["tool"]["driver"]
check([r["id"] for r in driver["rules"]] == rules, "sarif: rules")
check([r["ruleId"] for r in run["results"]] == rules, "sarif: results")
artifacts = run["artifacts"]
for i, a in enumerate(artifacts):
    check(a.get("parentIndex", -1) < i, "sarif: parent after child")
    check(urllib.parse.quote(urllib.parse.unquote(
        a["location"]["uri"])) == a["location"]["uri"], "sarif: uri")
inputs = [urllib.parse.unquote(a["location"]["uri"]) for a in artifacts
          if "parentIndex" not in a]
check(inputs == [x["path"] for x in report["case"]["inputs"]],
      f"sarif: inputs {inputs}")
for r, finding in zip(run["results"], report["findings"]):
    check(r["level"] == finding["severity"], "sarif: level")
    check(driver["rules"][r["ruleIndex"]]["id"] == r["ruleId"], "sarif: index")
    check(r["message"]["text"] == finding["title"], "sarif: message")
    cited = [b for b in finding["because"] if "offset" in b][:20]
    check(len(r["locations"]) == len(cited), "sarif: locations")
    for place, b in zip(r["locations"], cited):
        physical = place["physicalLocation"]
        a = artifacts[physical["artifactLocation"]["index"]]
        name = b["member"] if b["member"] else b["input"]
        check(urllib.parse.unquote(a["location"]["uri"]) == name,
              "sarif: artifact")
        region = physical.get("region")
        check((region is None) == bool(b["via"]), "sarif: region after a step")
        if region:
            check(region == {"byteOffset": b["offset"],
                             "byteLength": b["length"]}, "sarif: region")

suite = xml.dom.minidom.parse(f"{folder}/junit").getElementsByTagName(
    "testsuite")[0]
cases = suite.getElementsByTagName("testcase")
check(len(cases) == int(suite.getAttribute("tests")) ==
      len(report["coverage"]["rules"]), "junit: one test a rule")
failed = [c.getAttribute("name") for c in cases
          if c.getElementsByTagName("failure")]
check(sorted(failed) == sorted(
    x["rule"] for x in report["findings"]
    if x["severity"] == "error" and not x.get("overtaken")), "junit: failures")
check(int(suite.getAttribute("failures")) == len(failed), "junit: count")
skipped = [c.getAttribute("name") for c in cases
           if c.getElementsByTagName("skipped")]
check(sorted(skipped) == sorted(
    x["rule"] for x in report["coverage"]["rules"]
    if x["state"] == "cannot-say"), "junit: skipped")

verdict = report["verdict"]
with open(f"{folder}/html", encoding="utf-8") as f:
    page = f.read()


def told(pattern):
    return [html.unescape(x) for x in re.findall(pattern, page)]


check(told("<h1>(.*?)</h1>") == [verdict["sentence"]], "html: the sentence")
check(told('<article id="f-[^"]*"><p><span[^>]*>[^<]*</span> '
           "<strong>(.*?)</strong>") == rules, "html: rules")
check(told('<summary>Attempt [0-9]+: <span class="badge[^>]*>(.*?)</span>') ==
      [a["outcome"] for a in report["attempts"]], "html: attempts")
check(told('<title id="seq([0-9]+)">') ==
      [str(i) for i, a in enumerate(report["attempts"], 1) if a["stages"]],
      "html: a diagram for each attempt with stages")

with open(f"{folder}/text", encoding="utf-8") as f:
    words = " ".join(f.read().split())
check(words.startswith(verdict["sentence"]), "text: the sentence")
check(f"{verdict['outcome']}; cause: {verdict['cause']}; confidence: "
      f"{verdict['confidence']}" in words if verdict["cause"] else
      verdict["outcome"] in words, "text: the verdict")

print("\n".join(problems), end="")
sys.exit(1 if problems else 0)
