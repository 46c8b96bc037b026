"""`wotu serve`: the desk and its background worker, side by side until Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from wotu.registers import jobkinds


class Command(BaseCommand):
    help = "启动工作台与后台任务（Ctrl-C 停止）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000), help="端口，默认 8000")
        parser.add_argument("--host", default="127.0.0.1", help="监听地址，默认只在本机")
        parser.add_argument("--threads", type=int, default=8, help="网页线程数")
        parser.add_argument("--no-worker", action="store_true", help="不带后台任务（另行运行 wotu db_worker 时）")

    def handle(self, *args: Any, **options: Any) -> None:
        import waitress

        from wotu.site.wsgi import application

        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise CommandError("数据库结构还没有更新，请先运行 wotu migrate。")
        host, port = options["host"], options["port"]
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise CommandError(
                    f"端口 {port} 用不了（{error.strerror}），多半已有程序在用。换一个端口再运行，例如 make demo PORT={port + 1} "
                    f"或 wotu serve --port {port + 1}。"
                ) from None
        worker = None
        if not options["no_worker"]:
            if resumed := jobkinds.resume_orphans():
                self.stdout.write(f"上次被中断的 {resumed} 项任务接着做。")
            worker = subprocess.Popen([sys.executable, "-m", "wotu.site.command", "db_worker", "--interval", "1"])
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        self.stdout.write(f"沃土已启动：http://{host}:{port}/  （Ctrl-C 停止）")
        self.stdout.flush()
        try:
            waitress.serve(application, host=host, port=port, threads=options["threads"], ident="wotu", _quiet=True)
        finally:
            if worker is not None:
                worker.terminate()
                try:
                    worker.wait(timeout=10)
                except subprocess.TimeoutExpired:
                    worker.kill()
