"""A sheet in, a damaged one out."""

import binary_mutants
import markup_mutants
import seeds
import text_mutants
import zip_mutants

# Numbers on which programs break.
NUMBERS = [0, 1, 2, 0x7F, 0x80, 0xFF, 0x100, 0x3FFF, 0x4000, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0xFFFFF, 0x100000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF]

OF_FORMAT = {
    ".csv": text_mutants.ALL,
    ".xls": binary_mutants.XLS,
    ".xlsx": markup_mutants.XLSX,
    ".xlsm": markup_mutants.XLSX,
    ".xlsb": zip_mutants.XLSB,
    ".ods": markup_mutants.ODS,
}


def of(source, sources, chance):
    """The name of a mutation and the sheet after it. One in three is damaged without regard to what it is."""
    if chance.random() < 0.33 or not seeds.is_what_it_is_called(source):
        mutation = chance.choice(BYTES)
        return f"bytes: {mutation.__name__}", mutation(source.data, chance, sources)
    weights = [getattr(mutation, "weight", 1.0) for mutation in OF_FORMAT[source.ending]]
    (mutation,) = chance.choices(OF_FORMAT[source.ending], weights)
    return f"{source.ending[1:]}: {mutation.__name__}", mutation(source.data, chance)


def flipped(data, chance, _):
    damaged = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 5, 20, 200])):
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def replaced(data, chance, _):
    damaged = bytearray(data)
    for _ in range(chance.choice([1, 2, 8, 64])):
        number = chance.choice(NUMBERS)
        width = chance.choice([1, 2, 4])
        at = chance.randrange(len(damaged))
        damaged[at : at + width] = (number & (1 << 8 * width) - 1).to_bytes(width, chance.choice(["little", "big"]))
    return bytes(damaged)


def truncated(data, chance, _):
    return data[: chance.randrange(len(data))]


def truncated_at_its_end(data, chance, _):
    return data[: len(data) - chance.randrange(min(len(data), 64))]


def beheaded(data, chance, _):
    return data[chance.randrange(min(len(data), 64)) :]


def piece(data, chance):
    start = chance.randrange(len(data))
    return start, min(len(data), start + chance.choice([1, 4, 16, 64, 512, 4096]))


def cut_out(data, chance, _):
    start, end = piece(data, chance)
    return data[:start] + data[end:]


def doubled(data, chance, _):
    start, end = piece(data, chance)
    return data[:end] + data[start:end] * chance.choice([1, 1, 2, 50]) + data[end:]


def swapped(data, chance, _):
    (a, b), (c, d) = sorted([piece(data, chance), piece(data, chance)])
    b = min(b, c)
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]


def zeroed(data, chance, _):
    start, end = piece(data, chance)
    return data[:start] + bytes([chance.choice([0, 0xFF, 0x20])]) * (end - start) + data[end:]


def inserted(data, chance, _):
    at = chance.randrange(len(data))
    return data[:at] + chance.randbytes(chance.choice([1, 4, 64, 1024])) + data[at:]


def crossed(data, chance, sources):
    other = chance.choice(sources).data
    return data[: chance.randrange(len(data))] + other[chance.randrange(len(other)) :]


def headed_by_another(data, chance, sources):
    other = chance.choice(sources).data
    head = chance.choice([2, 4, 8, 512])
    return other[:head] + data[head:]


BYTES = [
    flipped, flipped, replaced, truncated, truncated_at_its_end, beheaded, cut_out, doubled, swapped, zeroed, inserted,
    crossed, headed_by_another,
]
