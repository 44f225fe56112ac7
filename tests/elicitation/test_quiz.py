"""The shipped quiz, its reader, and what its answers say."""

import json

import pytest

from workbench.elicitation import Question, score_quiz
from workbench.errors import WorkbenchError
from workbench.files.messages import FileRefused
from workbench.files.quiz import read_quiz
from workbench.resources import quiz

ROW = {
    "id": "Q-1",
    "kind": "number",
    "text": "How many?",
    "truth": 7,
    "unit": "things",
    "source": "a book",
    "date": "2020",
}


@pytest.fixture
def written(tmp_path):
    def write(*rows, **more):
        path = tmp_path / "quiz.json"
        path.write_text(json.dumps({"questions": list(rows)} | more), encoding="utf-8")
        return path

    return write


def test_the_shipped_quiz_is_read_whole():
    questions = read_quiz(quiz())
    assert len(questions) == len({q.text for q in questions}) == 20
    kinds = [q.kind for q in questions]
    assert (kinds.count("number"), kinds.count("statement")) == (12, 8)
    statements = [q.truth for q in questions if q.kind == "statement"]
    assert 2 < sum(statements) < 6  # always saying yes, or always no, earns nothing
    assert all(q.unit for q in questions if q.kind == "number")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"truth": "7"}, "row 1: truth: not a number, got '7'"),
        ({"truth": True}, "row 1: truth: not a number, got 'true'"),
        ({"truth": 0}, "a question has a truth"),
        ({"kind": "riddle"}, "a question is of a known kind"),
        ({"kind": "statement", "truth": 0.5}, "a question has a truth"),
        ({"source": " "}, "has an id, a text, a source and a date"),
        ({"text": 3}, "row 1: text: not a text, got '3'"),
        ({"hint": "x"}, "row 1: hint: unknown field"),
    ],
)
def test_a_faulty_question_is_refused_with_its_row(written, change, message):
    with pytest.raises(FileRefused) as caught:
        read_quiz(written(ROW | change))
    assert message in caught.value.messages[0]


def test_a_missing_field_a_repeated_id_and_another_shape_are_refused(written):
    short = {name: value for name, value in ROW.items() if name != "date"}
    with pytest.raises(FileRefused, match="row 1: date: missing"):
        read_quiz(written(short))
    with pytest.raises(FileRefused, match="row 2: id: stands twice"):
        read_quiz(written(ROW, ROW))
    with pytest.raises(FileRefused, match="a mapping with just questions"):
        read_quiz(written(ROW, more=1))
    with pytest.raises(FileRefused, match="a question is a mapping"):
        read_quiz(written("x"))


def test_perfect_and_absurd_answers_are_told_apart():
    questions = read_quiz(quiz())
    numbers = {q.id: q.truth for q in questions if q.kind == "number"}
    truths = {q.id: q.truth for q in questions if q.kind == "statement"}
    good = score_quiz(questions, {k: (0.9 * v, 1.1 * v) for k, v in numbers.items()}, truths)
    assert good.ranges.share == good.weight / 4 == 1
    assert good.chances.score == 0
    assert good.relative_interval_score == pytest.approx(0.2)
    bad = score_quiz(
        questions,
        {k: (2 * v, 3 * v) for k, v in numbers.items()},
        {k: 1 - v for k, v in truths.items()},
    )
    assert (bad.ranges.hits, bad.weight, bad.chances.score) == (0, 1, 1)
    assert "too narrow" in bad.words()
    assert "no better than always saying 50%" in bad.words()
    assert "cannot be told apart from calibrated" in good.words()


def test_answers_to_no_question_are_refused():
    question = Question(**ROW)
    with pytest.raises(WorkbenchError, match="each answer belongs to a question"):
        score_quiz((question,), {"Q-2": (1, 2)}, {})
    with pytest.raises(WorkbenchError, match="each answer belongs to a question"):
        score_quiz((question,), {}, {"Q-1": 0.5})
    with pytest.raises(WorkbenchError, match="a quiz has answers"):
        score_quiz((question,), {}, {})
    assert score_quiz((question,), {"Q-1": (1, 9)}, {}).chances is None
