#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills two sites again and again while files come in, lets them finish, and asks the naive checker what came of it.

    kill-test.py --binary granary --cycles 100 --seed 7     SIGKILL at random moments
    kill-test.py --binary granary --crash-points            dies once at every named point between two durable steps

A provider's site watches a staging area, processes and delivers; an archive's site fetches and answers. Needs a debug build for
the crash points. Work is done in a fresh folder, which stays when something is wrong.
"""

import argparse
import collections
import concurrent.futures
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

TOOLS = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(TOOLS))

COLLECTIONS = r"""
collections:
  - name: TIDEWATCH_L1B_SWATH
    version: "1"
    checksums: require
    conflicts: error
    wait: 1h
    path: "{collection}.{version}/{year}/{doy}/{granule}/{name}"
    files:
      - {pattern: '(?P<granule>TW_L1B_(?P<pass>\d{4})_(?P<start>\d{8}T\d{6})_(?P<end>\d{8}T\d{6}))\.nc', type: data}
      - {pattern: '(?P<granule>TW_L1B_(?P<pass>\d{4})_(?P<start>\d{8}T\d{6})_(?P<end>\d{8}T\d{6}))\.met\.json', type: metadata}
  - name: TIDEWATCH_ANC_ORBIT
    version: "2"
    checksums: compute
    files:
      - {pattern: '(?P<granule>.*TW_ORB_.+)\.eof', type: ancillary}
  - name: TIDEWATCH_L2_STATS
    version: "1"
    checksums: compute
    files:
      - {pattern: '(?P<granule>TW_L2_.+)\.json', type: data}
"""

SDS = """site: sds
processes: {processes}
watchers:
  - name: inbound
    directory: ../staging
    interval: 200ms
    settle: {{looks: 2, window: 150ms}}
    afterwards: {afterwards}
rules:
  - {{name: statistics, filter: "collection = 'TIDEWATCH_L1B_SWATH'", process: swath-statistics}}
destinations:
  - {{name: daac, outbox: ../boxes/to-daac, inbox: ../boxes/to-sds, deadline: 1h, interval: 100ms}}
"""

DAAC = """site: daac
notifications:
  - {name: sds, inbox: ../boxes/to-daac, outbox: ../boxes/to-sds, allow: [../sds/archive], interval: 100ms}
"""


class Failure(Exception):
    pass


class Field:
    """A folder with two sites, a staging area and the boxes between."""

    def __init__(self, options, label):
        self.binary = os.path.abspath(options.binary)
        self.folder = tempfile.mkdtemp(prefix=f"granary-kill-{label}-", dir=options.work)
        self.afterwards = options.afterwards
        for name in ["sds/archive", "daac", "staging", "boxes/to-daac", "boxes/to-sds"]:
            os.makedirs(self.path(name))
        self.write("sds", SDS.format(processes=os.path.join(ROOT, "processes"), afterwards=self.afterwards))
        self.write("daac", DAAC)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, site, text):
        with open(self.path(f"{site}/granary.yaml"), "w") as file:
            file.write(text + COLLECTIONS)

    def serve(self, site, *arguments, crash=None):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("GRANARY_")}
        if crash:
            environment["GRANARY_CRASH"] = crash
        with open(self.path(f"{site}.log"), "ab") as log:
            return subprocess.Popen(
                [self.binary, "serve", "--home", self.path(site), *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=environment)

    def generator(self, seed, granules, spread):
        return subprocess.Popen([
            sys.executable, os.path.join(TOOLS, "site-generator.py"), "--seed", str(seed), "--granules", str(granules),
            "--spread", str(spread), "--into", self.path("staging"), "--ledger", self.path("offered.jsonl")])

    def finish(self):
        """Lets both work until nothing is left: the provider waits for answers, so the archive serves meanwhile."""
        daac = self.serve("daac")
        try:
            self.until_idle("sds")
        finally:
            stop(daac, "daac")
        self.until_idle("daac")
        self.until_idle("sds")

    def until_idle(self, site):
        process = self.serve(site, "--until-idle")
        try:
            status = process.wait(timeout=120)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise Failure(f"{site} did not come to rest in 120 s") from None
        if status != 0:
            raise Failure(f"{site} ended with {status} while it finished; see {self.path(site)}.log")

    def retry_lost(self):
        """What an operator does with jobs that the service's death has met too often. Returns how many there were."""
        catalog = sqlite3.connect(f"file:{self.path('sds/catalog.sqlite')}?mode=ro", uri=True)
        lost = [str(row[0]) for row in catalog.execute(
            "SELECT id FROM job WHERE state = 'failed' AND failure_class = 'lost'")]
        catalog.close()
        if lost:
            subprocess.run([self.binary, "job", "retry", *lost, "--home", self.path("sds"), "--reason", "kill test"],
                           check=True, stdout=subprocess.DEVNULL)
        return len(lost)

    def check(self):
        """What the naive checker and the catalogs' own check have to say: None, or a report."""
        commands = [[
            sys.executable, os.path.join(TOOLS, "naive-checker.py"), "--ledger", self.path("offered.jsonl"), "--staging",
            self.path("staging"), "--home", self.path("sds"), "--partner", self.path("daac"), "--boxes", self.path("boxes"),
            "--afterwards", self.afterwards]]
        commands += [[self.binary, "check", "catalog", "--home", self.path(site)] for site in ["sds", "daac"]]
        results = [subprocess.run(command, capture_output=True, text=True) for command in commands]
        report = "\n".join((result.stdout + result.stderr).strip() for result in results)
        return all(result.returncode == 0 for result in results), report

    def remove(self):
        shutil.rmtree(self.folder)


