"""Runs `kecha import --check --json` on sheets and compares the answers exactly.

    check.py KECHA                       makes sheets of every kind, and hostile ones, and checks them
    check.py KECHA --expected FILE --dir DIR
                                         checks the sheets that FILE names, in DIR
    check.py KECHA --large MEGABYTES     also streams a csv of that size (default 20, 0 for none)

Every run is measured: a hostile file must end within 5 s and 200 MB, a large csv within 100 MB.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

TODAY = "2026-11-23"
HOSTILE_SECONDS, HOSTILE_MB, STREAM_MB = 5.0, 200.0, 100.0


def run(kecha, path, out, extra=()):
    """Returns (exit code, seconds, peak MB, sentences); the answer goes to the file `out`."""
    command = [kecha, "import", str(path), "--check", "--json", "--today", TODAY, *extra]
    with open(out, "wb") as answer, tempfile.TemporaryFile() as said:
        start = time.monotonic()
        words = {**os.environ, "LC_ALL": "zh_CN.UTF-8"}
        child = subprocess.Popen(command, stdout=answer, stderr=said, env=words)
        timer = threading.Timer(600, child.kill)
        timer.start()
        _, status, usage = os.wait4(child.pid, 0)
        timer.cancel()
        seconds = time.monotonic() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        words = said.read().decode("utf-8", "replace").strip()
    return child.returncode, seconds, usage.ru_maxrss / 1024, words


def compare(kecha, path, wanted, scratch):
    """One sheet with known rows. Returns the complaints."""
    out = scratch / "answer.json"
    code, seconds, peak, words = run(kecha, path, out)
    print(f"  {path.name:34} exit {code} {seconds:6.2f} s {peak:6.1f} MB  {len(wanted)} rows")
    if code not in (0, 2):
        return [f"{path.name}: exit {code}: {words}"]
    complaints = []
    some_refused = any("reject" in row for row in wanted)
    if (code == 2) != some_refused:
        complaints.append(f"{path.name}: exit {code}")
    rows = json.loads(out.read_text("utf-8"))["rows"]
    by_number = {row["row"]: row for row in rows}
    if len(by_number) != len(rows):
        complaints.append(f"{path.name}: a row was answered twice")
    expected = {row["row"]: row for row in wanted}
    for number in sorted(by_number.keys() | expected.keys()):
        got, want = by_number.get(number), expected.get(number)
        if got is not None and want is not None and "reject" in got and "reject" in want:
            got, want = set(got["reject"]), set(want["reject"])
        if got != want:
            complaints.append(f"{path.name} row {number}: wanted {want}, got {got}")
    return complaints


def second_sheet(kecha, sheets, scratch):
    """Of a workbook with two tables one is read, and the other is not passed over in silence."""
    complaints = []
    for name, others in [("messy.xlsx", 1), ("clean.xlsx", 0)]:
        said = run(kecha, sheets / name, scratch / "answer.json")[3]
        if (f"另有 {others} 张工作表" in said) != (others > 0):
            complaints.append(f"{name}: said of {others} other sheets: {said}")
    return complaints


def hostile(kecha, path, scratch, limit):
    out = scratch / "answer.json"
    code, seconds, peak, words = run(kecha, path, out)
    print(f"  {path.name:34} exit {code} {seconds:6.2f} s {peak:6.1f} MB  {words[-60:]}")
    complaints = []
    if code != 1 or not words:
        complaints.append(f"{path.name}: exit {code}, said {words!r}")
    if out.stat().st_size:
        complaints.append(f"{path.name}: half an answer was printed")
    if seconds > limit or peak > HOSTILE_MB:
        complaints.append(f"{path.name}: {seconds:.1f} s, {peak:.0f} MB")
    return complaints


def marked(kecha, sheets, scratch):
    """The marked answer opens in another program, keeps its rows and holds no formula."""
    import csv

    import openpyxl

    complaints = []
    for name in ("messy.xlsx", "old.xls"):
        out = scratch / "marked.xlsx"
        run(kecha, sheets / name, scratch / "answer.json", ["--marked", str(out)])
        sheet = openpyxl.load_workbook(out).active
        cells = [cell for row in sheet.iter_rows() for cell in row]
        if any(cell.data_type == "f" for cell in cells):
            complaints.append(f"marked {name}: holds a formula")
        answers = json.loads((scratch / "answer.json").read_text("utf-8"))["rows"]
        for row in answers:
            remark = sheet.cell(row["row"], 1).value or ""
            if not all(code in remark for code in row.get("reject", [])):
                complaints.append(f"marked {name} row {row['row']}: {remark}")
    out = scratch / "marked.csv"
    run(kecha, sheets / "hard.csv", scratch / "answer.json", ["--marked", str(out)])
    with open(out, encoding="utf-8-sig", newline="") as lines:
        for row in csv.reader(lines):
            for cell in row:
                if cell.lstrip(" \u3000")[:1] in "=+-@＝＋－＠" and cell.strip() and not is_number(cell):
                    complaints.append(f"marked csv: {cell!r} could be a formula")
    return complaints


def made(*words):
    """Runs make.py apart: a child's peak memory counts that of the process it was started from."""
    script = pathlib.Path(__file__).with_name("make.py")
    command = [sys.executable, str(script), *map(str, words)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def is_number(text):
    try:
        float(text)
        return True
    except ValueError:
        return False


def large(kecha, megabytes, scratch):
    path = scratch / "large.csv"
    rows = int(made(path, megabytes << 20))
    out = scratch / "large.json"
    code, seconds, peak, words = run(kecha, path, out)
    size = path.stat().st_size / (1 << 20)
    print(f"  large.csv {size:.0f} MB, {rows} rows: exit {code} {seconds:.1f} s {peak:.1f} MB {words[-40:]}")
    answered = 0
    with open(out, encoding="utf-8") as lines:
        for line in lines:
            answered += line.startswith('{"row":')
        last = line
    complaints = []
    if code not in (0, 2) or peak > STREAM_MB or last.strip() != "]}":
        complaints.append(f"large.csv: exit {code}, {peak:.0f} MB, ends with {last[-20:]!r}")
    if answered != rows:
        complaints.append(f"large.csv: {answered} answers of {rows} rows")
    return complaints


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("kecha")
    parser.add_argument("--dir", type=pathlib.Path, help="where the sheets are, or are made")
    parser.add_argument("--expected", type=pathlib.Path, help="only check the sheets this file names")
    parser.add_argument("--large", type=int, default=20, metavar="MEGABYTES")
    parser.add_argument(
        "--seconds", type=float, default=HOSTILE_SECONDS, help="for hostile files; more for a debug build"
    )
    args = parser.parse_args()
    complaints = []
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        folder, expected = args.dir, args.expected
        if expected is None:
            folder = folder or scratch / "sheets"
            bad = [pathlib.Path(line) for line in made(folder).split("\n") if line]
            expected = folder / "expected.json"
        for name, wanted in json.loads(expected.read_text("utf-8")).items():
            complaints += compare(args.kecha, folder / name, wanted, scratch)
        if args.expected is None:
            complaints += second_sheet(args.kecha, folder, scratch)
            for path in bad:
                complaints += hostile(args.kecha, path, scratch, args.seconds)
            if args.large:
                complaints += large(args.kecha, args.large, scratch)
            # Last, because it loads what makes this process large.
            complaints += marked(args.kecha, folder, scratch)
    for complaint in complaints:
        print("WRONG", complaint)
    print("sheets:", f"{len(complaints)} wrong" if complaints else "all as expected")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
