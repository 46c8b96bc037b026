"""`wotu token USER NAME`: make an API token and print it once."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from wotu.registers import tokens


class Command(BaseCommand):
    help = "为一个用户建立接口令牌，只显示一次"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="登录名")
        parser.add_argument("name", help="用途，如“统计平台”；同名令牌会被替换")
        parser.add_argument("--days", type=int, help="有效天数，不给则长期有效")

    def handle(self, *args: Any, **options: Any) -> None:
        user = get_user_model().objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"没有登录名为“{options['user']}”的用户。")
        until = timezone.now() + timedelta(days=options["days"]) if options["days"] else None
        self.stdout.write(tokens.issue(user, options["name"], until))