def stop(process, site):
    """Asks for an end in good order, and insists that it is one. A start that is not through yet just ends."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        status = process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise Failure(f"{site} did not stop within 60 s of SIGTERM") from None
    if status not in (0, -signal.SIGTERM):
        raise Failure(f"{site} ended with {status} when it was asked to stop")


# --- Random moments -----------------------------------------------------------------------------------------------------


def random_kills(options):
    chance = random.Random(options.seed)
    field = Field(options, str(options.seed))
    spread = options.cycles * 0.35
    granules = options.granules or max(30, options.cycles)
    print(f"seed {options.seed}, {options.cycles} cycles, {granules} drops over {spread:.0f} s, {field.folder}", flush=True)
    generator = field.generator(options.seed, granules, spread)
    kills = collections.Counter()
    processes = {}
    try:
        for _ in range(options.cycles):
            cycle(field, chance, processes, kills)
        for site, process in processes.items():
            stop(process, site)
        processes.clear()
        if generator.wait(timeout=600) != 0:
            raise Failure("the generator failed")
        field.finish()
        retried = field.retry_lost()
        if retried:
            field.finish()
        kills["jobs retried by hand"] = retried
        good, report = field.check()
    except Failure as failure:
        good, report = False, f"VIOLATION {failure}"
    finally:
        for process in [*processes.values(), generator]:
            if process.poll() is None:
                process.kill()
            process.wait()
    print(f"killed {kills['sds']} times sds, {kills['daac']} times daac; {kills['jobs retried by hand']} jobs retried by hand\n{report}")
    return conclude(field, good)


def cycle(field, chance, processes, kills):
    """Starts what does not run, kills one site or both 0 to 500 ms later, or a little later every other time."""
    for site in ["sds", "daac"]:
        if site not in processes:
            processes[site] = field.serve(site)
    # A start takes most of half a second in a debug build: every other time the half second begins after it.
    time.sleep(chance.uniform(0, 0.5) + (0.4 if chance.random() < 0.5 else 0))
    for site in chance.choice([["sds"], ["sds"], ["daac"], ["sds", "daac"]]):
        process = processes.pop(site)
        if process.poll() is not None:
            raise Failure(f"{site} ended by itself with {process.returncode}; see {field.path(site)}.log")
        process.kill()
        process.wait()
        kills[site] += 1


# --- Named moments ------------------------------------------------------------------------------------------------------


def crash_points(options):
    with open(os.path.join(ROOT, "Sources/Core/CrashPoint.swift")) as file:
        points = re.findall(r'case \w+ = "([a-z.-]+)"', file.read())
    if not points:
        raise SystemExit("no crash points found in Sources/Core/CrashPoint.swift")
    visits = [int(word) for word in options.visits.split(",")]
    plans = [(point, visit) for point in points if not options.only or point in options.only for visit in visits]
    print(f"seed {options.seed}, {len(points)} points, visits {visits}", flush=True)
    reached = collections.Counter()
    good = True
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for (point, visit), (died, is_good, report) in zip(plans, pool.map(lambda plan: crash_once(options, *plan), plans)):
            reached[point] += len(died)
            print(f"{point}:{visit} died: {', '.join(died) or 'nobody'}{'' if is_good else chr(10) + report}", flush=True)
            good = good and is_good
    never = [point for point, _ in plans if not reached[point]]
    for point in dict.fromkeys(never):
        print(f"VIOLATION {point} was never reached")
    print(f"{len(plans)} runs, {sum(reached.values())} deaths, {len(set(never))} points never reached")
    return good and not never


def crash_once(options, point, visit):
    """Runs both sites until one of them dies at the point (or both are done), then lets both finish and checks."""
    field = Field(options, f"{point}-{visit}")
    died = []
    try:
        field.generator(options.seed, options.granules or 14, 0).wait()
        crash = f"{point}:{visit}"
        daac = field.serve("daac", crash=crash)
        sds = field.serve("sds", "--until-idle", crash=crash)
        for site, process in [("daac", daac), ("sds", sds)]:
            died += [site] if dies(process, sds, daac, field) else []
        field.finish()
        good, report = field.check()
    except Failure as failure:
        good, report = False, f"VIOLATION {failure}"
    if good:
        field.remove()
    else:
        report += f"\nkept: {field.folder}"
    return died, good, report


def dies(process, sds, daac, field):
    """Waits until a site is killed by itself or the other one has no more work for it; ends it in good order then."""
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        # With the provider gone, one way or another, nothing new comes for the archive; it is given a moment more.
        if process is daac and sds.poll() is not None:
            time.sleep(0.5)
            break
        # Without the archive the provider would wait for answers for ever.
        if process is sds and daac.poll() is not None:
            time.sleep(2)
            break
        time.sleep(0.02)
    if process.poll() is None:
        stop(process, "a site")
    if process.returncode not in (0, -signal.SIGTERM, -signal.SIGKILL):
        raise Failure(f"a site ended with {process.returncode}; see the logs in {field.folder}")
    return process.returncode == -signal.SIGKILL


def conclude(field, good):
    if good:
        field.remove()
    else:
        print(f"kept: {field.folder}")
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--cycles", type=int, default=100)
    parser.add_argument("--granules", type=int, help="drops of the generator")
    parser.add_argument("--afterwards", choices=["keep", "delete"], default="delete")
    parser.add_argument("--crash-points", action="store_true")
    parser.add_argument("--visits", default="1,2", help="at which visits of a point to die")
    parser.add_argument("--only", action="append", help="only this crash point")
    parser.add_argument("--jobs", type=int, default=2, help="crash points tried at a time")
    parser.add_argument("--work", default=tempfile.gettempdir())
    options = parser.parse_args()
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1 << 31)
    sys.exit(0 if (crash_points if options.crash_points else random_kills)(options) else 1)


if __name__ == "__main__":
    main()
