"""Damage to a CSV file that is still a text: cells, rows, quotes, encodings."""

# What people, programs and malice put into cells.
TEXTS = [
    "", " ", "\u00a0", "\u200b", "\ufeff", "\u202e1234", "0", "-0", "007", "00000", ".0", ".", ",", "-", "+", "=1+1", "@SUM(A1)", "'=1", "''",
    "1,234", "1.234", "1.234.567", "1,234,567", "12,50", "€ 12.500,50", "$1,000.00", "USD 5 EUR", "1e400", "1E-400", "NaN", "inf", "-inf",
    "9" * 30, "0." + "0" * 40 + "1", "1" * 400, "98052.0", "4.9E+11", "١٢٣", "１２３", "(500)", "1'000",
    "03/04/2026", "25/03/2026", "2026-02-30", "2026-13-01", "0000-00-00", "9999-12-31", "-9999-01-01", "2026-03-29 02:30", "2026-12-31T23:59:60Z",
    "2026-12-31T14:00:00+99:99", "31.12.2026 14:00+02:00", "46022", "12:00", "2026-12-31T00:00:00[Nowhere/Else]",
    "49d90c72-3326-4f61-aacc-2cb57970448c", "{49D90C72-3326-4F61-AACC-2CB57970448C}", "49d90c72", "{" * 50, "é" * 18,
    "[" * 5000, "{\"a\":" * 2000, "[[]]", "{}", "null", "{\"email\":1}", "[{\"id\":\"x\",\"price\":1e999}]", "[{\"id\":\"\\ud800\"}]", "\"",
    "a, b, c, d@e.fr", ",,,", ";;;", "SOL-1, usd, 1.5, 2", "#N/A", "#REF!", "(clear)", "Closed", "Won", "skip", "create", "yes", "maybe",
    "x" * 32_767, "y" * 32_768, "ß" * 40_000, "\U0001F600" * 20_000, "a\nb" * 300, "\t", "\x00", "\x1b[2J", "_x000D_", "<b>&amp;", "]]>", "%s%n",
]
DELIMITERS = [",", ";", "\t", "|"]
# Longer files take longer than 10 s because they are long.
BYTES_MAX = 10 << 20


def decoded(data):
    for mark, encoding in [(b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")]:
        if data.startswith(mark):
            return data.decode(encoding, "replace"), encoding
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), "cp1252"


def on_rows(mutate):
    """A mutation of a list of lists of texts, cut at the likeliest delimiter without regard to quotes."""

    def mutation(data, chance):
        text, encoding = decoded(data)
        delimiter = max(DELIMITERS, key=text[:2000].count)
        rows = [line.split(delimiter) for line in text.split("\n")]
        rows = mutate(rows, chance) or rows
        return "\n".join(delimiter.join(row) for row in rows).encode(encoding, "replace")

    mutation.__name__ = mutate.__name__
    return mutation


def cell(rows, chance):
    row = chance.randrange(len(rows))
    return row, chance.randrange(len(rows[row]))


def quoted(text):
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in '",;\t|\n') else text


@on_rows
def cells_swapped(rows, chance):
    for _ in range(chance.choice([1, 5, 50])):
        (a, b), (c, d) = cell(rows, chance), cell(rows, chance)
        rows[a][b], rows[c][d] = rows[c][d], rows[a][b]


@on_rows
def cells_filled(rows, chance):
    for _ in range(chance.choice([1, 5, 50])):
        row, column = cell(rows, chance)
        rows[row][column] = quoted(chance.choice(TEXTS))


@on_rows
def column_filled(rows, chance):
    column, text = chance.randrange(len(rows[0])), quoted(chance.choice(TEXTS))
    for row in rows[1:]:
        if column < len(row):
            row[column] = text


@on_rows
def rows_swapped(rows, chance):
    for _ in range(chance.choice([1, 3, 20])):
        a, b = chance.randrange(len(rows)), chance.randrange(len(rows))
        rows[a], rows[b] = rows[b], rows[a]


