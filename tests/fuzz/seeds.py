"""The sheets that mutants are made from: those of the repository, and a few written here."""

import collections
import csv
import io
import zipfile

Source = collections.namedtuple("Source", "name ending data")

FOLDERS = ["samples", "tests/sheets", "tests/cli/fixtures", "tests/properties", "tests/corpus"]
# How often each format is taken, against the others.
FORMATS = {".xlsx": 4, ".csv": 4, ".ods": 3, ".xls": 3, ".xlsb": 2, ".xlsm": 1}
BYTES_MIN, BYTES_MAX = 16, 4 << 20


def all_of(repository, extra):
    """Every sheet, in an order that does not change."""
    sources = []
    for folder in [repository / folder for folder in FOLDERS] + extra:
        for path in sorted(folder.rglob("*")):
            if path.suffix in FORMATS and BYTES_MIN <= path.stat().st_size <= BYTES_MAX:
                name = path.relative_to(repository) if path.is_relative_to(repository) else path
                sources.append(Source(str(name), path.suffix, path.read_bytes()))
    sources += list(written((repository / "samples" / "referral-changes.csv").read_bytes()))
    sources += list(macros(repository / "samples" / "referral-changes.xlsx"))
    return sources


def chosen(sources, chance):
    """A format, then a sheet of it: the rare formats have fewer sheets, not fewer mutants."""
    formats = sorted({source.ending for source in sources})
    (ending,) = chance.choices(formats, [FORMATS[ending] for ending in formats])
    return chance.choice([source for source in sources if source.ending == ending])


def is_what_it_is_called(source):
    """Whether the content is of the format that the name says. Some sheets of the tests are not, on purpose."""
    if source.ending == ".xls":
        return source.data.startswith(b"\xd0\xcf\x11\xe0") and len(source.data) > 2048
    if source.ending != ".csv":
        try:
            with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
                return len(archive.infolist()) > 2
        except zipfile.BadZipFile:
            return False
    return not source.data.startswith((b"PK", b"\xd0\xcf\x11\xe0"))


def written(sample):
    """The sample in other encodings, with other delimiters, quotes and ends of lines."""
    rows = list(csv.reader(io.StringIO(sample.decode("utf-8-sig"), newline="")))

    def text(**form):
        output = io.StringIO(newline="")
        csv.writer(output, **form).writerows(rows)
        return output.getvalue()

    plain = text(lineterminator="\r\n")
    yield Source("made/utf16le.csv", ".csv", b"\xff\xfe" + plain.encode("utf-16-le"))
    yield Source("made/utf16be.csv", ".csv", b"\xfe\xff" + plain.encode("utf-16-be"))
    yield Source("made/western.csv", ".csv", text(delimiter=";").encode("cp1252", "replace"))
    yield Source("made/marked.csv", ".csv", plain.encode("utf-8-sig"))
    yield Source("made/tabs.csv", ".csv", text(delimiter="\t", lineterminator="\n").encode())
    yield Source("made/pipes.csv", ".csv", b"sep=|\r\n" + text(delimiter="|").encode())
    yield Source("made/quoted.csv", ".csv", text(quoting=csv.QUOTE_ALL, lineterminator="\r").encode())
    operations = ["id,op,path,value"]
    for index in range(200):
        path = ["/details/dealValue", "/details/notes", "/team/-", "/status", "/details/closingDateTime"][index % 5]
        value = ["12500.50", '"two\nlines"', '"Ann, Example, 555-0100, ann@contoso.com"', "Active", "2027-03-31"][index % 5]
        operations.append(f"590c722c-8705-549b-ba88-475b2100e7{index % 100:02},replace,{path},{value}")
    yield Source("made/operations.csv", ".csv", "\n".join(operations).encode())
    yield Source("made/long.csv", ".csv", text(lineterminator="\n").encode() + b"\n".join(
        ",".join(f'"{cell}"' if "," in cell or '"' in cell else cell for cell in row).encode() for row in rows[1:] * 80
    ))


def macros(path):
    """The sample workbook with a project of macros, as Excel marks one."""
    output = io.BytesIO()
    with zipfile.ZipFile(path) as book, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in book.infolist():
            content = book.read(entry)
            if entry.filename == "[Content_Types].xml":
                plain = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
                content = content.replace(plain, b"application/vnd.ms-excel.sheet.macroEnabled.main+xml")
            target.writestr(zipfile.ZipInfo(entry.filename), content, zipfile.ZIP_DEFLATED)
        target.writestr(zipfile.ZipInfo("xl/vbaProject.bin"), bytes(range(256)) * 40, zipfile.ZIP_DEFLATED)
    yield Source("made/macros.xlsm", ".xlsm", output.getvalue())
