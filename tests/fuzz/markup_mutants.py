"""Damage to the XML inside a modern workbook: tags, attributes, cells, rows."""

import re

import zip_mutants
from text_mutants import TEXTS
from zip_mutants import on_entries, on_part

NUMBERS = ["0", "-1", "1", "255", "16383", "16384", "16385", "65536", "1048575", "1048576", "1048577", "2147483647", "2147483648", "4294967295", "4294967296", "18446744073709551615", "99999999999999999999", "1e9", "1e999", "-1e999", "NaN", "0x10", "", " 1", "1.5", "٣"]
PLACES = ["A0", "A1", "XFD1048576", "XFD1048577", "XFE1", "AAAA1", "ZZZZZZZ1", "A4294967295", "A4294967296", "A99999999999", "1A", "A", "1", "", "A-1", "$A$1", "a1", "R1C1", "Ä1", "A1:B2"]
AREAS = ["A1:XFD1048576", "A1:A1", "XFD1048576:A1", "A1", "", "A1:", ":", "A0:B0", "A1:ZZZZZ99999999", "A1:B2:C3", "B2:A1"]
DEEP = 200_000


def replaced_once(pattern, content, chance, make, times=1):
    """The content with some of the matches made anew."""
    for _ in range(times):
        matches = list(re.finditer(pattern, content, re.S))
        if not matches:
            return content
        match = chance.choice(matches)
        content = content[: match.start()] + make(match) + content[match.end() :]
    return content


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;").encode("utf-8", "replace")


# XML.

XML = r"\.(xml|rels)$"
SHEET = r"worksheets/.*\.xml$|content\.xml$"


@on_part(SHEET, XML)
def numbers_changed(content, chance):
    return replaced_once(rb"\d+", content, chance, lambda _: chance.choice(NUMBERS).encode(), chance.choice([1, 1, 3, 10]))


@on_part(XML)
def numbers_changed_anywhere(content, chance):
    return replaced_once(rb"\d+", content, chance, lambda _: chance.choice(NUMBERS).encode(), chance.choice([1, 1, 3]))


@on_part(XML)
def attribute_changed(content, chance):
    return replaced_once(rb'="[^"]*"', content, chance, lambda _: b'="' + escaped(chance.choice(TEXTS[:60] + NUMBERS + AREAS)) + b'"', chance.choice([1, 1, 4]))


@on_part(XML)
def attribute_lost(content, chance):
    return replaced_once(rb'\s[\w:]+="[^"]*"', content, chance, lambda _: b"", chance.choice([1, 1, 4]))


@on_part(XML)
def attribute_twice(content, chance):
    return replaced_once(rb'\s[\w:]+="[^"]*"', content, chance, lambda match: match.group() * chance.choice([2, 2, 5000]))


@on_part(SHEET, XML)
def tag_lost(content, chance):
    return replaced_once(rb"<[^>]*>", content, chance, lambda _: b"", chance.choice([1, 1, 3]))


@on_part(SHEET, XML)
def tag_doubled(content, chance):
    return replaced_once(rb"<[^>]*>", content, chance, lambda match: match.group() * chance.choice([2, 2, 1000]))


@on_part(SHEET, XML)
def tags_swapped(content, chance):
    matches = list(re.finditer(rb"<[^>]*>", content))
    if len(matches) < 2:
        return content
    first, second = sorted(chance.sample(matches, 2), key=lambda match: match.start())
    return content[: first.start()] + second.group() + content[first.end() : second.start()] + first.group() + content[second.end() :]


@on_part(SHEET, XML)
def cut_at_a_tag(content, chance):
    """All that follows a tag is lost, as in a file that was not written to its end."""
    matches = list(re.finditer(rb"<[^>]*>", content))
    return content[: chance.choice(matches).end()] if matches else b""


@on_part(SHEET, XML)
def nested(content, chance):
    tag = chance.choice([b"x", b"row", b"c", b"is", b"t", b"r", b"table:table", b"table:table-row", b"table:table-cell", b"text:p", b"text:span", b"sheetData"])
    deep = b"<" + tag + b">"
    inner = deep * DEEP + (b"</" + tag + b">") * DEEP if chance.random() < 0.7 else deep * DEEP
    at = chance.choice([match.end() for match in re.finditer(rb"<[^>]*>", content)] or [0])
    return content[:at] + inner + content[at:]


