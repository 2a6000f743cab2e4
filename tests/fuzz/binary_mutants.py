"""Damage to the records of the binary formats, where the bytes have a meaning.

`.xls` is a small file system (sectors, chained by a table) with a stream of records: kind, length, content, two bytes
each for the first two. `.xlsb` is an archive of parts of records: kind and length take one byte or two, and up to four.
"""

import struct

NUMBERS = [0, 1, 2, 0x7F, 0x80, 0xFF, 0x100, 0x101, 0x3FFF, 0x4000, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF, 0x10000, 0xFFFFF, 0x100000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF8, 0xFFFFFFFE, 0xFFFFFFFF]
SECTOR = 512


def number_set(data, at, chance):
    """Overwrites two or four bytes."""
    width = chance.choice([2, 2, 4])
    if at + width <= len(data):
        number = chance.choice(NUMBERS) & (1 << 8 * width) - 1
        data[at : at + width] = number.to_bytes(width, "little")


# .xls


def header_changed(data, chance):
    damaged = bytearray(data)
    for _ in range(chance.choice([1, 1, 3])):
        number_set(damaged, chance.choice([24, 26, 28, 30, 32, 40, 44, 48, 52, 56, 60, 64, 68, 72, 76, 80]), chance)
    return bytes(damaged)


