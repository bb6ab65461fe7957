"""``python -m rsoko_pipeline.cli``: the same as ``rsoko``."""

from rsoko_pipeline.cli import main

main()