@on_part(SHEET, XML)
def strewn(content, chance):
    """Things that XML allows and nobody expects, and things that it does not allow."""
    at = chance.choice([match.end() for match in re.finditer(rb"<[^>]*>", content)] or [0])
    thing = chance.choice([
        b"<!-- ", b"<!-- a --> ", b"<![CDATA[", b"<![CDATA[12]]>", b"<?x", b"<?x y?>", b"&#0;", b"&#x10FFFF;", b"&#xFFFFFFFF;", b"&unknown;", b"&", b"<", b">", b"\x00",
        b"\xff\xff", b"<!DOCTYPE x>", b"</x>", b"<office:annotation>", b'<text:s text:c="3"/>', b'<text:s text:c="999999999999"/>', b'<text:s text:c="-1"/>', b"<text:tab/>",
        b"<table:named-expressions>", b"<mergeCells>", b'<f t="shared" si="4294967295" ref="A1:XFD1048576">1</f>', b'<f t="array" ref="A1:XFD1048576">1</f>', b"<f/>", b"<v/>", b"<is><t>x</t></is>",
        b'<row r="1048577"/>', b'<row r="0"/>', b'<c r="XFD1048576"><v>1</v></c>', b'<c t="s"><v>99999999</v></c>', b'<c t="s"><v>-1</v></c>', b'<c t="z"><v>1</v></c>', b'<c s="99999"><v>1</v></c>',
    ])
    return content[:at] + thing + content[at:]


@on_part(XML)
def entities(content, chance):
    """A billion laughs, and a file from elsewhere."""
    names = [f"a{number}" for number in range(10)]
    laughs = b'<!ENTITY a0 "ha">' + b"".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">'.encode() for before, name in zip(names, names[1:])
    )
    kind = chance.choice([laughs, b'<!ENTITY a9 SYSTEM "file:///etc/passwd">', b'<!ENTITY a9 "&a9;">'])
    at = content.find(b"?>") + 2 if content.startswith(b"<?xml") else 0
    content = content[:at] + b"<!DOCTYPE x [" + kind + b"]>" + content[at:]
    return replaced_once(rb">[^<]+<", content, chance, lambda _: b">&a9;<", chance.choice([1, 20]))


@on_part(XML)
def encoded_otherwise(content, chance):
    encoding = chance.choice(["utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-8-sig"])
    declared = chance.choice([b"UTF-16", b"ISO-8859-1", b"utf-8", b"x-unknown", b""])
    content = re.sub(rb'encoding="[^"]*"', b'encoding="' + declared + b'"', content)
    return content.decode("utf-8", "replace").encode(encoding, "replace") if chance.random() < 0.7 else content


# Cells and rows.

CELL = rb"<c\b[^>]*?(?:/>|>.*?</c>)|<table:table-cell\b[^>]*?(?:/>|>.*?</table:table-cell>)"
ROW = rb"<row\b[^>]*?(?:/>|>.*?</row>)|<table:table-row\b[^>]*?(?:/>|>.*?</table:table-row>)"


def pieces_swapped(pattern, content, chance, keep=None):
    matches = list(re.finditer(pattern, content, re.S))
    if len(matches) < 2:
        return content
    first, second = sorted(chance.sample(matches, 2), key=lambda match: match.start())
    a, b = first.group(), second.group()
    if keep:
        # The places stay, the contents move.
        places = [re.search(keep, piece) for piece in (a, b)]
        if all(places):
            a, b = a.replace(places[0].group(), places[1].group(), 1), b.replace(places[1].group(), places[0].group(), 1)
    return content[: first.start()] + b + content[first.end() : second.start()] + a + content[second.end() :]


@on_part(SHEET)
def cells_swapped(content, chance):
    for _ in range(chance.choice([1, 3, 20])):
        content = pieces_swapped(CELL, content, chance, rb'\br="[^"]*"')
    return content


@on_part(SHEET)
def cells_misplaced(content, chance):
    return pieces_swapped(CELL, content, chance)


@on_part(SHEET)
def rows_swapped(content, chance):
    return pieces_swapped(ROW, content, chance)


@on_part(SHEET)
def row_doubled(content, chance):
    return replaced_once(ROW, content, chance, lambda match: match.group() * chance.choice([2, 2, 300]))


@on_part(SHEET)
def row_lost(content, chance):
    return replaced_once(ROW, content, chance, lambda _: b"", chance.choice([1, 1, 3]))


