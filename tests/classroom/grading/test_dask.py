"""Submissions that run on the workers of a Dask cluster, one of which is killed on the way."""

from __future__ import annotations

import shutil
import threading
import time

import pytest
from nbgrader.api import Gradebook
from small_course import NUMBERS, attempt, make_course, submit

from unet_tutorial.classroom.grading import batch
from unet_tutorial.classroom.nbgrader_config import load_config, open_course

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("ignore")
STUDENTS = {
    "right": attempt(),
    "wrong": attempt(solution_2_1="answer = 41"),
    "slow": attempt(solution_2_1="import time; time.sleep(3)\nanswer = 42"),
    "slower": attempt(solution_2_1="import time; time.sleep(4)\nanswer = 42"),
}


def kill_when_busy(cluster, victim) -> None:
    """Kill a worker as soon as it runs a submission."""
    for _ in range(600):
        busy = [each for each in cluster.scheduler.workers.values() if each.processing]
        if any(each.address == victim.worker_address for each in busy):
            break
        time.sleep(0.1)
    victim.process.process._process.kill()


def test_a_worker_that_is_killed_changes_no_marks(tmp_path, monkeypatch):
    root = make_course(tmp_path / "course")
    assert open_course(load_config(root)).generate_assignment(NUMBERS)["success"]
    for student, made in STUDENTS.items():
        submit(root, student, made)
    recorded = []
    record = batch._Batch._record

    def count(self, task, data):
        recorded.append(task[0])
        record(self, task, data)

    monkeypatch.setattr(batch._Batch, "_record", count)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        victim = next(iter(cluster.workers.values()))
        killer = threading.Thread(target=kill_when_busy, args=(cluster, victim))
        killer.start()
        found = batch.grade(root, dask=cluster.scheduler_address)
        killer.join()
    assert {each.student: each.points for each in found} == {
        "right": 6, "wrong": 5, "slow": 6, "slower": 6,
    }  # fmt: skip
    assert sorted(recorded) == sorted(STUDENTS)
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        assert len(gradebook.find_assignment(NUMBERS).submissions) == len(STUDENTS)
    shutil.rmtree(root)
