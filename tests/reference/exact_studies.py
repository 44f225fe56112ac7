"""Reference figures of the studies of `exact_recipes`, by the plain means of `exact_plain`.

    python tests/reference/exact_studies.py FILE [first] [last]

writes a line for each study: its number, recipe, figures, and the error of each figure. The lines
that are there are kept, so that it goes on where it was stopped. All take about a quarter of an
hour on one core.
"""

import json
import math
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from exact_curve import Curve
from exact_events import Event
from exact_plain import LEVELS, POINTS, TAILS, closed_moments, known_shares, no_loss, year
from exact_recipes import recipes

EXACT = 1e-12  # of a figure in closed form
ON_ASSET = 3e-7  # of a quantile or tail with unknown shares of an asset: its nodes, against others
ON_LINE = 1e-8  # of a quantile: it is read between lattice points along straight lines
RARE = 1e-7  # chance of a year of which twice as much is never lost
STEPS = (4, 2, 1)  # the lattices, in units of the finest


def unit(study):
    """Return the amount of which all single values above 0 are whole multiples, if any."""
    values = []
    for plan in study["plans"]:
        if plan.get("on_asset"):
            continue
        if plan["severity"]["type"] == "point" and "terms" not in plan and len(values) < 99:
            values.append(plan["severity"]["value"])
            continue
        values += [v for v in Event(plan["severity"], plan.get("terms")).points() if v > 0]
    values += [v for plan in study["plans"] for v in plan.get("annual", ()) if v > 0]
    return math.gcd(*(round(v) for v in values)) if values else None


def is_lattice(study):
    """Whether every event costs a single value."""
    return all(
        plan["severity"]["type"] == "point" and not plan.get("on_asset") and "secondary" not in plan
        for plan in study["plans"]
    )