@on_part(SHEET)
def rows_by_the_hundred_thousand(content, chance):
    """The last row again and again, with numbers that go on or without any."""
    rows = list(re.finditer(ROW, content, re.S))
    if not rows:
        return content
    row, many = rows[-1].group(), chance.choice([10_000, 60_000])
    if chance.random() < 0.5:
        return content[: rows[-1].end()] + re.sub(rb'\br="[^"]*"', b"", row) * many + content[rows[-1].end() :]
    numbered = (re.sub(rb'\br="([A-Z]*)\d+"', lambda match: b'r="%s%d"' % (match.group(1), number), row) for number in range(1000, 1000 + many))
    return content[: rows[-1].end()] + b"".join(numbered) + content[rows[-1].end() :]


rows_by_the_hundred_thousand.weight = 0.15


@on_part(SHEET)
def values_changed(content, chance):
    return replaced_once(rb"(<v>)[^<]*(</v>)", content, chance, lambda match: match.group(1) + escaped(chance.choice(TEXTS + NUMBERS)) + match.group(2), chance.choice([1, 3, 20]))


@on_part(r"sharedStrings\.xml$", SHEET)
def texts_changed(content, chance):
    """Texts that are hard to read as values, where they are kept."""
    pattern = rb"(<t\b[^>]*>|<text:p>)[^<]*(</t>|</text:p>)"
    return replaced_once(pattern, content, chance, lambda match: match.group(1) + escaped(chance.choice(TEXTS)) + match.group(2), chance.choice([1, 3, 20]))


# .xlsx alone.


@on_part(r"worksheets/.*\.xml$")
def places_changed(content, chance):
    return replaced_once(rb'(<c\b[^>]*?\br=)"[^"]*"', content, chance, lambda match: match.group(1) + b'"' + escaped(chance.choice(PLACES)) + b'"', chance.choice([1, 1, 5]))


@on_part(r"worksheets/.*\.xml$")
def row_numbers_changed(content, chance):
    return replaced_once(rb'(<row\b[^>]*?\br=)"[^"]*"', content, chance, lambda match: match.group(1) + b'"' + chance.choice(NUMBERS).encode() + b'"', chance.choice([1, 1, 5]))


@on_part(r"worksheets/.*\.xml$")
def far_away(content, chance):
    """The dimension says everything, and the last cell stands where the last one can."""
    area = escaped(chance.choice(AREAS))
    content = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="' + area + b'"', content)
    last = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>far</t></is></c></row></sheetData>'
    return content.replace(b"</sheetData>", last) if chance.random() < 0.7 else content


@on_part(r"worksheets/.*\.xml$")
def types_changed(content, chance):
    kind = lambda: chance.choice([b"s", b"str", b"b", b"e", b"d", b"n", b"inlineStr", b"z", b""])
    content = replaced_once(rb'\bt="\w*"', content, chance, lambda _: b't="' + kind() + b'"', chance.choice([1, 5, 30]))
    return replaced_once(rb'(<c r="[^"]*")', content, chance, lambda match: match.group(1) + b' t="' + kind() + b'"', chance.choice([0, 3]))


@on_part(r"worksheets/.*\.xml$")
def styles_changed(content, chance):
    return replaced_once(rb'\bs="\d*"', content, chance, lambda _: b's="' + chance.choice(NUMBERS).encode() + b'"', chance.choice([1, 5, 30]))


@on_part(r"worksheets/.*\.xml$")
def areas_added(content, chance):
    area = escaped(chance.choice(AREAS))
    merged = b'<mergeCells count="1"><mergeCell ref="' + area + b'"/></mergeCells><autoFilter ref="' + area + b'"/>'
    return content.replace(b"</sheetData>", b"</sheetData>" + merged * chance.choice([1, 1, 20_000]))


@on_part(r"sharedStrings\.xml$")
def counts_changed(content, chance):
    return replaced_once(rb'\b(count|uniqueCount)="\d*"', content, chance, lambda match: match.group(1) + b'="' + chance.choice(NUMBERS).encode() + b'"', 2)


