"""Known answers of R packages and of published analyses, and the Romanian baccalaureate.

The files lie beside the repository (``../shared/data``), each under its own licence, and are never copied into it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rsoko_pipeline.objectivity import assess, random_intercept
from rsoko_pipeline.objectivity.agreement import agreement
from rsoko_pipeline.objectivity.combination import benjamini_hochberg
from rsoko_pipeline.objectivity.guttman import guttman
from rsoko_pipeline.objectivity.mantel_haenszel import common_odds
from rsoko_pipeline.objectivity.signs.bunch_region import jumps
from rsoko_pipeline.objectivity.signs.jump import regress

DATA = Path(__file__).resolve().parents[3].parent / "shared" / "data"
REFERENCE, AJC, ROMANIA = DATA / "reference", DATA / "ajc_new_mexico", DATA / "ro_bac"


def _needs(folder: Path) -> pytest.MarkDecorator:
    name = f"shared/data/{folder.name}"
    return pytest.mark.skipif(not folder.is_dir(), reason=f"the data set {name} is not beside the repository")


pytestmark = pytest.mark.reference


@_needs(REFERENCE)
@pytest.mark.parametrize(
    ("case", "most", "columns"),
    [
        ("case1_personfit_inadequacy", 1, ("G", "Gnormed", "U3")),
        ("case1_personfit_intelligence", 1, ("G", "Gnormed", "U3")),
        ("case1_personfit_poly_physfunc", 2, ("Gpoly", "Gnormed.poly", "U3poly")),
    ],
)
def test_person_fit_is_that_of_perfit(case: str, most: int, columns: tuple[str, str, str]) -> None:
    scores = pd.read_csv(REFERENCE / case / "responses.csv").to_numpy()
    expected = pd.read_csv(REFERENCE / case / "expected_perfit.csv")
    found = guttman(scores, most)
    row = expected["row"].to_numpy() - 1
    np.testing.assert_array_equal(found.errors[row], expected[columns[0]])
    # PerFit gives 0 where the total leaves no choice; here that is «not known».
    total = scores.sum(axis=1)[row]
    inner = (total > 0) & (total < most * scores.shape[1])
    assert inner.sum() > 400
    np.testing.assert_allclose(found.normed[row][inner], expected[columns[1]][inner], rtol=0, atol=5.1e-5)
    np.testing.assert_allclose(found.u3[row][inner], expected[columns[2]][inner], rtol=0, atol=5.1e-5)


@_needs(REFERENCE)
def test_agreement_is_that_of_psych_and_irrcac() -> None:
    folder = REFERENCE / "case4_remarking_kappa"
    expected: Any = pd.read_csv(folder / "expected_agreement.csv")
    assert len(expected) == 9
    for row in expected.itertuples():
        pairs = pd.read_csv(folder / f"{row.dataset}_{row.criterion}_pairs.csv")
        found = agreement(pairs["m1"].to_numpy(), pairs["m2"].to_numpy(), int(row.kmin), int(row.kmax))
        assert found.kappa == pytest.approx(row.qwk, abs=1e-6)
        assert found.ac2 == pytest.approx(row.gwet_ac2_quad, abs=1e-5)
        assert found.alpha == pytest.approx(row.kripp_quad, abs=1e-5)
        assert found.exact == pytest.approx(row.exact_agree, abs=1e-9)


@_needs(REFERENCE)
@pytest.mark.parametrize("domain", ["Math", "Read"])
def test_school_effects_are_those_of_lme4(domain: str) -> None:
    folder = REFERENCE / "case8_pisa2009_austria_eb"
    data = pd.read_csv(folder / f"pisa{domain}.csv")
    model = pd.read_csv(folder / f"expected_model_pisa{domain}.csv").set_index("term")["value"]
    effects = pd.read_csv(folder / f"expected_eb_pisa{domain}.csv").set_index("school")
    unit, schools = pd.factorize(data["school"], sort=True)
    x = np.column_stack([np.ones(len(data)), data[["hisei", "female", "migra"]]])
    found = random_intercept.fit(data["score"].to_numpy(dtype=float), x, unit)
    np.testing.assert_allclose(found.beta, model.iloc[:4], atol=1e-4)
    assert found.between == pytest.approx(model["var_school"], abs=1e-3)
    assert found.within == pytest.approx(model["var_resid"], abs=1e-3)
    n = np.bincount(unit)
    effect, error = found.effects(np.bincount(unit, weights=data["score"] - x @ found.beta) / n, n)
    np.testing.assert_allclose(effect, effects.loc[schools, "eb"], atol=1e-3)
    np.testing.assert_allclose(error, effects.loc[schools, "eb_se"], atol=1e-3)


@_needs(REFERENCE)
def test_common_odds_are_those_of_mantelhaen_test() -> None:
    folder = REFERENCE / "case10_mh_dif_fims"
    data = pd.read_csv(folder / "responses.csv")
    expected: Any = pd.read_csv(folder / "expected_mh.csv")
    total = data[expected["item"]].sum(axis=1).to_numpy()
    for row in expected.itertuples():
        found = common_odds(data[row.item].to_numpy() == 1, data["country"].to_numpy() == 2, total)
        assert found is not None
        for ours, theirs in (
            (found.ratio, row.mh_or),
            (found.low, row.lo),
            (found.high, row.hi),
            (found.chi2, row.chi2),
            (found.chi2_corrected, row.chi2_corr),
        ):
            assert ours == pytest.approx(theirs, rel=1e-8)


@_needs(REFERENCE)
def test_q_values_are_those_of_p_adjust() -> None:
    data = pd.read_csv(REFERENCE / "case11_p_adjust.csv")
    np.testing.assert_allclose(benjamini_hochberg(data["p"].to_numpy()), data["BH"], rtol=0, atol=1e-12)


@_needs(AJC)
def test_the_screening_of_new_mexico() -> None:
    data = pd.read_csv(AJC / "nm_ajc_results.csv.gz")
    strata = exact = flagged = 0
    for _, part in data.groupby(["test_year", "subject", "grade"]):
        found = regress(*(part[name].to_numpy(dtype=float) for name in ("ss2", "ss1", "n2", "n1")))
        strata += 1
        two_sided = 2 * np.minimum(found.p, 1 - found.p)
        # One stratum of the forty was published from a fit on other rows.
        if np.abs(found.predicted - part["predicted"]).max() > 6e-6:
            continue
        exact += 1
        np.testing.assert_allclose(found.standardised, part["resid_z"], rtol=0, atol=1e-8)
        np.testing.assert_allclose(found.studentised, part["resid_t"], rtol=0, atol=1e-8)
        np.testing.assert_allclose(two_sided, part["tprob"], rtol=0, atol=1e-7)
        np.testing.assert_array_equal(two_sided < 0.05, part["flagged_t95"] == 1)
        flagged += int((two_sided < 0.05).sum())
    assert (strata, exact) == (40, 39)
    assert flagged == 447 - int(
        data.query("test_year == 2011 and subject == 'read' and grade == 8")["flagged_t95"].sum()
    )


@_needs(ROMANIA)
@pytest.mark.parametrize("year", [2012, 2013])
def test_the_romanian_baccalaureate(year: int) -> None:
    data = pd.read_csv(ROMANIA / f"ro_bac_{year}-09.csv.gz")
    task = {"grade": [12], "task": ["all"], "max_points": [10], "cut3": [5.0]}
    for column in ("romanian_initial", "romanian_final", "profile_initial", "profile_final"):
        known = data.dropna(subset=[column])
        found = jumps(known[column].to_numpy(), (5.0,))
        assert (found.lattice.step, found.lattice.mixed) == (0.1, True), "the mixed lattice is recognised"
        assert found.at(5.0) >= 8
        others = found.z[np.abs(found.score - 5.0) > 0.05]
        assert np.nanmax(others) < 5

        results = pd.DataFrame(
            {
                "school": known["school"],
                "pupil": known["student"],
                "subject": column,
                "grade": 12,
                "primary_score": known[column],
            }
        )
        assessment = assess(results, pd.DataFrame({**task, "subject": [column]}))
        region = assessment.signs.query("sign == 'BUNCH_REGION'")
        assert region["statistic"].tolist() == [pytest.approx(found.at(5.0))]
        assert region["details"].iloc[0]["is_sign"]
        schools = assessment.signs.query("sign == 'BUNCH'")
        assert len(schools) > 1000 and (schools["p"] <= 0.01).mean() <= 0.02
