#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Says whether two sites did what they were there for, without a line of Granary's code.

It knows what was offered (the ledger of site-generator.py), and compares it with the catalogs, the archives' files and the
message boxes, in the simplest way that there is. It must run when neither site does.

    naive-checker.py --ledger offered.jsonl --staging DIR --home SDS [--partner DAAC] [--boxes DIR] [--afterwards delete]

Prints what it counted. Exit status 1 and a list when something is not as promised.
"""

import argparse
import collections
import hashlib
import json
import os
import sqlite3
import sys

OPEN_WORK = ("available", "scheduled", "running", "retryable")
SOURCE = "inbound"
PROCESSED = "TIDEWATCH_L1B_SWATH"


class Site:
    """A home at rest: its rows, and the files of its archive."""

    def __init__(self, home):
        self.home = home
        self.archive = os.fsencode(os.path.join(home, "archive"))
        self.database = sqlite3.connect(f"file:{os.path.join(home, 'catalog.sqlite')}?mode=ro", uri=True)
        self.database.row_factory = sqlite3.Row

    def rows(self, sql, *values):
        return self.database.execute(sql, values).fetchall()

    def number(self, sql, *values):
        return self.database.execute(sql, values).fetchone()[0]

    def content(self, archive_path):
        with open(os.path.join(self.archive, archive_path), "rb") as file:
            return file.read()

    def files_on_disk(self):
        found = set()
        for folder, folders, names in os.walk(self.archive):
            if folder == self.archive and b".granary" in folders:
                folders.remove(b".granary")
            found |= {os.path.relpath(os.path.join(folder, name), self.archive) for name in names}
        return found


class Checker:
    def __init__(self, options):
        self.options = options
        self.violations = []
        self.counts = collections.Counter()
        with open(options.ledger) as file:
            self.offers = [json.loads(line) for line in file]
        self.sds = Site(options.home)
        self.daac = Site(options.partner) if options.partner else None

    def violate(self, text):
        self.violations.append(text)

    def run(self):
        self.arrivals()
        self.sources()
        self.granules()
        for site in [self.sds, self.daac] if self.daac else [self.sds]:
            self.site_in_itself(site)
        self.effects()
        if self.daac:
            self.partner()
        if self.options.boxes:
            self.boxes()
        return self.violations

    # --- What came in ---

    def arrivals(self):
        """Every offered file has one state for each generation, and the last one ended as it must."""
        arrivals = collections.defaultdict(list)
        for row in self.sds.rows("SELECT * FROM arrival WHERE source = ? ORDER BY id", SOURCE):
            arrivals[row["path"].hex()].append(row)
        for offer in self.offers:
            generations = arrivals.pop(offer["path"], [])
            self.counts["offered files"] += 1
            self.counts["generations"] += len(generations)
            self.last_generation(offer, generations)
            for row in generations[:-1]:
                if row["state"] not in ("vanished", "quarantined", "ignored"):
                    self.violate(f"{name(offer)}: an earlier generation is {row['state']}")
        for path, rows in arrivals.items():
            for row in rows:
                if not bytes.fromhex(path).endswith(b".part") or row["state"] not in ("ignored", "vanished"):
                    self.violate(f"{bytes.fromhex(path)}: {row['state']}, and nobody offered it")

    def last_generation(self, offer, generations):
        if not generations:
            return self.violate(f"{name(offer)}: never observed")
        last = generations[-1]
        self.counts[last["state"]] += 1
        if last["state"] not in offer["states"]:
            self.violate(f"{name(offer)}: {last['state']} ({last['reason_code']}), not {' or '.join(offer['states'])}")
        elif last["reason_code"] and last["reason_code"] not in offer["reasons"]:
            self.violate(f"{name(offer)}: {last['state']} because of {last['reason_code']}, not {offer['reasons']}")
        if last["size"] != offer["size"]:
            self.violate(f"{name(offer)}: {last['size']} bytes in the ledger, {offer['size']} were offered")

    def sources(self):
        """The source is as it was; only what is in the archive may have been removed, and then must have been."""
        states = {row["path"].hex(): row["state"]
                  for row in self.sds.rows("SELECT path, state FROM arrival WHERE source = ? ORDER BY id", SOURCE)}
        for offer in self.offers:
            path = os.path.join(os.fsencode(self.options.staging), bytes.fromhex(offer["path"]))
            is_stored = states.get(offer["path"]) in ("archived", "duplicate")
            if os.path.exists(path):
                with open(path, "rb") as file:
                    if sha256(file.read()) != offer["sha256"]:
                        self.violate(f"{name(offer)}: its source was changed")
                if is_stored and self.options.afterwards == "delete":
                    self.violate(f"{name(offer)}: stored, and still in the staging area")
            elif not is_stored or self.options.afterwards == "keep":
                self.violate(f"{name(offer)}: {states.get(offer['path'])}, and gone from the staging area")

    def granules(self):
        """Whole or absent, once, and never a mixture of two deliveries."""
        offered = collections.defaultdict(lambda: collections.defaultdict(set))
        expected = set()
        for offer in self.offers:
            if "granule" in offer:
                identity = (offer["collection"], offer["version"], offer["granule"])
                file = (os.path.basename(bytes.fromhex(offer["path"])), offer["sha256"])
                offered[identity][offer["variant"]].add(file)
                if "archived" in offer["states"]:
                    expected.add(identity)
        archived = collections.defaultdict(list)
        for row in self.sds.rows("SELECT * FROM granule WHERE state IN ('archived', 'superseded') AND job_id IS NULL"):
            archived[row["collection"], row["version"], row["name"]].append(row)
        for identity, rows in archived.items():
            self.counts["granules archived"] += 1
            if len(rows) > 1:
                self.violate(f"{identity}: archived {len(rows)} times")
            for row in rows:
                files = {(file["name"], digits(file["sha256"]))
                         for file in self.sds.rows("SELECT name, sha256 FROM file WHERE granule_id = ?", row["id"])}
                if files not in offered[identity].values():
                    self.violate(f"{identity}: what is archived is none of the deliveries that were offered, whole")
        for identity in expected - archived.keys():
            self.violate(f"{identity}: offered whole and good, and not archived")
        for identity in archived.keys() - expected:
            self.violate(f"{identity}: archived, and it must not be")

    # --- A site by itself ---

    def site_in_itself(self, site):
        label = os.path.basename(site.home)
        self.balance(site, label)
        recorded = self.archived_bytes(site, label)
        for path in site.files_on_disk() - recorded:
            self.violate(f"{label}: {path} lies in the archive, and the ledger does not know it")
        for folder, _, names in os.walk(os.path.join(site.archive, b".granary")):
            for leftover in names:
                self.violate(f"{label}: {os.path.join(folder, leftover)} was left behind")
        for kind, state, count in site.rows(
                f"SELECT kind, state, COUNT(*) FROM work WHERE state IN {OPEN_WORK} GROUP BY 1, 2"):
            self.violate(f"{label}: {count} work rows of kind {kind} are still {state}")
        for row in site.rows("SELECT kind, subject_id, error FROM work WHERE state = 'discarded'"):
            self.violate(f"{label}: {row['kind']} of {row['subject_id']} was given up: {row['error']}")
        if site.number("PRAGMA foreign_keys") is None or site.rows("PRAGMA foreign_key_check"):
            self.violate(f"{label}: rows point to rows that are not there")
        if site.rows("PRAGMA integrity_check")[0][0] != "ok":
            self.violate(f"{label}: the database file is damaged")

    def balance(self, site, label):
        observed = site.number("SELECT COUNT(*) FROM event WHERE subject = 'arrival' AND from_state IS NULL")
        kept = sum(row[1] for row in site.rows("SELECT state, COUNT(*) FROM arrival GROUP BY state"))
        if observed != kept:
            self.violate(f"{label}: {observed} arrivals were observed, all states together hold {kept}")
        for row in site.rows("SELECT id, state FROM arrival WHERE state IN ('observed', 'settling', 'verifying')"):
            self.violate(f"{label}: arrival {row['id']} is still {row['state']}")

    def archived_bytes(self, site, label):
        recorded = set()
        for row in site.rows("SELECT * FROM file"):
            path = row["archive_path"]
            recorded.add(path)
            self.counts[f"files archived by {label}"] += 1
            full = os.path.join(site.archive, path)
            if os.path.islink(full) or not os.path.isfile(full):
                self.violate(f"{label}: {path} is in the ledger and not in the archive")
                continue
            content = site.content(path)
            self.counts[f"bytes archived by {label}"] += len(content)
            if sha256(content) != digits(row["sha256"]) or len(content) != row["size"]:
                self.violate(f"{label}: {path} has other bytes than the ledger says")
            if row["provided_checksum"]:
                word, promised = row["provided_checksum"].split(":")
                if hashlib.new(word.lower(), content).hexdigest() != promised:
                    self.violate(f"{label}: {path} does not agree with its provider's {word}")
        return recorded

    # --- What followed ---

    def effects(self):
        """One job for each trigger, one product of the right bytes for each job."""
        for row in self.sds.rows("SELECT rule, input_key, COUNT(*) FROM rule_firing GROUP BY 1, 2 HAVING COUNT(*) > 1"):
            self.violate(f"rule {row[0]} fired {row[2]} times on {row[1]}")
        for granule in self.sds.rows("SELECT * FROM granule WHERE state = 'archived' AND job_id IS NULL"):
            if granule["collection"] == PROCESSED:
                self.product(granule)

    def product(self, granule):
        jobs = self.sds.rows("SELECT j.* FROM job j JOIN job_input i ON i.job_id = j.id WHERE i.granule_id = ?", granule["id"])
        if len(jobs) != 1:
            return self.violate(f"{granule['name']}: {len(jobs)} jobs")
        products = self.sds.rows(
            "SELECT f.*, g.name AS granule FROM file f JOIN granule g ON g.id = f.granule_id WHERE g.job_id = ?", jobs[0]["id"])
        if jobs[0]["state"] != "successful" or len(products) != 1:
            return self.violate(f"{granule['name']}: its job is {jobs[0]['state']}, with {len(products)} product files")
        self.counts["products"] += 1
        data = self.sds.rows("SELECT * FROM file WHERE granule_id = ? AND type = 'data'", granule["id"])[0]
        content = self.sds.content(data["archive_path"])
        expected = {"input": os.fsdecode(data["name"]), "bytes": len(content), "lines": content.count(b"\n"),
                    "sha256": sha256(content)}
        if json.loads(self.sds.content(products[0]["archive_path"])) != expected:
            self.violate(f"{granule['name']}: its product does not say what is in it")

    def partner(self):
        """One submission for each granule, acknowledged, and the very files of it at the partner."""
        identifiers = collections.Counter()
        delivered = set()
        for granule in self.sds.rows("SELECT * FROM granule WHERE state = 'archived'"):
            submissions = self.sds.rows("SELECT * FROM submission WHERE granule_id = ?", granule["id"])
            if len(submissions) != 1:
                self.violate(f"{granule['name']}: {len(submissions)} submissions")
            for submission in submissions:
                identifiers[submission["identifier"]] += 1
                self.submission(granule, submission)
                delivered.add((granule["collection"], granule["version"], granule["name"]))
        for identifier, count in identifiers.items():
            if count > 1:
                self.violate(f"{identifier} stands for {count} submissions")
        for row in self.daac.rows("SELECT collection, version, name, COUNT(*) FROM granule WHERE state = 'archived' GROUP BY 1, 2, 3"):
            if row[3] > 1:
                self.violate(f"{row['name']}: the partner archived it {row[3]} times")
            if (row["collection"], row["version"], row["name"]) not in delivered:
                self.violate(f"{row['name']}: the partner has it, and nobody delivered it")

    def submission(self, granule, submission):
        self.counts[f"submissions {submission['state']}"] += 1
        if submission["state"] != "acknowledged":
            return self.violate(f"{granule['name']}: its submission is {submission['state']}: {submission['error']}")
        applied = self.sds.number(
            "SELECT COUNT(*) FROM response WHERE submission_id = ? AND verdict = 'applied'", submission["id"])
        if applied != 1:
            self.violate(f"{granule['name']}: {applied} answers were applied")
        if self.sds.number("SELECT COUNT(*) FROM response WHERE submission_id = ? AND verdict = 'contradiction'", submission["id"]):
            self.violate(f"{granule['name']}: its answers contradict each other")
        ours = self.files(self.sds, granule)
        theirs = [self.files(self.daac, row) for row in self.daac.rows(
            "SELECT * FROM granule WHERE collection = ? AND version = ? AND name = ? AND state = 'archived'",
            granule["collection"], granule["version"], granule["name"])]
        if theirs != [ours]:
            self.violate(f"{granule['name']}: acknowledged, and the partner does not hold the same bytes")
        return None

    def files(self, site, granule):
        rows = site.rows("SELECT name, archive_path FROM file WHERE granule_id = ?", granule["id"])
        return {row["name"]: sha256(site.content(row["archive_path"])) for row in rows
                if os.path.isfile(os.path.join(site.archive, row["archive_path"]))}

    def boxes(self):
        for folder, _, names in os.walk(self.options.boxes):
            for leftover in names:
                self.violate(f"{os.path.join(folder, leftover)}: still in a message box")


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def digits(checksum):
    """`SHA256:9f2c…` as the ledger writes it."""
    return checksum.removeprefix("SHA256:")


def name(offer):
    return str(bytes.fromhex(offer["path"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ledger", required=True)
    parser.add_argument("--staging", required=True)
    parser.add_argument("--home", required=True)
    parser.add_argument("--partner")
    parser.add_argument("--boxes")
    parser.add_argument("--afterwards", choices=["keep", "delete"], default="keep")
    checker = Checker(parser.parse_args())
    violations = checker.run()
    print(", ".join(f"{count} {what}" for what, count in checker.counts.items()))
    for violation in violations[:50]:
        print(f"VIOLATION {violation}")
    print(f"{len(violations)} violations")
    sys.exit(1 if violations else 0)


if __name__ == "__main__":
    main()