@on_entries
def one_long_text_everywhere(entries, chance):
    """Thousands of cells that show the same long text, which is kept once."""
    long = b"<si><t>" + b"w" * chance.choice([32_000, 1_000_000, 30_000_000]) + b"</t></si>"
    cells = b'<c t="s"><v>0</v></c>' * chance.choice([100, 16_384])
    for index, (name, content) in enumerate(entries):
        if name.endswith("sharedStrings.xml"):
            entries[index] = (name, re.sub(rb"<si>", lambda _: long + b"<si>", content, count=1))
        if re.search(r"worksheets/.*\.xml$", name):
            rows = (b"<row>" + cells + b"</row>") * chance.choice([1, 20])
            entries[index] = (name, content.replace(b"</sheetData>", rows + b"</sheetData>"))


one_long_text_everywhere.weight = 0.4


@on_part(r"workbook\.xml$|\.rels$|Content_Types")
def relations_changed(content, chance):
    names = [b"worksheets/sheet1.xml", b"worksheets/sheet999.xml", b"../../../../etc/passwd", b"sharedStrings.xml", b"workbook.xml", b"/xl/worksheets/sheet1.xml", b"", b"http://127.0.0.1:9/x", b"styles.xml", b"charts/chart1.xml"]
    return replaced_once(rb'(Target|r:id|Type|Id|sheetId|name|state|PartName)="[^"]*"', content, chance, lambda match: match.group(1) + b'="' + chance.choice(names) + b'"', chance.choice([1, 2, 5]))


# .ods alone.


@on_part(r"content\.xml$")
def repeated(content, chance):
    """Cells and rows that are there a million times."""
    many = lambda: chance.choice(["2", "100", "16384", "16385", "1048576", "1048577", "4294967295", "18446744073709551615", "-1", "0", "x"]).encode()
    kind = chance.choice([(rb"<table:table-cell\b", b"columns"), (rb"<table:table-row\b", b"rows"), (rb"<table:table-column\b", b"columns")])
    for _ in range(chance.choice([1, 1, 2, 10])):
        content = replaced_once(kind[0], content, chance, lambda match: match.group() + b' table:number-' + kind[1] + b'-repeated="' + many() + b'"')
    return content


@on_part(r"content\.xml$")
def repeats_changed(content, chance):
    return replaced_once(rb'-repeated="\d*"', content, chance, lambda _: b'-repeated="' + chance.choice(NUMBERS).encode() + b'"', chance.choice([1, 2, 20]))


@on_part(r"content\.xml$")
def a_long_text_repeated(content, chance):
    text = b"w" * chance.choice([10_000, 1_000_000])
    cell = b'<table:table-cell office:value-type="string" table:number-columns-repeated="%d"><text:p>%s</text:p></table:table-cell>' % (chance.choice([100, 16_384]), text)
    row = b'<table:table-row table:number-rows-repeated="%d">%s</table:table-row>' % (chance.choice([1, 50, 1_000_000]), cell)
    return content.replace(b"</table:table>", row + b"</table:table>", 1)


a_long_text_repeated.weight = 0.4


@on_part(r"content\.xml$")
def values_of_another_type(content, chance):
    kinds = [b"float", b"percentage", b"currency", b"date", b"time", b"boolean", b"string", b"void", b""]
    content = replaced_once(rb'office:value-type="\w*"', content, chance, lambda _: b'office:value-type="' + chance.choice(kinds) + b'"', chance.choice([1, 10]))
    return replaced_once(rb'(office:(?:date-|time-|boolean-|string-)?value)="[^"]*"', content, chance, lambda match: match.group(1) + b'="' + escaped(chance.choice(TEXTS + NUMBERS)) + b'"', chance.choice([1, 10]))


MARKUP = [
    numbers_changed, numbers_changed, numbers_changed_anywhere, attribute_changed, attribute_lost, attribute_twice, tag_lost, tag_doubled, tags_swapped,
    cut_at_a_tag, nested, strewn, strewn, entities, encoded_otherwise,
]
CELLS = [
    cells_swapped, cells_misplaced, rows_swapped, row_doubled, row_lost, rows_by_the_hundred_thousand, values_changed, texts_changed, texts_changed,
]
XLSX = zip_mutants.ALL + MARKUP + CELLS + [
    places_changed, row_numbers_changed, far_away, types_changed, styles_changed, areas_added, counts_changed, one_long_text_everywhere, relations_changed,
]
ODS = zip_mutants.ALL + MARKUP + CELLS + [repeated, repeated, repeats_changed, repeats_changed, a_long_text_repeated, values_of_another_type]
