"""Numbers that both forms of the kernels share.

They are constants of compiled loops, which numba keeps in files and makes anew only where the file
of the loop changes: after a change here, delete `kernels/__pycache__`.
"""

BLOCK = 1 << 14  # years of one stream of words
TILE = 1 << 10  # words that are made at once: part l of counter i is word l * TILE / 4 + i
LANES = 4  # partial sums of a year's events: event j is added to lane j mod 4
AT_ONCE = 1 << 18  # events that are in memory at once

# A quantile table: the chance of being on this side of a belief's median halves from octave to
# octave, and each octave has equal cells.
CELL_BITS = 5
CELLS = 1 << CELL_BITS  # in an octave
DEEPEST = 40  # octaves; one more cell holds all that lies beyond, a chance of 2^-41
SIDE = DEEPEST * CELLS + 1  # cells of one side

GUIDE_BITS = 10  # a count is looked for from where the first bits of its word say
