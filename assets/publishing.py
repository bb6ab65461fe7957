"""What the assets that write reports share: names of folders, the moment, what the UI shows of written files.

Belongs here: helpers of several publishing modules. Does not belong here: assets.
"""

import hashlib
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import dagster as dg

from assets.plan import Plan


def folder_of(year: str) -> str:
    """A school year as a folder's name: «2025-2026»."""
    return year.replace("/", "-")


def safe(code: str) -> str:
    """A school's code as a folder's name; a code with anything unusual in it becomes a hash, never a path."""
    return code if re.fullmatch(r"[A-Za-z0-9_]{1,40}", code) else hashlib.sha256(code.encode()).hexdigest()[:16]


def moment(plan: Plan) -> datetime:
    """Now, in the region's time."""
    return datetime.now(ZoneInfo(plan.cfg.region.timezone))


def show(context: dg.AssetExecutionContext, year: str, asset: str, paths: list[str]) -> None:
    """Let the UI show how many files a year's report is, and the first of them."""
    context.add_asset_metadata(
        {"файлов": len(paths), "первые": dg.MetadataValue.json(paths[:10])},
        asset_key=["reports", asset],
        partition_key=year,
    )
