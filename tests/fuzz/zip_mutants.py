"""Damage inside the archive of a modern workbook, packed again with the right checksums."""

import io
import re
import warnings
import zipfile
import zlib

import binary_mutants

# Two entries of one name are made on purpose.
warnings.filterwarnings("ignore", "Duplicate name", UserWarning)
# What one part is made to swell to.
SWOLLEN_BYTES = [8 << 20, 100 << 20, 600 << 20]
CHUNK = 1 << 20


def entries_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(entry.filename, archive.read(entry)) for entry in archive.infolist()]


def packed(entries, chance=None):
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as archive:
        for name, content in entries:
            way = zipfile.ZIP_STORED if chance and chance.random() < 0.05 else zipfile.ZIP_DEFLATED
            info = zipfile.ZipInfo(name)
            info.compress_type = way
            if isinstance(content, bytes):
                archive.writestr(info, content)
                continue
            with archive.open(info, "w", force_zip64=True) as entry:
                for chunk in content:
                    entry.write(chunk)
    return output.getvalue()


def weighing(weight):
    def set_weight(mutation):
        mutation.weight = weight
        return mutation

    return set_weight


def on_entries(mutate):
    """A mutation of the list of (name, content)."""

    def mutation(data, chance):
        try:
            entries = entries_of(data)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error):
            # A sheet that is damaged or protected to begin with.
            return data[: len(data) // 2] + data[len(data) // 2 + 1 :]
        return packed(mutate(entries, chance) or entries, chance)

    mutation.__name__ = mutate.__name__
    mutation.weight = getattr(mutate, "weight", 1.0)
    return mutation


def on_part(pattern, fallback=r".*"):
    """A mutation of the content of one entry, mostly one whose name matches."""

    def decorated(mutate):
        @on_entries
        def mutation(entries, chance):
            fitting = [index for index, (name, _) in enumerate(entries) if re.search(pattern, name)]
            if not fitting or chance.random() < 0.05:
                fitting = [index for index, (name, _) in enumerate(entries) if re.search(fallback, name)]
            index = chance.choice(fitting or range(len(entries)))
            name, content = entries[index]
            changed = mutate(content, chance)
            entries[index] = (name, content if changed is None else changed)

        mutation.__name__ = mutate.__name__
        mutation.weight = getattr(mutate, "weight", 1.0)
        return mutation

    return decorated


# Any archive.


@on_entries
def entry_lost(entries, chance):
    del entries[chance.randrange(len(entries))]


@on_entries
def entry_emptied(entries, chance):
    index = chance.randrange(len(entries))
    entries[index] = (entries[index][0], chance.choice([b"", b" ", b"<", b"<a/>", b"\xff\xfe"]))


@on_entries
def entry_renamed(entries, chance):
    index = chance.randrange(len(entries))
    name, content = entries[index]
    entries[index] = (chance.choice([name.upper(), name.replace("/", "\\"), "/" + name, "../" + name, name + "/", "x" * 60_000, "é" + name, chance.choice(entries)[0]]), content)


@on_entries
def entries_swapped(entries, chance):
    a, b = chance.randrange(len(entries)), chance.randrange(len(entries))
    entries[a], entries[b] = (entries[a][0], entries[b][1]), (entries[b][0], entries[a][1])


@on_entries
def entry_twice(entries, chance):
    name, content = chance.choice(entries)
    entries.append((name, content[: chance.randrange(len(content) + 1)]))


@on_entries
def many_entries(entries, chance):
    entries += [(f"xl/worksheets/sheet{number}.xml", b"<worksheet/>") for number in range(chance.choice([300, 20_000]))]


many_entries.weight = 0.3


@on_entries
def entry_damaged(entries, chance):
    index = chance.randrange(len(entries))
    name, content = entries[index]
    damaged = bytearray(content or b" ")
    for _ in range(chance.choice([1, 1, 3, 30])):
        damaged[chance.randrange(len(damaged))] = chance.choice([chance.randrange(256), 0, 60, 62, 34, 38])
    entries[index] = (name, bytes(damaged))


@on_entries
def entry_truncated(entries, chance):
    index = chance.randrange(len(entries))
    name, content = entries[index]
    entries[index] = (name, content[: chance.randrange(len(content) + 1)])


@on_entries
@weighing(0.08)
def swollen(entries, chance):
    """A part of a hundred megabytes of nothing: white space, blank cells, texts."""
    index = chance.randrange(len(entries))
    name, content = entries[index]
    size = chance.choice(SWOLLEN_BYTES)
    piece = chance.choice([b" ", b"<c/>", b"<row/>", b"<x>", b"<si><t>a</t></si>", b"<!-- -->", b"a", b"<table:table-row/>", b"<table:table-cell/>", b"\0", b"<c><v>1</v></c>"])
    at = content.find(b">", len(content) // 2) + 1
    chunk = piece * (CHUNK // len(piece))

    def chunks():
        yield content[:at]
        for _ in range(size // CHUNK):
            yield chunk
        yield content[at:]

    entries[index] = (name, chunks())


# .xlsb alone.


@on_part(r"\.bin$")
def records_damaged(content, chance):
    return binary_mutants.records_of_parts(content, chance)


ALL = [entry_lost, entry_emptied, entry_renamed, entries_swapped, entry_twice, many_entries, entry_damaged, entry_truncated, swollen]
XLSB = ALL + [records_damaged] * len(ALL) * 2