@on_rows
def rows_doubled(rows, chance):
    bytes_each = 1 + sum(len(cell) + 1 for row in rows[1:] for cell in row)
    return rows + rows[1:] * min(chance.choice([1, 10, 100, 2000]), 1 + BYTES_MAX // bytes_each)


@on_rows
def ragged(rows, chance):
    for _ in range(chance.choice([1, 5])):
        row = chance.randrange(len(rows))
        if chance.random() < 0.5:
            del rows[row][chance.randrange(len(rows[row]) + 1) :]
        else:
            rows[row] += [chance.choice(TEXTS[:20]) for _ in range(chance.choice([1, 100, 16_384, 20_000]))]
        if not rows[row]:
            rows[row] = [""]


@on_rows
def headings_changed(rows, chance):
    for _ in range(chance.choice([1, 2, 10])):
        column = chance.randrange(len(rows[0]))
        rows[0][column] = chance.choice(
            [*TEXTS[:40], "id", "ID", "Referral ID", "Deal value", "details.dealValue", "/team/-", "team.add.51.email", "team.add.2.email",
             "Solution 12", "op", "path", "value", "eTag", "#comment", "_", "z" * 30_000, "Deal valeu" * 3000, "......", "/////", "add.add.add"]
        )


@on_rows
def many_headings(rows, chance):
    word = chance.choice(["Deal valeu", "x", "Solution 1", "Notes", "#", "team.add.{}.email", "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww{}"])
    rows[0] += [word.format(number) for number in range(chance.choice([100, 16_000]))]


@on_rows
def titles_above(rows, chance):
    return [[chance.choice(TEXTS[:30])] for _ in range(chance.choice([1, 5, 19, 20, 50]))] + rows


def quotes_strewn(data, chance):
    damaged = bytearray(data)
    for _ in range(chance.choice([1, 2, 3, 20, 400])):
        at = chance.randrange(len(damaged) + 1)
        damaged[at:at] = chance.choice([b'"', b'""', b'"""', b'","', b'\n"', b'"\n', b' "', b'" '])
    return bytes(damaged)


def ends_of_lines_changed(data, chance):
    text, encoding = decoded(data)
    if chance.random() < 0.3:
        return "".join(chance.choice(["\r", "\n", "\r\n", "\n\n", "\x85", "\u2028", "\x0b"]) if sign == "\n" else sign for sign in text).encode(encoding, "replace")
    return text.replace("\r\n", "\n").replace("\n", chance.choice(["\r", "\r\r\n", "\n\r", "\r\n\r\n", ""])).encode(encoding, "replace")


def encoded_otherwise(data, chance):
    text, _ = decoded(data)
    encoding = chance.choice(["utf-16-le", "utf-16-be", "utf-16", "utf-32", "utf-7", "cp1252", "cp1250", "cp1251", "shift_jis", "gb18030", "iso8859-7", "cp037", "koi8-r"])
    mark = chance.choice([b"", b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"])
    return mark + text.encode(encoding, "replace")


def half_in_another_encoding(data, chance):
    text, encoding = decoded(data)
    at = chance.randrange(len(text) + 1)
    return text[:at].encode(encoding, "replace") + text[at:].encode(chance.choice(["cp1252", "utf-16-le", "utf-8"]), "replace")


def separator_line(data, chance):
    return chance.choice([b"sep=", b"SEP=;", b"sep=\"", b"sep=\r", b"sep=a", b"sep=,,", b"sep=\xff", b"sep=\x00"]) + chance.choice([b"\n", b"\r\n", b"\r", b""]) + data


def endless(data, chance):
    """One cell, one line or one file of the same, for a megabyte."""
    piece = chance.choice([b'"', b"a", b",", b"\n", b"\r", b'""', b'"\n', b",\n", b"a\n", b"\xff", b"\x00", b'"a",', b"\t", b" ", "é".encode(), b'a"'])
    many = piece * (chance.choice([100_000, 1_000_000]) // len(piece))
    return chance.choice([many, data + many, many + data, data[: len(data) // 2] + many + data[len(data) // 2 :]])


ALL = [
    cells_swapped, cells_filled, cells_filled, column_filled, rows_swapped, rows_doubled, ragged, headings_changed, many_headings,
    titles_above, quotes_strewn, ends_of_lines_changed, encoded_otherwise, half_in_another_encoding, separator_line, endless,
]
