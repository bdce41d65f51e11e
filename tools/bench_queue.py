"""What the counselor's queue costs with two hundred rows: make bench-queue

The whole app in this process over SQLite: sign-in, session, two hundred cases opened, reasons in words, page.
Every row: what was measured, what was promised, whether it is kept. Exit 1 when one is not. `cpu` is what this
process used and hardly moves with other work on the machine; `wall` does.
"""

import gzip
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import Engine, event
from starlette.testclient import TestClient

from tests.house import bank, open_house, worst_answers
from tests.survey_ui.counselor.room import send

ROWS, RUNS = 200, 15
PROMISED_MS, PROMISED_KB = 300.0, 70.0


def main() -> int:
    with tempfile.TemporaryDirectory() as folder, open_house(Path(folder), pupils=ROWS) as house:
        for pupil in house.pupils:
            send(house, pupil, worst_answers(bank("chu")))
        with house.client() as client:
            house.sign_in(client, "aoki")
            page = client.get("/counselor/")
            if page.text.count("<tr") < ROWS:
                print(f"only {page.text.count('<tr')} rows came back")
                return 1
            walls, cpus = zip(*(_one(client) for _ in range(RUNS)), strict=True)
            asked: list[str] = []
            event.listen(Engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
            client.get("/counselor/")
    kilobytes = len(gzip.compress(page.content, 6)) / 1000
    rows = [
        (f"{ROWS} rows, wall time, median of {RUNS}", median(walls), PROMISED_MS, "ms"),
        (f"{ROWS} rows, wall time, slowest", max(walls), PROMISED_MS, "ms"),
        (f"{ROWS} rows, processor time, median", median(cpus), PROMISED_MS, "ms"),
        ("the page, compressed", kilobytes, PROMISED_KB, "KB"),
    ]
    print(f"{f'{ROWS} rows, statements':<44}{len(asked):>8}")
    for what, measured, promised, unit in rows:
        word = "kept" if measured <= promised else "NOT KEPT"
        print(f"{what:<44}{measured:>8.1f} {unit} ≤ {promised:>5.0f} {unit}  {word}")
    return int(any(measured > promised for _, measured, promised, _ in rows))


def _one(client: TestClient) -> tuple[float, float]:
    wall, cpu = perf_counter(), process_time()
    client.get("/counselor/")
    return (perf_counter() - wall) * 1000, (process_time() - cpu) * 1000


if __name__ == "__main__":
    sys.exit(main())
