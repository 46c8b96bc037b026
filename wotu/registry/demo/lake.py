"""A large demonstration zone's facts straight into the Parquet lake, in the shape of any snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wotu.registry import lake
from wotu.registry.attributes import catalogue
from wotu.registry.demo.emit import DAY, FLAG, NUMBER, SCALE, TEXT, Facts
from wotu.registry.demo.facts import generate
from wotu.registry.demo.population import NEVER, Population, called
from wotu.registry.demo.zone import divisions, trades
from wotu.registry.models import Snapshot


def write(people: Population, *, enterprise: int, fact: int, sources: list[int], moment: datetime) -> Snapshot:
    """Write the zone as a snapshot known at a moment; ids from `enterprise` and `fact` on, as the database has them."""
    return lake.write(
        moment.astimezone(UTC),
        enterprises=_enterprises(people, enterprise),
        facts=_facts(people, enterprise, fact, sources),
    )


def _enterprises(people: Population, first: int, block: int = 50_000) -> Iterator[pa.Table]:
    areas, codes = [d.name for d in divisions()], [t.code for t in trades()]
    for start in range(0, people.enterprises, block):
        numbers = np.arange(start, min(start + block, people.enterprises))
        names, credit, _ = called(people, numbers)
        closed = people.closed[numbers]
        area = people.area[numbers]
        yield pa.table(
            [
                pa.array(numbers + first, pa.int64()),
                pa.array(credit),
                pa.array(names),
                pa.array(np.where(people.coded[numbers], np.array(codes)[people.trade[numbers]], "").tolist()),
                pa.array([areas[a] if a >= 0 else None for a in area.tolist()], pa.string()),
                _days(people.established[numbers], people.dated[numbers]),
                _days(closed, closed != NEVER),
                pa.array(np.ones(len(numbers), dtype=bool)),
            ],
            schema=lake.ENTERPRISES,
        )


def _facts(people: Population, enterprise: int, fact: int, sources: list[int]) -> Iterator[pa.Table]:
    codes = pa.array([declared.code for declared in catalogue().attributes])
    for _, block in generate(people):
        n = len(block)
        if not n:
            continue
        current = block.heir == NEVER
        amount = _amounts(block)
        nothing = pa.nulls(n, lake.NUMBER)
        table = pa.table(
            [
                pa.array(fact + np.arange(n), pa.int64()),
                pa.array(block.enterprise + enterprise, pa.int64()),
                codes.take(pa.array(block.attribute, pa.int64())),
                _days(block.starts),
                _days(block.ends),
                pc.if_else(pa.array(block.kind == NUMBER), amount, nothing),
                pa.array(np.where(block.kind == TEXT, block.text, np.array(None)), pa.string()),
                _days(np.where(block.kind == DAY, block.number, 0), block.kind == DAY),
                pa.array(block.number != 0, mask=block.kind != FLAG),
                pa.array(np.array(sources)[block.source], pa.int32()),
                pa.array(block.recorded, pa.timestamp("us", "UTC")),
            ],
            schema=lake.FACTS,
        )
        fact += n
        yield table.filter(pa.array(current))


def _amounts(block: Facts) -> pa.Array:
    """The whole ten-thousandths as decimals: each is widened to the 16 bytes that Arrow keeps."""
    wide = np.column_stack((block.number, block.number >> 63)).astype(np.int64)
    places = len(str(SCALE)) - 1
    return pa.Array.from_buffers(pa.decimal128(28, places), len(block), [None, pa.py_buffer(wide)]).cast(lake.NUMBER)


def _days(days: np.ndarray, there: np.ndarray | None = None) -> pa.Array:
    return pa.array(days.astype(np.int32), pa.int32(), mask=None if there is None else ~there).cast(pa.date32())