def chains_changed(data, chance):
    """The table of sectors leads elsewhere."""
    damaged = bytearray(data)
    first = struct.unpack_from("<I", data, 76)[0]
    start = (first + 1) * SECTOR
    for _ in range(chance.choice([1, 1, 4, 30])):
        at = start + 4 * chance.randrange(SECTOR // 4)
        if at + 4 <= len(damaged):
            number = chance.choice([chance.randrange(max(1, len(data) // SECTOR)), *NUMBERS[-6:]])
            damaged[at : at + 4] = struct.pack("<I", number)
    return bytes(damaged)


def folder_changed(data, chance):
    """Names, kinds, beginnings and lengths of the streams."""
    damaged = bytearray(data)
    start = (struct.unpack_from("<I", data, 48)[0] + 1) * SECTOR
    for _ in range(chance.choice([1, 1, 3])):
        number_set(damaged, start + 128 * chance.randrange(4) + chance.choice([0, 2, 64, 66, 68, 72, 76, 116, 118, 120, 122]), chance)
    return bytes(damaged)


def places(data):
    """Where each byte of the stream of records stands in the file, or nothing if the file is beyond us."""
    sectors = len(data) // SECTOR - 1
    table = []
    for index in range(109):
        number = struct.unpack_from("<I", data, 76 + 4 * index)[0]
        if number < sectors:
            table += struct.unpack_from("<128I", data.ljust((number + 2) * SECTOR, b"\0"), (number + 1) * SECTOR)

    def chain(number):
        seen = []
        while number < len(table) and number < sectors and len(seen) <= sectors:
            seen.append(number)
            number = table[number]
        return seen

    for sector in chain(struct.unpack_from("<I", data, 48)[0]):
        for entry in range((sector + 1) * SECTOR, (sector + 2) * SECTOR, 128):
            name = data[entry : entry + 18]
            if name.startswith("Workbook".encode("utf-16-le")) or name.startswith("Book".encode("utf-16-le")):
                first, length = struct.unpack_from("<II", data, entry + 116)
                return [(sector + 1) * SECTOR + offset for sector in chain(first) for offset in range(SECTOR)][:length]
    return []


def records(data):
    """(offset, kind, length) of each record of a stream."""
    found, at = [], 0
    while at + 4 <= len(data):
        kind, length = struct.unpack_from("<HH", data, at)
        found.append((at, kind, length))
        at += 4 + length
    return found


def on_stream(mutate):
    """A mutation of the stream of records, which keeps its length."""

    def mutation(data, chance):
        where = places(data)
        if len(where) < 64:
            return header_changed(data, chance)
        stream = bytearray(data[at] for at in where)
        changed = mutate(stream, records(stream), chance)
        damaged = bytearray(data)
        for at, byte in zip(where, changed if changed is not None else stream):
            damaged[at] = byte
        return bytes(damaged)

    mutation.__name__ = mutate.__name__
    return mutation


@on_stream
def records_changed(stream, found, chance):
    for _ in range(chance.choice([1, 1, 5, 40])):
        at, _, length = chance.choice(found)
        if length:
            number_set(stream, at + 4 + chance.randrange(length), chance)


@on_stream
def cells_moved(stream, found, chance):
    """Rows and columns of cells."""
    cells = [at for at, kind, _ in found if kind in (0x0006, 0x0203, 0x0204, 0x0205, 0x027E, 0x00BD, 0x00FD, 0x00D6, 0x0200, 0x0208)]
    for _ in range(chance.choice([1, 1, 5])):
        if cells:
            number_set(stream, chance.choice(cells) + 4 + chance.choice([0, 2, 4, 6]), chance)


@on_stream
def kinds_changed(stream, found, chance):
    kinds = [kind for _, kind, _ in found]
    for _ in range(chance.choice([1, 3])):
        struct.pack_into("<H", stream, chance.choice(found)[0], chance.choice([*kinds, 0x00FC, 0x003C, 0x0085, 0x0809, 0x000A, 0x0006, 0x00FD]))


@on_stream
def lengths_changed(stream, found, chance):
    for _ in range(chance.choice([1, 1, 3])):
        at, _, length = chance.choice(found)
        number = chance.choice([0, 1, max(0, length - 1), length + 1, length + 4, 0x2020, 0x7FFF, 0xFFFF])
        if at + 4 <= len(stream):
            struct.pack_into("<H", stream, at + 2, min(number, 0xFFFF))


@on_stream
def records_swapped(stream, found, chance):
    if len(found) < 3:
        return None
    a, b = sorted(chance.sample(range(len(found) - 1), 2))
    (first, _, first_length), (second, _, second_length) = found[a], found[b]
    first_end, second_end = first + 4 + first_length, second + 4 + second_length
    return stream[:first] + stream[second:second_end] + stream[first_end:second] + stream[first:first_end] + stream[second_end:]


@on_stream
def texts_changed(stream, found, chance):
    """Counts and lengths in the table of texts."""
    tables = [(at, length) for at, kind, length in found if kind == 0x00FC and length > 16]
    for at, length in tables:
        for _ in range(chance.choice([1, 3])):
            number_set(stream, at + 4 + chance.choice([0, 4, 8, 10, chance.randrange(length)]), chance)


XLS = [header_changed, chains_changed, folder_changed, records_changed, records_changed, cells_moved, cells_moved, kinds_changed, lengths_changed, records_swapped, texts_changed, texts_changed]


# .xlsb


def part_records(content):
    """(kind, content) of each record of a part."""
    found, at = [], 0
    while at < len(content):
        kind = content[at]
        at += 1
        if kind & 0x80 and at < len(content):
            kind |= content[at] << 8
            at += 1
        length = shift = 0
        while at < len(content) and shift < 28:
            byte = content[at]
            at += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        found.append((kind, content[at : at + length]))
        at += length
    return found


def part_of(found):
    output = bytearray()
    for kind, content, *length in found:
        output += bytes([kind & 0xFF, kind >> 8]) if kind & 0x80 else bytes([kind & 0xFF])
        length = length[0] if length else len(content)
        while True:
            output.append(length & 0x7F | (0x80 if length > 0x7F else 0))
            length >>= 7
            if not length:
                break
        output += content
    return bytes(output)


def records_of_parts(content, chance):
    found = part_records(content)
    if not found:
        return content
    for _ in range(chance.choice([1, 1, 2, 6])):
        index = chance.randrange(len(found))
        kind, body = found[index][0], bytearray(found[index][1])
        way = chance.choice(["number", "number", "number", "kind", "length", "lost", "twice", "many", "swapped", "shorter", "text"])
        if way == "number" and len(body) > 2:
            number_set(body, chance.randrange(len(body)), chance)
            found[index] = (kind, bytes(body))
        elif way == "kind":
            found[index] = (chance.choice([*(kind for kind, *_ in found), 0, 2, 3, 7, 9, 0x92, 0x13, 0x9F]), bytes(body))
        elif way == "length":
            found[index] = (kind, bytes(body), chance.choice([0, 1, len(body) + 1, 0xFFFFFFF]))
        elif way == "lost":
            del found[index]
        elif way == "twice":
            found.insert(index, found[index])
        elif way == "many":
            found[index:index] = [found[index]] * 5000
        elif way == "swapped":
            other = chance.randrange(len(found))
            found[index], found[other] = found[other], found[index]
        elif way == "shorter":
            found[index] = (kind, bytes(body[: chance.randrange(len(body) + 1)]))
        elif way == "text" and len(body) > 12:
            struct.pack_into("<I", body, 8, chance.choice(NUMBERS))
            found[index] = (kind, bytes(body))
        if not found:
            break
    return part_of(found)