def curves(study, top, cells, steps):
    """Return the year on lattices of `cells` points and fewer that reach about to `top`."""
    h = top / cells
    size = unit(study)
    if size is not None and is_lattice(study):
        cells = min(1 << math.ceil(math.log2(top / size + 2)), cells)
        h = size if size * cells > 0.9 * top else h
        return [Curve(h, *year(study, h, cells))]
    if size is not None:
        parts = size / h
        h = size / (2 ** math.floor(math.log2(parts))) if parts >= 2 else h
        # a power of two of lattice points within the unit, and no fewer cells than reach the top
        while parts >= 2 and h * cells < top:
            h *= 2
    return [Curve(n * h, *year(study, n * h, cells // n)) for n in steps]


def extrapolated(values):
    """Figures at 4h, 2h and h to one at 0, with the error of it."""
    if len(values) == 1:
        return values[0], EXACT * abs(values[0])
    coarse, middle, fine = values
    one, two = (4 * middle - coarse) / 3, (4 * fine - middle) / 3
    return two, 2 * abs(two - one) + EXACT * abs(two)


def read_quantile(values):
    """Quantiles on three lattices to one, with its error; a single value is the same on all."""
    value, error = extrapolated(values)
    is_single = max(values) - min(values) <= EXACT * value
    return [value, error + (0.0 if is_single else ON_LINE * value)]


def near_quantile(study, level, mean):
    """Return about the quantile, or 0, on small lattices."""
    if no_loss(study) >= level:
        return 0.0
    top = 4 * mean
    for _ in range(80):
        found = curves(study, top, 1 << 13, (1,))[0].quantile(level)
        if found is None:
            top *= 4
        elif found > top / 8 or top < 1e-6 * mean:
            return found
        else:
            top = max(2.5 * found, top / 64)
    raise ArithmeticError(study)


def figures(study, points=POINTS):
    """Return the figures of a study, each with its error."""
    mean, variance = closed_moments(study)
    free = no_loss(study)
    annual = study["plans"][0].get("annual")
    if annual is not None:
        return capped(study, mean, *annual, points)
    found = {"mean": mean, "sd": math.sqrt(variance), "prob_no_loss": free}
    told = {name: [value, EXACT * value] for name, value in found.items()}
    if not math.isfinite(variance):
        told["sd"] = None
    made = {}
    for name, level in sorted({**LEVELS, **TAILS}.items(), key=lambda pair: -pair[1]):
        if level not in made:
            made[level] = at_level(study, level, mean, made, points)
        told[name] = made[level][name.startswith("tvar")]
        if "asset" in study and not known_shares(study):
            told[name][1] += ON_ASSET * told[name][0]
    return told


def at_level(study, level, mean, made, points):
    """VaR and TVaR at a level, each with its error; `made` has lattices of higher levels."""
    near = near_quantile(study, level, mean)
    if near == 0:
        return [0.0, 0.0], [mean / (1 - level), EXACT * mean / (1 - level)], None, None
    for *_, top, known in made.values():
        if known is not None and near > top / 12:
            break
    else:
        top = 2 * near
        known = curves(study, top, points // 2, STEPS)
    values = [curve.quantile(level) for curve in known]
    tails = [
        value + (mean - value + curve.shortfall(value)) / (1 - level)
        for value, curve in zip(values, known, strict=True)
    ]
    return read_quantile(values), list(extrapolated(tails)), top, known


def capped(study, mean, deductible, limit, points):
    """Figures of a year under a deductible and a limit.

    Each is read off lattices of its own reach: moments off those that hold all that a year brings
    within the terms, quantiles and their tails off those that fit them.
    """
    end = deductible + limit
    far = near_quantile(study, 1 - RARE, mean)
    last = min(end, max(2 * far, 1.5 * deductible))
    made = {"all": curves(study, 2 * last, points // 2, STEPS)}
    rows = [capped_moments(curve, mean, deductible, last) for curve in made["all"]]
    told = {name: list(extrapolated([row[name] for row in rows])) for name in rows[0]}
    for name, level in {**LEVELS, **TAILS}.items():
        if level not in made:
            near = near_quantile(study, level, mean)
            fits = deductible < near < last / 8
            made[level] = curves(study, 2 * near, points // 2, STEPS) if fits else made["all"]
        value, tail = capped_at(made[level], made["all"], mean, level, (deductible, last, end))
        told[name] = tail if name.startswith("tvar") else value
    return told


def premium(curve, mean, x):
    """E[(L - x)+]."""
    return mean - x + curve.shortfall(x)


def capped_moments(curve, mean, deductible, last):
    """Read the mean, the deviation and P(no loss) off one lattice, no loss being beyond `last`."""
    whole = premium(curve, mean, deductible) - premium(curve, mean, last)
    spread = max(curve.variance_within(deductible, last) - whole**2, 0.0)
    return {"mean": whole, "sd": math.sqrt(spread), "prob_no_loss": curve.chance(deductible)}


def capped_at(near, wide, mean, level, ends):
    """VaR and TVaR at a level, each with its error, off lattices near it and wide ones."""
    deductible, last, end = ends
    values, tails = [], []
    for curve, all_of_it in zip(near, wide, strict=True):
        value = curve.quantile(level)
        value = end if value is None else min(max(value, deductible), end)
        beyond = premium(all_of_it, mean, last)
        rest = 0.0 if value >= last else premium(curve, mean, value) - beyond
        values.append(value - deductible)
        tails.append(value - deductible + rest / (1 - level))
    return read_quantile(values), list(extrapolated(tails))


def main(path, first=0, last=None):
    """Compute the studies from `first` to before `last` that have no line in the file."""
    file = Path(path)
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    known = {json.loads(line)["number"] for line in text.splitlines()}
    with file.open("a", encoding="utf-8") as lines:
        for number, recipe in list(enumerate(recipes()))[first:last]:
            if number not in known:
                points = POINTS // 2 if "asset" in recipe else POINTS
                row = {"number": number, "points": points, "recipe": recipe}
                lines.write(json.dumps({**row, "figures": figures(recipe, points)}) + "\n")
                lines.flush()


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
