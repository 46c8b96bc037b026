"""`wotu rules repl` at a terminal of its own: names that stay, a rule loaded, completion, history, and mistakes said."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from wotu.rulebook.cli.repl import Session

from .conftest import HIGH_TECH, RULES


def said(*lines: str) -> list[str]:
    session = Session()
    return [answer for line in lines for answer in session.line(line)]


def test_a_value_comes_with_its_type_and_null_with_its_reason() -> None:
    assert said("1 + 2") == ["3（number）"]
    assert said('date("2024-02-30")')[0].startswith("null\n原因：")


def test_names_stay_and_may_be_unknown() -> None:
    assert said("年收入 = 120", "年收入 > 100") == ["年收入 = 120", "true（boolean）"]
    assert said("得分 = ?", "得分 > 60 or true", "得分 > 60")[1:] == [
        "true（boolean）",
        '未知，可能是 {"values": [true, false, null]}',
    ]
    assert said("x = 3", "(x = 3)", "x >= 3")[1:] == ["true（boolean）", "true（boolean）"]
    assert said("f = function(a) a * 2", "f(4)")[1:] == ["8（number）"]


def test_types_and_names_are_listed() -> None:
    assert said(':type @"2024-01-01"', "a b = 1", ":names") == ["date", "a b = 1", "a b = 1"]
    assert said(":tpye 1") == ["没有命令“:tpye”。是不是 :type？"]


def test_a_rules_inputs_are_given_one_by_one() -> None:
    rule = RULES / "小型微利企业.dmn"
    found = said(
        f"load {rule}", "应纳税所得额", "年应纳税所得额 = 2000000", "应纳税所得额", "年应纳税所得额 = ?", "应纳税所得额"
    )
    assert found[0].startswith("已装入“小型微利企业”：4 个输入，6 个决策")
    assert [each.split("，")[0] for each in found[1:]] == [
        "未知",
        "年应纳税所得额 = 2000000",
        "true（boolean）",
        "年应纳税所得额 = 未知",
        "未知",
    ]


def test_a_rules_functions_can_be_called() -> None:
    assert said(f"load {HIGH_TECH}", "三年平均增长率(100, 110, 121)")[1] == "0.1（number）"


def test_completion_knows_names_built_ins_and_words() -> None:
    session = Session()
    session.own["first name"] = 1
    assert session.completions("string l") == ["string length("]
    assert session.completions("1 + string le") == ["string length("]
    assert session.completions("upper(first n") == ["first name"]
    assert "some" in session.completions("so")
    assert session.completions(":ty") == [":type "]


@pytest.fixture
def terminal(tmp_path: Path):  # type: ignore[no-untyped-def]
    """A repl at a terminal; `send` types and gives what came back up to the next prompt."""
    master, slave = pty.openpty()
    env = {**os.environ, "XDG_STATE_HOME": str(tmp_path), "TERM": "dumb", "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8"}
    process = subprocess.Popen(
        [sys.executable, "-m", "wotu.rulebook", "repl"],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=env,
        close_fds=True,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # its own terminal: Ctrl-C there reaches it
    )
    os.close(slave)

    def until(mark: str, again: str = "") -> str:
        """What came up to a mark; keys that five seconds say nothing to are pressed `again`."""
        found = b""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            ready, _, _ = select.select([master], [], [], 5)
            if not ready:
                os.write(master, again.encode())
            else:
                try:
                    part = os.read(master, 4096)
                except OSError:
                    break
                found += part
                if mark and found.decode(errors="ignore").rstrip().endswith(mark.rstrip()):
                    break
        else:
            pytest.fail(f"no {mark!r} in a minute after: {found.decode(errors='replace')}")
        return found.decode(errors="replace")

    def send(text: str, mark: str = "feel> ", again: str = "") -> str:
        os.write(master, text.encode())
        return until(mark, again)

    until("feel> ")
    yield send, process, tmp_path
    process.kill()
    process.wait()
    os.close(master)


def test_at_a_terminal(terminal) -> None:  # type: ignore[no-untyped-def]
    send, process, home = terminal
    assert "收入 = 3" in send("收入 = 3\n")
    assert "6（number）" in send("收入 *\\\n", "... ") + send("2\n")
    assert "3（number）" in send("max(1,\n", "... ") + send("3)\n")
    assert "这里多出了" in send("收入 ≥ 3\n")
    assert "3（number）" in send('string l\t"abc")\n')
    send("1 + ", "1 +")
    # Python sees a signal that comes just before it waits for a key only with the next one.
    assert "1 +" not in send("\x03", again="\x03").splitlines()[-1]
    assert "9（number）" in send("收入 * 3\n")
    send("\x04", "")
    assert process.wait(timeout=30) == 0
    assert "收入 = 3" in (home / "wotu" / "feel_history").read_text()
