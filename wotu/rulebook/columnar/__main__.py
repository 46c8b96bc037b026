"""`python -m wotu.rulebook.columnar`: compile the machine code of screening and keep it, unless it is kept already."""

from __future__ import annotations

import sys

from wotu.rulebook.columnar import native

if missing := native.missing():
    print("编译筛查用的机器码（每台机器一次，约半分钟）……", file=sys.stderr)
    native.ready(missing)
