"""Right answers pass in every form and in every style, unless the task names the type."""

import pytest
from answers import load_answers, reference_answers, to_arguments
from forms import NAMED, list_forms
from restyle import find_refused

from unet_tutorial.teaching.checks import EXERCISES, progress_store

NUMBERS = list(EXERCISES)


@pytest.fixture(autouse=True)
def empty_progress(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(progress_store, "_REMEMBERED", {})


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_and_sequences_pass_in_every_form(number):
    answers = reference_answers(number) or to_arguments(load_answers()[number].right[0])
    check, refused = EXERCISES[number].load_check(), []
    for place, answer in enumerate(answers):
        for form, changed in list_forms(number, answer):
            try:
                check(*answers[:place], changed, *answers[place + 1 :])
            except AssertionError as error:
                refused.append(f"answer {place} as {form}: {error}")
    assert not refused, "\n".join(refused)


def test_a_named_type_has_its_reason():
    assert set(NAMED) <= set(EXERCISES)
    assert all(forms and len(why) > 10 for forms, why in NAMED.values())


@pytest.mark.mutants
@pytest.mark.parametrize("number", NUMBERS)
def test_right_answers_pass_in_other_styles(number):
    refused, _ = find_refused(number)
    assert refused == []
