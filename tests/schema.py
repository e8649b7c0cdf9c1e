"""Validates reports against the JSON Schema, the schema by mutation, and
compares its keys with those of the manual page.

Usage: schema.py [PREFIX] SCHEMA MANUAL REPORT...; writes TAP.  With a prefix
("fact.", "decoded.") the files hold an object a line or an array, and the
manual has their members under that prefix.  Relies on jsonschema.
"""
import copy
import json
import re
import sys

import jsonschema

# Left out where there is nothing to say, so a report without them is right;
# every other key is required, and none may be renamed.
OPTIONAL = {
    "findings.overtaken",
    "findings.because.derived", "findings.because.for",
    "findings.because.tables",
    "attempts.transaction_id",
    "attempts.authority.vendor", "attempts.authority.host",
    "attempts.authority.form", "attempts.authority.id",
    "attempts.authority.issuer", "attempts.authority.list_date",
    "attempts.authority.since", "attempts.authority.until",
    "attempts.stages.item", "attempts.stages.time",
    "attempts.stages.duration_ms", "attempts.stages.http_status",
    "attempts.stages.pki_status", "attempts.stages.fail_info",
    "attempts.stages.hresult", "attempts.stages.message",
    "attempts.stages.request_id", "attempts.stages.client_request_id",
    "certificates.ski", "certificates.aki", "certificates.vendor",
    "certificates.tpm", "certificates.tpm.manufacturer",
    "certificates.tpm.model", "certificates.tpm.version",
    "device.vendor", "device.firmware", "device.tpm_version",
    "device.windows_build", "device.clock_skew_s",
    "devices.vendor", "devices.tpm_version",
    "escalation.authority", "escalation.windows_build",
    "escalation.hosts.authority", "escalation.hosts.id",
    "escalation.hosts.since", "escalation.hosts.until",
    "escalation.hosts.list_date", "escalation.hosts.failed_stage",
    "escalation.hosts.vendor", "escalation.hosts.firmware",
    "escalation.hosts.tpm_version", "escalation.hosts.windows_build",
    "escalation.hosts.ek_issuer.name", "escalation.hosts.ek_issuer.key_id",
    "escalation.hosts.ek_issuer.serial",
    "escalation.hosts.ek_issuer.not_before",
    "escalation.hosts.ek_issuer.not_after",
    "escalation.hosts.ek_issuer.old_serial",
    "escalation.hosts.ek_issuer.old_not_before",
    "escalation.hosts.ek_issuer.old_not_after",
    "escalation.hosts.answers.time",
    "escalation.hosts.answers.http_status",
    "escalation.hosts.answers.pki_status",
    "escalation.hosts.answers.fail_info",
    "escalation.hosts.answers.hresult", "escalation.hosts.answers.message",
    "escalation.hosts.answers.request_id",
    "escalation.hosts.answers.client_request_id",
    "fact.personal", "fact.table", "fact.from", "fact.input", "fact.member",
    "fact.offset", "fact.length", "fact.via",
    "decoded.tree.label", "decoded.tree.name", "decoded.tree.type",
    "decoded.tree.path", "decoded.tree.oid", "decoded.tree.value",
    "decoded.tree.meaning", "decoded.tree.indefinite", "decoded.tree.cut",
    "decoded.tree.nested", "decoded.tree.notes", "decoded.tree.children",
    "why", "why.variant",
    "verdict.capped",
    "batch",
    "batch.stage", "batch.code", "batch.http_status", "batch.vendor",
    "batch.ca", "batch.firmware_family", "batch.host", "batch.authority",
    "batch.device", "batch.time", "batch.week", "batch.transaction_id",
}

count = failed = 0


def ok(good, name, comment=()):
    global count, failed
    count += 1
    failed += not good
    print("%sok %d - %s" % ("" if good else "not ", count, name))
    if not good:
        for line in list(comment)[:8]:
            print("# " + str(line)[:200])


