"""Django settings: an embedded SQLite zone by default, PostgreSQL and the rest by environment variables (docs/deploy.md)."""

from __future__ import annotations

import os
from pathlib import Path

from django.core.management.utils import get_random_secret_key
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

HERE = Path(__file__).resolve().parent
VAR = Path(os.environ.get("WOTU_VAR", HERE.parent.parent / "var")).resolve()
"""Where this zone keeps its database, lake, uploads and secret."""

DEBUG = os.environ.get("WOTU_DEBUG") == "1"
ALLOWED_HOSTS = os.environ.get("WOTU_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("WOTU_ORIGINS", "").split(",") if o]


def _secret() -> str:
    """The signing secret: from the environment, else made once and kept in WOTU_VAR, readable by its owner only."""
    if given := os.environ.get("WOTU_SECRET_KEY"):
        return given
    file = VAR / "secret"
    if not file.exists():
        VAR.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(get_random_secret_key())
    return file.read_text()


SECRET_KEY = _secret()

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "ninja",
    "django_tasks",
    "django_tasks_db",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "wotu.registers",
    "wotu.registry",
    "wotu.policy",
    "wotu.intel",
    "wotu.cockpit",
    "wotu.site",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "wotu.site.urls"
WSGI_APPLICATION = "wotu.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wotu.site.shell.context",
            ],
        },
    }
]

_postgres = os.environ.get("WOTU_DATABASE", "")
if _postgres:
    from urllib.parse import unquote, urlsplit

    _url = urlsplit(_postgres)
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(_url.path.lstrip("/")),
            "USER": unquote(_url.username or ""),
            "PASSWORD": unquote(_url.password or ""),
            "HOST": _url.hostname or "",
            "PORT": str(_url.port or ""),
            "CONN_MAX_AGE": 60,
        }
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": VAR / "wotu.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY;",
            },
        }
    }

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = "/"
CSRF_FAILURE_VIEW = "wotu.site.errors.forged"

ZONE_NAMES = tuple(filter(None, os.environ.get("WOTU_ZONE", "苏州高新区,苏州国家高新技术产业开发区").split(",")))
"""What articles call this zone: a figure about one of these is about us."""

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [HERE.parent / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [HERE / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_ROOT = VAR / "files"
MEDIA_URL = "files/"
LAKE = VAR / "lake"
"""Folder of the Parquet lake: facts/, profile/, screening/."""

FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "SAMEORIGIN"
if os.environ.get("WOTU_HTTPS") == "1":
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True

UNFOLD = {
    "SITE_TITLE": "沃土",
    "SITE_HEADER": "沃土",
    "SITE_SUBHEADER": _("科技园区工作台"),
    "SITE_URL": None,
    "SITE_SYMBOL": "potted_plant",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("site/icon.svg")}],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "THEME": "light",
    "BORDER_RADIUS": "6px",
    "STYLES": [lambda request: static("site/desk.css")],
    "SCRIPTS": [lambda request: static("site/desk.js")],
    "ENVIRONMENT": "wotu.site.zone.demo_mark",
    "SIDEBAR": {"navigation": "wotu.site.shell.navigation"},
    "COLORS": {
        "base": {
            "50": "250 250 247",
            "100": "244 245 239",
            "200": "226 228 220",
            "300": "204 207 195",
            "400": "155 160 144",
            "500": "95 100 89",
            "600": "74 78 68",
            "700": "58 62 52",
            "800": "44 47 38",
            "900": "34 37 28",
            "950": "22 24 18",
        },
        "primary": {
            "50": "247 248 240",
            "100": "236 239 220",
            "200": "217 224 187",
            "300": "190 201 143",
            "400": "160 173 101",
            "500": "128 142 70",
            "600": "104 117 52",
            "700": "83 93 43",
            "800": "68 76 38",
            "900": "57 63 34",
            "950": "31 35 16",
        },
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": os.environ.get("WOTU_LOG", "WARNING")},
}
