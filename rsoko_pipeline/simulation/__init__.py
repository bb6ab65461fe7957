"""A region that never existed, with known truth, written in the real file formats.

``model.simulate_works`` gives arrays (for calibrations and tests), ``landing.simulate`` gives files.
"""
