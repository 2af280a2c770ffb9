#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fills a staging area over time, as providers do, and writes what must become of every file.

Whole granules in every spelling of a checksum, corrupt ones, duplicates, conflicts, incomplete ones, files that grow while
they are looked at, hostile names. The same seed makes the same files; only their moments differ.

    site-generator.py --seed 7 --granules 40 --spread 20 --into STAGING --ledger offered.jsonl

Each line of the ledger is one offered file: its path (hexadecimal bytes), digest and size, the states of which its last
generation must end in one, the reasons that go with them, and for members of granules the identity and the variant: all
archived files of one granule must be of one variant.
"""

import argparse
import base64
import hashlib
import json
import os
import random
import threading
import time
import unicodedata

L1B = ("TIDEWATCH_L1B_SWATH", "1")
ORBIT = ("TIDEWATCH_ANC_ORBIT", "2")


class Plan:
    """What will be dropped: a list of drops, each a list of steps that follow one another."""

    def __init__(self, seed, granules):
        self.random = random.Random(seed)
        self.offers = []
        self.drops = []
        special = [self.listed, self.duplicate, self.conflict, self.corrupt, self.incomplete, self.unproven, self.growing,
                   self.orbit, self.hostile_orbit, self.refused_name, self.unknown]
        # Every special kind once, as far as there is room; then mostly good ones.
        kinds = special + self.random.choices(special + [self.good] * 8, k=max(0, granules - len(special)))
        kinds = kinds[:granules]
        self.random.shuffle(kinds)
        for number, kind in enumerate(kinds):
            self.steps = []
            kind(number)
            self.drops.append(self.steps)

    # --- What is dropped ---

    def good(self, number):
        self.swath(number, self.folder())

    def duplicate(self, number):
        states = (["archived", "duplicate"], ["granule.duplicate"])
        bodies = self.bodies(number)
        for folder in [self.folder(), "again"]:
            self.swath(number, folder, bodies, states)
            self.pause(0, 3)

    def conflict(self, number):
        # A death between publishing and recording can let the other one come first: it finds the place taken.
        states = (["archived", "quarantined"], ["granule.conflict", "granule.sibling", "archive.occupied"])
        for variant, folder in [("a", self.folder()), ("b", "conflicting")]:
            self.swath(number, folder, self.bodies(number), states, variant)
            self.pause(1, 3)

    def corrupt(self, number):
        folder, bodies = self.folder(), self.bodies(number)
        states = (["quarantined"], ["checksum.mismatch", "granule.sibling"])
        broken = self.random.choice([".nc", ".met.json"])
        for suffix, content in bodies.items():
            promised = content[:-1] + bytes([content[-1] ^ 1]) if suffix == broken else content
            self.member(number, folder, suffix, content, states)
            self.sidecar(f"{folder}/{self.stem(number)}{suffix}", promised)

    def incomplete(self, number):
        folder = self.folder()
        self.member(number, folder, ".nc", self.bodies(number)[".nc"], (["waiting"], ["granule.incomplete"]))
        self.sidecar(f"{folder}/{self.stem(number)}.nc", self.bodies_of_last)

    def unproven(self, number):
        for suffix, content in self.bodies(number).items():
            self.member(number, "unproven", suffix, content, (["waiting"], ["checksum.awaited"]))

    def listed(self, number):
        folder, bodies = f"listed/{number:05d}", self.bodies(number)
        for suffix, content in bodies.items():
            self.member(number, folder, suffix, content)
        lines = [f"{hashlib.sha256(content).hexdigest()}  {self.stem(number)}{suffix}\n" for suffix, content in bodies.items()]
        self.manifest(f"{folder}/SHA256SUMS", "".join(lines).encode())

    def growing(self, number):
        """Written in pieces under its final name; its sidecar comes first or last."""
        folder, bodies = self.folder(), self.bodies(number)
        data = f"{folder}/{self.stem(number)}.nc"
        is_first = self.random.random() < 0.5
        if is_first:
            self.sidecar(data, bodies[".nc"])
        self.member(number, folder, ".nc", bodies[".nc"], how="grow")
        if not is_first:
            self.sidecar(data, bodies[".nc"])
        self.member(number, folder, ".met.json", bodies[".met.json"])
        self.sidecar(f"{folder}/{self.stem(number)}.met.json", bodies[".met.json"])

    def orbit(self, number):
        self.orbit_named(f"TW_ORB_20261120_{number:05d}", self.folder(), self.random.random() < 0.5)

    def hostile_orbit(self, number):
        """Names that nobody wants and that are still names."""
        for text in ["-n TW_ORB_{}", "TW_ORB_{} $(id)`id`;&", "TW_ORB_{}%41?a=b#c", "TW_ORB_{}\\x\"'", "TW_ORB_{}\u202efoe",
                     unicodedata.normalize("NFC", "TW_ORB_{}é"), unicodedata.normalize("NFD", "TW_ORB_{}é"),
                     "TW_ORB_{}" + "x" * 200, "TW_ORB_{}\U0001f6f0 ", " TW_ORB_{}"]:
            self.orbit_named(text.replace("{}", f"{number:05d}"), "odd folder\\ü", False)

    def refused_name(self, number):
        for name, reason in [(b"TW_ORB_%05d\xff\xfe.eof", "name.not-utf8"), (b"TW_ORB_%05d\n.eof", "name.control"),
                             (b"TW_ORB_%05d\x1b[2J.eof", "name.control")]:
            self.offer(b"hostile/" + name % number, b"hostile", (["rejected"], [reason]))

    def unknown(self, number):
        self.offer(f"notes/{number:05d}.txt".encode(), self.bytes(10, 200), (["quarantined"], ["name.unknown"]))
        self.offer(f"notes/{number:05d}.nc.part".encode(), self.bytes(10, 200), (["ignored"], ["name.temporary"]), how="direct")

    # --- How it is dropped ---

    def folder(self):
        return self.random.choice(["in", "in/2026-11-20", "in/2026-11-21", "spool/a/b"])

    def stem(self, number):
        hour, minute = divmod(number, 60)
        return f"TW_L1B_{number % 10000:04d}_20261120T{hour % 24:02d}{minute:02d}00_20261121T{hour % 24:02d}{minute:02d}00"

    def bytes(self, least, most):
        return self.random.randbytes(self.random.randint(least, most))

    def bodies(self, number):
        size = 3 << 20 if self.random.random() < 0.05 else 60_000
        self.bodies_of_last = self.bytes(100, size)
        document = {"granule": self.stem(number), "nonce": self.random.random()}
        return {".nc": self.bodies_of_last, ".met.json": json.dumps(document).encode()}

    def swath(self, number, folder, bodies=None, states=(["archived"], []), variant="a"):
        steps = []
        for suffix, content in (bodies or self.bodies(number)).items():
            path = f"{folder}/{self.stem(number)}{suffix}"
            steps.append(lambda c=content, s=suffix: self.member(number, folder, s, c, states, variant))
            steps.append(lambda c=content, p=path: self.sidecar(p, c))
        self.random.shuffle(steps)
        for step in steps:
            step()

    def member(self, number, folder, suffix, content, states=(["archived"], []), variant="a", how=None):
        identity = {"collection": L1B[0], "version": L1B[1], "granule": self.stem(number), "variant": variant}
        self.offer(f"{folder}/{self.stem(number)}{suffix}".encode(), content, states, identity, how)

    def orbit_named(self, name, folder, has_sidecar):
        content = self.bytes(50, 3000)
        identity = {"collection": ORBIT[0], "version": ORBIT[1], "granule": name, "variant": "a"}
        # Without a checksum only a rename tells that it is whole.
        self.offer(f"{folder}/{name}.eof".encode(), content, (["archived"], []), identity, "rename")
        if has_sidecar:
            self.sidecar(f"{folder}/{name}.eof", content)

    def sidecar(self, path, content):
        word = self.random.choice(["md5", "md5", "md5", "sha1", "sha256", "sha512"])
        digest, name = hashlib.new(word, content), os.path.basename(path)
        spellings = [
            digest.hexdigest(), digest.hexdigest() + "\n", digest.hexdigest().upper() + "\n", f"{digest.hexdigest()}  {name}\n",
            f"{digest.hexdigest()} *{name}\r\n", f"{word.upper()} ({name}) = {digest.hexdigest()}\n",
            "\ufeff" + base64.b64encode(digest.digest()).decode() + "\n",
        ]
        self.manifest(f"{path}.{word}", self.random.choice(spellings).encode())

    def manifest(self, path, content):
        self.offer(path.encode(), content, (["ignored"], ["manifest.read"]))

    def offer(self, path, content, states, identity=None, how=None):
        line = {"path": path.hex(), "sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "states": states[0],
                "reasons": states[1], **(identity or {})}
        self.offers.append(line)
        self.steps.append((how or self.random.choice(["rename", "rename", "direct"]), path, content))

    def pause(self, least, most):
        self.steps.append(("pause", None, self.random.uniform(least, most)))


class Writer:
    """Carries a plan out in a folder: every drop in a thread of its own, at its moment."""

    def __init__(self, root, spread):
        self.root = os.fsencode(root)
        self.spread = spread

    def run(self, plan):
        threads = []
        start = time.monotonic()
        for number, steps in enumerate(plan.drops):
            due = start + self.spread * number / len(plan.drops)
            time.sleep(max(0, due - time.monotonic()))
            threads.append(threading.Thread(target=self.drop, args=(steps,)))
            threads[-1].start()
        for thread in threads:
            thread.join()

    def drop(self, steps):
        for how, path, content in steps:
            if how == "pause":
                time.sleep(content if self.spread > 0 else 0)
            else:
                self.write(how, os.path.join(self.root, path), content)

    def write(self, how, path, content):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if how == "rename":
            # The name of the temporary file may be at its longest already.
            temporary = os.path.join(os.path.dirname(path), b"." + hashlib.md5(path).hexdigest().encode() + b".part")
            with open(temporary, "wb") as file:
                file.write(content)
            os.rename(temporary, path)
            return
        with open(path, "wb", buffering=0) as file:
            pieces = 8 if how == "grow" and self.spread > 0 else 1
            size = -(-len(content) // pieces)
            for piece in range(pieces):
                file.write(content[piece * size:(piece + 1) * size])
                if pieces > 1:
                    time.sleep(0.05)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--granules", type=int, default=40, help="drops; a drop is one granule or a few odd files")
    parser.add_argument("--spread", type=float, default=0, help="seconds over which they come; 0: all at once, none grows")
    parser.add_argument("--into", required=True)
    parser.add_argument("--ledger", required=True)
    options = parser.parse_args()
    plan = Plan(options.seed, options.granules)
    with open(options.ledger, "w") as file:
        file.writelines(json.dumps(line) + "\n" for line in plan.offers)
    Writer(options.into, options.spread).run(plan)


if __name__ == "__main__":
    main()
