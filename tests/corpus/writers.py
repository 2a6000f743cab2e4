"""Who writes the sheets: raw bytes, the libraries of others, LibreOffice. And how their files stay the same each time."""

import io
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import zipfile

HERE = pathlib.Path(__file__).parent
# The sheets by name, `folder/name.ext`, with the functions that make them. Each takes the path to write to.
SHEETS = {}
EPOCH = (2026, 11, 2, 9, 0, 0)


def sheet(name):
    """Says that a function makes this sheet."""

    def register(make):
        assert name not in SHEETS, name
        SHEETS[name] = make
        return make

    return register


def raw(name, content, encoding="utf-8"):
    """A sheet that is these bytes, or this text."""
    content = content if isinstance(content, bytes) else content.encode(encoding)
    sheet(name)(lambda path: path.write_bytes(content))


def rows(name, *lines, end="\n", encoding="utf-8"):
    """A sheet of these lines of text."""
    raw(name, "".join(line + end for line in lines), encoding)


def id(number):
    """The id of a referral."""
    return f"00000000-0000-4000-8000-{number:012}"


def save(book, path):
    """Saves a workbook of openpyxl."""
    made = io.BytesIO()
    book.save(made)
    path.write_bytes(made.getvalue())
    timeless(path)


def timeless(path):
    """Takes the time of day out of a zip archive and of the documents' properties in it."""
    made = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(path, "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename in ("docProps/core.xml", "meta.xml"):
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(?=Z?<)", b"2026-11-02T09:00:00", content)
            target.writestr(zipfile.ZipInfo(entry.filename, EPOCH), content, entry.compress_type)


def edited(path, name, change):
    """Changes one entry of a zip archive, as no library would write it."""
    made = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == name:
                changed = change(content.decode()).encode()
                assert changed != content, name
                content = changed
            target.writestr(zipfile.ZipInfo(entry.filename, EPOCH), content, entry.compress_type)


def libreoffice(source, path, kind=None):
    """Lets LibreOffice open a file and save it as another. `kind` is the ending, with a filter's name if need be."""
    kind = kind or path.suffix[1:]
    with tempfile.TemporaryDirectory() as folder:
        command = ["soffice", "--headless", f"-env:UserInstallation=file://{tempfile.gettempdir()}/lo-corpus"]
        command += ["--convert-to", kind, "--outdir", folder, str(source)]
        subprocess.run(command, check=True, capture_output=True)
        shutil.move(pathlib.Path(folder) / f"{source.stem}.{kind.split(':')[0]}", path)
    if zipfile.is_zipfile(path):
        timeless(path)


def sheetjs(table, path, kind):
    """Lets SheetJS write rows. A date is a dict with its serial number and format."""
    program = """
        const xlsx = require('xlsx');
        const { table, path, kind } = JSON.parse(require('fs').readFileSync(0));
        const cells = xlsx.utils.aoa_to_sheet(table);
        const book = xlsx.utils.book_new();
        xlsx.utils.book_append_sheet(book, cells, 'Referrals');
        xlsx.writeFile(book, path, { bookType: kind, compression: true });
    """
    given = json.dumps({"table": table, "path": str(path), "kind": kind})
    subprocess.run(["node", "-e", program], input=given, text=True, check=True)
    if zipfile.is_zipfile(path):
        timeless(path)
