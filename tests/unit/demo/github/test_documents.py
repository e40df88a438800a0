"""What the sample company wrote on GitHub shows what GitHub can show."""

from __future__ import annotations

from slackbot.demo.company.people import EMPLOYEE
from slackbot.demo.company.repositories import issues

ISSUES = issues()
CHANGES = [issue.change for issue in ISSUES if issue.change is not None]


def test_reviewers_speak_of_lines_of_files_that_are_changed() -> None:
    remarks = 0
    for change in CHANGES:
        paths = {file.path for file in change.files}
        for review in change.reviews:
            assert {remark.path for remark in review.remarks} <= paths
            remarks += len(review.remarks)
    assert remarks >= 5


def test_only_what_is_closed_has_a_reason() -> None:
    assert all(issue.state == "closed" for issue in ISSUES if issue.reason is not None)
    assert {issue.reason for issue in ISSUES} == {None, "completed", "not_planned"}


def test_work_is_given_to_people_of_the_company_and_planned() -> None:
    assigned = {person for issue in ISSUES for person in issue.assignees}
    assert assigned
    assert assigned <= EMPLOYEE.keys()
    assert any(issue.milestone for issue in ISSUES)


def test_there_is_a_draft_and_a_file_under_a_new_name() -> None:
    assert [change.branch for change in CHANGES if change.draft] == ["pay-319-alert"]
    moved = [file for change in CHANGES for file in change.files if file.previous is not None]
    assert [file.status for file in moved] == ["renamed"]
