"""Whole articles beside the checkout: the labelled ones, and what the zone published in 2021."""

from __future__ import annotations

import importlib.util
import json
from datetime import date
from decimal import Decimal

import pytest

from wotu.intel.reading import read_text
from wotu.intel.reading.show import as_json

ON = date(2021, 11, 5)
DAYS_IT_SAYS = {
    "signed_2020_projects", "signed_2020_total_investment", "national_institutes", "high_tech_enterprises", "listed", "talents",
    "central_soe", "foreign_enterprises", "regional_hq", "japanese", "new_entities", "new_entities_growth",
}  # fmt: skip


@pytest.fixture(scope="module")
def seed(shared):
    return read_text((shared / "data/seed/article.txt").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def published(shared):
    return json.loads((shared / "data/seed/published.json").read_text(encoding="utf-8"))


def test_labelled_articles_are_read_as_labelled(shared):
    folder = shared / "data/articles"
    spec = importlib.util.spec_from_file_location("score", folder / "score.py")
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    right = wrong = missed = 0
    for path in sorted(folder.glob("*.json")):
        article = json.loads(path.read_text(encoding="utf-8"))
        shown = as_json(read_text(article["text"], date.fromisoformat(article["published"])))
        left = list(score.flatten(shown["claims"]))
        for label in article["claims"]:
            hit = next((claim for claim in left if score.matches(claim, label)), None)
            if hit is not None:
                left.remove(hit)
            right += hit is not None and not label["optional"]
            missed += hit is None and not label["optional"]
        wrong += len(left)
    assert right / (right + wrong) >= 0.95
    assert right / (right + missed) >= 0.95


def test_every_published_figure_comes_out(seed, published):
    lacking = []
    for figure in published["figures"]:
        at = seed.text.find(figure["quote"])
        assert at >= 0, figure["quote"]
        lies = (at, at + len(figure["quote"]))
        here = [c for c in seed.claims if c.span[0] < lies[1] and lies[0] < c.span[1]]
        values = {(c.value, c.unit, c.period) for c in here}
        values |= {(c.growth.value, c.growth.unit, c.period) for c in here if c.growth}
        wanted = Decimal(figure["value"]), figure["unit"]
        period = figure["period"] if figure["id"] in DAYS_IT_SAYS else None
        if not any(got[:2] == wanted and period in (None, got[2]) for got in values):
            lacking.append(figure["id"])
    assert lacking == []


def test_title_source_and_day_are_found(seed, published):
    said = published["source"]
    assert (seed.title, seed.source, seed.published) == (
        said["title"],
        said["publisher"],
        date.fromisoformat(said["published"]),
    )


def test_modifiers_and_repairs_are_said(seed):
    by_quote = {claim.quote: claim for claim in seed.claims}
    area = next(claim for quote, claim in by_quote.items() if "800万方米" in quote)
    assert (area.modifier, area.repaired, area.unit) == ("超", True, "平方米")
    assert next(claim for quote, claim in by_quote.items() if "央企40余家" in quote).modifier == "余"
    assert next(claim for quote, claim in by_quote.items() if "院所台" in quote).indicator == "国字号院所平台"


def test_lost_characters_are_suggested_where_they_lie(seed):
    gaps = {(gap.quote, gap.suggestion) for gap in seed.lost}
    assert {("方米", "平方米"), ("方公里", "平方公里"), ("台", "平台"), ("日", "近日")} <= gaps
    assert all(seed.text[gap.span[0] : gap.span[1]] == gap.quote for gap in seed.lost)


def test_the_plan_in_numbers_is_a_tree(seed, published):
    (plan,) = [structure for structure in seed.structures if "123456" in structure.name]
    assert {branch.name: list(branch.items) for branch in plan.branches} == published["strategy_123456"]


def test_events_come_out_with_place_and_day(seed, published):
    lacking = []
    for event in published["events"]:
        words = event["name"].replace("“", "").replace("”", "")
        wanted = [words[i : i + 5] for i in range(len(words) - 4)]
        visits = event.get("visits", [])
        hit = [
            one
            for one in seed.events
            if any(piece in one.name.replace("“", "").replace("”", "") for piece in wanted)
            or (one.kind == "考察" and all(place in one.name for place in event["place"].split("、")))
        ]
        ok = any((event["date"] or "") == one.period and event["place"] in (one.place or one.name) for one in hit)
        seen = {name for one in seed.events if one.kind == "考察" for name in one.objects}
        if not ok or not set(visits) <= seen:
            lacking.append(event["name"])
    assert lacking == []


def test_platforms_designations_and_landings_come_out(seed, published):
    names = "\n".join(f"{event.kind} {event.name} {event.period}" for event in seed.events)
    for name in (
        "苏州高新区-深圳科技金融创新中心",
        "腾讯(苏州)数字产业基地",
        "深圳智信智能装备基地长三角创新中心",
        "苏州深潜大运河中心",
    ):
        assert name in names
    for line in published["designations"][2:]:
        assert line in names
    assert "1990" in names
    assert "全国首批国家级高新区 1992" in names
    for name in ("克诺尔", "西门子", "赛默飞", "中检集团苏州产业基地", "南京大学苏州校区", "太湖健康工程研究院"):
        assert name in names


def test_people_have_titles_and_words(seed):
    assert {(person.name, person.organisation) for person in seed.people} >= {
        ("刘玉兰", "中国生产力促进中心协会"),
        ("毛伟", "苏州高新区"),
        ("王石", "万科集团"),
        ("李黔", "比亚迪集团"),
    }
    assert any(saying.speaker == "毛伟" and "100亿元母基金" in saying.quote for saying in seed.sayings)


def test_related_headlines_are_not_the_article(seed):
    tail = seed.text.index("猜你喜欢")
    assert all(claim.span[1] <= tail for claim in seed.claims)
    assert any(aside.span == (tail, len(seed.text)) for aside in seed.asides)


def test_every_quote_is_its_slice(seed):
    for one in (*seed.claims, *seed.events, *seed.people, *seed.sayings, *seed.structures):
        assert seed.text[one.span[0] : one.span[1]] == one.quote
