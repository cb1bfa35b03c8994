#!/usr/bin/env python3
"""Compares `kecha calendar` with PyPI chinesecalendar, day by day.

Usage: check.py PATH-TO-kecha

Every day of every year both cover must be worked in both or in neither. Prints how many days
were compared; exit code 1 and the first differing days when one differs.
"""

import datetime
import json
import subprocess
import sys

import chinese_calendar

YEARS = range(2018, 2027)


def workdays(kecha, year):
    """The working days `kecha` prints for a year that must be published."""
    done = subprocess.run(
        [kecha, "calendar", str(year), "--json"], capture_output=True, text=True, timeout=60
    )
    if done.returncode != 0:
        sys.exit(f"kecha calendar {year}: exit code {done.returncode}: {done.stderr.strip()}")
    said = json.loads(done.stdout)
    if said["year"] != year or said["status"] != "published":
        sys.exit(f"kecha calendar {year}: says year {said['year']}, status {said['status']}")
    days = [datetime.date.fromisoformat(day) for day in said["workdays"]]
    if days != sorted(set(days)):
        sys.exit(f"kecha calendar {year}: a working day is repeated or out of order")
    return set(days)


def refused(kecha):
    """A year without data is an error that names the years there are."""
    done = subprocess.run(
        [kecha, "calendar", "2031"], capture_output=True, text=True, timeout=60
    )
    if done.returncode != 1 or "2026" not in done.stderr or done.stdout:
        sys.exit(f"kecha calendar 2031: exit code {done.returncode}, says {done.stderr.strip()!r}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    kecha = sys.argv[1]
    compared, wrong = 0, []
    for year in YEARS:
        ours = workdays(kecha, year)
        day = datetime.date(year, 1, 1)
        while day.year == year:
            theirs = chinese_calendar.is_workday(day)
            if theirs != (day in ours):
                wrong.append(f"{day}: chinesecalendar {theirs}, kecha {day in ours}")
            ours.discard(day)
            compared += 1
            day += datetime.timedelta(days=1)
        wrong += [f"{day}: not a day of {year}" for day in sorted(ours)]
    refused(kecha)
    for line in wrong[:20]:
        print(line, file=sys.stderr)
    print(f"calendar: {compared} days of {YEARS[0]} to {YEARS[-1]} compared, {len(wrong)} differ")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
