"""What the tests of the register's commands ask of what a command answered."""

import json


def parsed(done, code=0):
    """Return the JSON of a command that ended so."""
    assert done.exit_code == code, done.stderr
    return json.loads(done.stdout)


def refused(done, *parts):
    """Return the lines of a command that was refused, in which each of these parts stands."""
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.output
    for part in parts:
        assert part in done.stderr
    return done.stderr
