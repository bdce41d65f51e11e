"""A thousand random walks of children through the pages: make walks [WALKS=1000] [FIRST=0] [WORKERS=2]

Several processes, each with a service, a browser and its share of the seeds in groups of twenty that share two
tablets. Prints how far it is, goes on after a walk that went wrong, and names its seed and how to walk it again.
Exit 1 when a walk went wrong, or fewer were walked than asked for.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import sync_playwright

from tests.browser.chromium import NO_CHROMIUM, QUIET, find_chromium
from tests.browser.test_walks import CHILDREN_PER_TABLET, Tally, town, walk_all

TOGETHER = 100
"""Walks of one service and one browser, then new ones: what grows with their age says nothing about children."""
EVERY = 25.0
"""Seconds between two lines."""
STANDS_STILL = 600.0
"""Seconds without a word of a process after which it is ended: a browser that hangs walks no further."""


def walk_share(said_to: int, seeds: list[int]) -> None:
    """One process: its walks, and after each a line of how far it is, where no log can come between."""

    def tell(tally: Tally) -> None:
        said = {"walks": tally.walks, "steps": tally.steps, "failed": tally.failed, "faults": tally.faults}
        print(json.dumps({str(begun): said}), file=mouth, flush=True)

    with os.fdopen(said_to, "w") as mouth, sync_playwright() as playwright:
        flags = [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        for begun in range(0, len(seeds), TOGETHER):
            with tempfile.TemporaryDirectory() as folder:
                browser = playwright.chromium.launch(executable_path=find_chromium(), args=flags)
                with town(Path(folder), seeds[begun : begun + TOGETHER]) as there:
                    walk_all(browser, there, tell)
                browser.close()


def shares(first: int, walks: int, workers: int) -> list[list[int]]:
    """Whole groups of twenty, dealt in turn: a group is walked alike whoever walks it."""
    seeds = range(first, first + walks)
    groups = [seeds[at : at + CHILDREN_PER_TABLET] for at in range(0, walks, CHILDREN_PER_TABLET)]
    dealt = [[seed for group in groups[each::workers] for seed in group] for each in range(workers)]
    return [share for share in dealt if share]


class Watch:
    """What the processes have told so far."""

    def __init__(self, first: int, walks: int) -> None:
        self.first, self.walks = first, walks
        self.told: dict[tuple[int, str], dict[str, list[str]]] = {}
        self.began = time.monotonic()
        self.heard: dict[int, float] = {}

    def follow(self, worker: int, ear: int) -> None:
        """What a process tells, until it ends; a fault is shown when it is first told."""
        shown: set[str] = set()
        with os.fdopen(ear) as lines:
            for line in lines:
                self.heard[worker] = time.monotonic()
                for begun, said in json.loads(line).items():
                    self.told[worker, begun] = said
                    for fault in set(said["faults"]) - shown:
                        print(f"WENT WRONG {fault}", flush=True)
                        shown.add(fault)

    def stands_still(self, worker: int) -> bool:
        return time.monotonic() - self.heard.get(worker, self.began) > STANDS_STILL

    def total(self, name: str) -> int:
        return sum(int(str(said[name])) for said in list(self.told.values()))

    @property
    def failed(self) -> list[int]:
        return sorted(int(seed) for said in list(self.told.values()) for seed in said["failed"])

    def line(self) -> str:
        spent = time.monotonic() - self.began
        return (
            f"{self.total('walks'):>5} of {self.walks} walks, {self.total('steps')} steps, "
            f"{len(self.failed)} went wrong, {int(spent // 60)} min {int(spent % 60)} s"
        )


def main(walks: int, first: int, workers: int) -> int:
    if find_chromium() is None:
        print(NO_CHROMIUM)
        return 1
    watch = Watch(first, walks)
    processes, readers = [], []
    for each, share in enumerate(shares(first, walks, workers)):
        ear, mouth = os.pipe()
        command = [sys.executable, __file__, "share", str(mouth), *map(str, share)]
        log = (Path(tempfile.gettempdir()) / f"kizuki-walks-{each}.log").open("w")
        process = subprocess.Popen(command, stdout=log, stderr=log, pass_fds=[mouth])  # noqa: S603 - ourselves
        os.close(mouth)
        processes.append(process)
        readers.append(threading.Thread(target=watch.follow, args=(each, ear)))
    for reader in readers:
        reader.start()
    while any(reader.is_alive() for reader in readers):
        for reader in readers:
            reader.join(EVERY / len(readers))
        print(watch.line(), flush=True)
        for each, process in enumerate(processes):
            if process.poll() is None and watch.stands_still(each):
                print(f"process {each} stands still and is ended", flush=True)
                process.kill()
    crashed = [process.returncode for process in processes if process.wait() != 0]
    for seed in watch.failed:
        group = first + (seed - first) // CHILDREN_PER_TABLET * CHILDREN_PER_TABLET
        print(f"seed {seed}: make walks FIRST={group} WALKS={CHILDREN_PER_TABLET} WORKERS=1")
    if crashed:
        print(f"a process of the walks ended by itself; its log: {tempfile.gettempdir()}/kizuki-walks-*.log")
    whole = watch.total("walks") == walks
    print(
        "every last tap was kept" if whole and not watch.failed and not crashed else "NOT KEPT, or not whole"
    )
    return 0 if whole and not watch.failed and not crashed else 1


if __name__ == "__main__":
    if sys.argv[1] == "share":
        walk_share(int(sys.argv[2]), [int(seed) for seed in sys.argv[3:]])
        sys.exit(0)
    sys.exit(main(*(int(value) for value in sys.argv[1:4])))