def places(value, path=()):
    """Every (path of keys and indexes, key) of the objects in a report."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield path, key
            yield from places(inner, path + (key,))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from places(inner, path + (i,))


def reach(value, path):
    for step in path:
        value = value[step]
    return value


PREFIXES = ("fact.", "decoded.")
prefix = ""

# What stands in two places of a report has one definition.
ALIASES = (("why.confidence.when.", "why.when."),
           ("why.when.facts.because.", "findings.because."))


def known(name):
    for there, here in ALIASES:
        if name.startswith(there):
            name = here + name[len(there):]
    return name


def dotted(path, key):
    return prefix + known(".".join(
        [s for s in path if isinstance(s, str) and s != "children"] + [key]))


def mutate(validator, report):
    """One place of each dotted name is enough: all share a definition."""
    kept, renamed, seen = [], [], set()
    for path, key in list(places(report)):
        name = dotted(path, key)
        if name in seen:
            continue
        seen.add(name)
        changed = copy.deepcopy(report)
        value = reach(changed, path).pop(key)
        if name not in OPTIONAL and validator.is_valid(changed):
            kept.append(name)
        reach(changed, path)[key + "_x"] = value
        if validator.is_valid(changed):
            renamed.append(name)
    ok(not kept, "every key that must be there is missed", kept)
    ok(not renamed, "no key may be renamed (%d)" % len(seen), renamed)


def schema_names(schema, part, path=""):
    """Dotted names of all keys that the schema allows."""
    if "$ref" in part and path.endswith(".children"):
        return
    if "$ref" in part:
        yield from schema_names(
            schema, schema["$defs"][part["$ref"].rsplit("/", 1)[1]], path)
    for choice in part.get("oneOf", []):
        yield from schema_names(schema, choice, path)
    if "items" in part:
        yield from schema_names(schema, part["items"], path)
    for key, inner in part.get("properties", {}).items():
        name = path + "." + key if path else key
        yield name
        yield from schema_names(schema, inner, name)


def manual_names(path):
    names = set()
    with open(path, encoding="utf-8") as f:
        for line in f:
            if line.startswith(".It Va "):
                names.update(re.findall(r"[a-z0-9_.]*[a-z0-9_]", line[7:]))
    return names


def compare_manual(schema, path):
    manual = {name for name in manual_names(path) if (
        name.startswith(prefix) if prefix else
        not name.startswith(PREFIXES))}
    program = {prefix + known(name) for name in schema_names(schema, schema)}
    # An object is named with its members.
    lacks = sorted(n for n in program - manual
                   if not any(m.startswith(n + ".") for m in manual))
    ok(not lacks, "every key stands in the manual", lacks)
    ok(not manual - program, "the manual has no other key",
       sorted(manual - program))


def documents(path):
    """The report; with a prefix, each line that is an object, or the array."""
    with open(path, encoding="utf-8") as f:
        if prefix != "fact.":
            return [json.load(f)]
        return [json.loads(line) for line in f]


def main():
    global prefix
    if sys.argv[1] in PREFIXES:
        prefix = sys.argv.pop(1)
    with open(sys.argv[1], encoding="utf-8") as f:
        schema = json.load(f)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    compare_manual(schema, sys.argv[2])
    largest = None
    for path in sys.argv[3:]:
        name = prefix + path.rsplit("/", 1)[-1]
        try:
            reports = documents(path)
        except ValueError as e:
            ok(False, name, [e])
            continue
        errors = ["%s: %s" % ("/".join(map(str, e.absolute_path)), e.message)
                  for report in reports
                  for e in validator.iter_errors(report)]
        ok(reports and not errors, name, errors)
        for report in [] if errors else reports:
            keys = len({dotted(p, k) for p, k in places(report)})
            if largest is None or keys > largest[0]:
                largest = keys, report
    if largest is not None:
        mutate(validator, largest[1])
    print("1..%d" % count)
    return failed != 0


sys.exit(main())
