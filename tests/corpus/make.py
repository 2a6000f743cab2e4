"""Makes the sheets of the corpus, with the programs whose files people send.

    python3 make.py                     all of them
    python3 make.py text/comma.csv …    these

It needs LibreOffice (soffice), Node with `xlsx` (SheetJS) where `NODE_PATH` says, and of PyPI: openpyxl, pandas, odfpy,
xlwt, XlsxWriter, msoffcrypto-tool. The results are committed; made again by the same versions they are the same bytes.

What each sheet is about, and what must come of it, stands in the `expected.md` of its folder.
"""

import sys

sys.dont_write_bytecode = True

import books  # noqa: E402, F401  these register their sheets
import broken  # noqa: E402, F401
import headings  # noqa: E402, F401
import lists  # noqa: E402, F401
import texts  # noqa: E402, F401
import values  # noqa: E402, F401
import worksheets  # noqa: E402, F401
from writers import HERE, SHEETS  # noqa: E402


def main(names):
    for name in names or SHEETS:
        path = HERE / name
        path.parent.mkdir(exist_ok=True)
        SHEETS[name](path)
    if not names:
        folders = {(HERE / name).parent for name in SHEETS}
        for path in (path for folder in folders for path in folder.iterdir() if path.name != "expected.md"):
            if str(path.relative_to(HERE)) not in SHEETS:
                path.unlink()


if __name__ == "__main__":
    main(sys.argv[1:])
