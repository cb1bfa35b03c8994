"""An `.xls` that no library writes any more: BIFF5 in GBK, small enough for the short sectors of its
compound file, whose root has a name of its own as some exporters give it."""

import struct

FREE, END, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
DATE_STYLE, SERIAL = 1, 46338  # 2026-11-12


def record(kind, data=b""):
    return struct.pack("<HH", kind, len(data)) + data


def label(row, column, text):
    text = text.encode("gbk")
    return record(0x0204, struct.pack("<4H", row, column, 0, len(text)) + text)


def whole(row, column, number, style=0):
    return record(0x027E, struct.pack("<3HI", row, column, style, number << 2 | 2))


def formula(row, column, text):
    """A formula whose text comes in the record behind it."""
    text = text.encode("gbk")
    result = b"\0" * 6 + b"\xff\xff"
    cell = record(0x0006, struct.pack("<3H", row, column, 0) + result + struct.pack("<HIH", 0, 0, 0))
    return cell + record(0x0207, struct.pack("<H", len(text)) + text)


BEGIN = record(0x0809, struct.pack("<4H", 0x0500, 0x0010, 0, 0))


def many(row, columns):
    """A row of numbers in one record."""
    numbers = b"".join(struct.pack("<HI", 0, i << 2 | 2) for i in range(columns))
    return record(0x00BD, struct.pack("<HH", row, 0) + numbers + struct.pack("<H", columns - 1))


def sheet(head, rows, fields, backwards=False):
    lines = [b"".join(label(0, column, word) for column, word in enumerate(head))]
    for row, cells in enumerate(rows, 1):
        out = b""
        for column, field in enumerate(fields):
            value = cells[field]
            if field == "exam_date":
                out += whole(row, column, SERIAL, DATE_STYLE)
            elif field == "theory":
                out += record(0x0203, struct.pack("<3Hd", row, column, 0, value))
            elif field == "kind":
                out += formula(row, column, value)
            elif value is None:
                out += record(0x0201, struct.pack("<3H", row, column, 0))
            elif isinstance(value, int):
                out += whole(row, column, value)
            else:
                out += label(row, column, value)
        lines.append(out)
    return BEGIN + b"".join(reversed(lines) if backwards else lines) + record(0x000A)


def workbook(sheet):
    start = record(0x0809, struct.pack("<4H", 0x0500, 0x0005, 0, 0)) + record(0x0042, struct.pack("<H", 936))
    start += record(0x041E, struct.pack("<HB", 164, 10) + b"yyyy/mm/dd")
    start += b"".join(record(0x00E0, struct.pack("<HH", 0, style) + bytes(12)) for style in (0, 164))
    listed = struct.pack("<H", 0) + bytes([4]) + b"data"
    at = len(start) + 4 + 4 + len(listed) + 4
    return start + record(0x0085, struct.pack("<I", at) + listed) + record(0x000A) + sheet


def entry(name, kind, start, size, child=FREE):
    name = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<3I", FREE, FREE, child)
    return (
        name.ljust(64, b"\0")
        + struct.pack("<HBB", len(name), kind, 1)
        + links
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )


def compound(stream):
    """A compound file of 512-byte sectors: table, directory, table of short sectors, short sectors."""
    assert len(stream) < 4096, "a longer stream has sectors of its own"
    short = -(-len(stream) // 64)
    sectors = -(-short * 64 // 512)
    table = [TABLE, END, END] + [i + 4 for i in range(sectors - 1)] + [END]
    shorts = [i + 1 for i in range(short - 1)] + [END]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    header += struct.pack("<8I", 1, 1, 0, 4096, 2, 1, END, 0) + struct.pack("<109I", 0, *[FREE] * 108)
    numbers = lambda list_: struct.pack("<128I", *list_, *[FREE] * (128 - len(list_)))
    directory = entry("R", 5, 3, sectors * 512, child=1) + entry("Book", 2, 0, len(stream)) + bytes(256)
    return header + numbers(table) + directory + numbers(shorts) + stream.ljust(sectors * 512, b"\0")
