"""The lines of people, projects and risks."""

from collections.abc import Mapping

from tests.table.lines.line import Line, clocks
from tests.table.oracle import arrivals, people, projects, surveys
from tests.table.oracle.facts import (
    Oracle,
    in_utc,
    mean,
    mean_of_members,
    never_too_late,
    of_24_hours,
    ratio,
    seconds,
    share_of_order,
)

_PERIODS = ("week", "month", "quarter", "year")
_trainings = mean(people.trainings)
_goals = mean(people.goals)
_progress = ratio(mean(people.progress), lambda *_: 100)
_content = mean(surveys.rated_by_employees)
_milestones = mean(people.milestones)
_tasks = seconds(mean(people.tasks))
_projects = seconds(mean(projects.completions))


def _dated(right: Oracle) -> Mapping[str, Oracle]:
    """Wrong, where all is dated by the end of a day: hours that are added at midnight make no difference."""
    return {"days of Greenwich": in_utc(right), "far too late": never_too_late(right)}


PEOPLE = (
    Line(
        "training_completion_rate",
        ("team", "department"),
        _trainings,
        {
            **_dated(_trainings),
            "days that end in Greenwich": mean(people.trainings_in_greenwich),
            "whenever completed": mean(people.trainings_whenever_completed),
            "those withdrawn": mean(people.trainings_with_withdrawn),
            "an exclusive deadline": mean(people.trainings_exclusively),
        },
        (),
        periods=_PERIODS,
    ),
    Line(
        "goal_attainment",
        ("team", "department"),
        _goals,
        {
            **_dated(_goals),
            "whenever met": mean(people.goals_whenever_met),
            "those withdrawn": mean(people.goals_with_withdrawn),
            "an exclusive deadline": mean(people.goals_exclusively),
        },
        (),
        periods=_PERIODS,
    ),
    Line(
        "goal_progress",
        ("team", "department"),
        _progress,
        {
            **_dated(_progress),
            "as it was said": ratio(mean(people.progress_as_said), lambda *_: 100),
            "of those spoken of": ratio(mean(people.progress_of_those_spoken_of), lambda *_: 100),
            "at any time": ratio(mean(people.progress_at_any_time), lambda *_: 100),
        },
        (),
        periods=_PERIODS,
    ),
    Line(
        "employee_satisfaction",
        ("team", "segment"),
        _content,
        {
            "days of Greenwich": in_utc(_content),
            "customers": mean(surveys.rated),
            "a mean of members": mean_of_members(_content, "team", surveys.rated_by_employees),
        },
        (),
        to_date=False,
        periods=_PERIODS,
    ),
    Line(
        "enps",
        ("segment",),
        surveys.enps,
        {
            "days of Greenwich": in_utc(surveys.enps),
            "all answers": surveys.enps_of_all_answers,
            "customers": surveys.nps,
        },
        (),
        to_date=False,
        periods=_PERIODS,
    ),
    Line(
        "milestone_completion_rate",
        (),
        _milestones,
        {
            **_dated(_milestones),
            "whenever reached": mean(people.milestones_whenever_reached),
            "those given up": mean(people.milestones_with_cancelled),
            "by the moved date": mean(people.milestones_by_moved_date),
        },
        (),
        {"days_moved": mean(people.days_moved)},
        periods=_PERIODS,
    ),
    Line(
        "task_completion_time",
        ("team",),
        _tasks,
        {
            **clocks(_tasks),
            "those given up": seconds(mean(people.tasks_with_cancelled)),
            "each time": seconds(mean(people.tasks_each_time)),
            "an exclusive horizon": seconds(mean(people.tasks_to_the_day)),
        },
        ("24h",),
        {"p90": seconds(share_of_order(people.tasks, 0.9))},
    ),
    Line(
        "risk_exposure",
        ("project_id",),
        people.risk_exposure,
        {
            **clocks(people.risk_exposure),
            "as it was opened": people.exposure_as_opened,
            "closed ones as well": people.exposure_of_all,
        },
    ),
    Line(
        "schedule_delay",
        (),
        projects.schedule_delay,
        {
            "days of Greenwich": in_utc(projects.schedule_delay),
            "days of 24 hours": of_24_hours(projects.schedule_delay),
            "by the moved date": projects.delay_by_moved_dates,
            "reached ones as well": projects.delay_of_all,
            "on average": projects.delay_on_average,
        },
    ),
    Line(
        "project_completion_time",
        (),
        _projects,
        {
            "each milestone": seconds(mean(projects.completions_of_each_milestone)),
            "since the last start": seconds(mean(projects.completions_since_the_last_start)),
        },
        (),
        to_date=False,
        periods=("month", "quarter", "year"),
    ),
    Line(
        "mitigation_progress",
        ("project_id",),
        projects.mitigation_progress,
        {
            "days of Greenwich": in_utc(projects.mitigation_progress),
            "of open risks": projects.progress_of_open_risks,
            "of all risks": projects.progress_of_all_risks,
            "dropped ones as well": projects.progress_with_dropped,
        },
    ),
    Line(
        "data_quality",
        ("stream",),
        arrivals.spoilt,
        {
            "what comes again": arrivals.spoilt_by_lateness,
            "what comes too late": arrivals.spoilt_by_repetition,
            "of what counts": arrivals.spoilt_of_what_counts,
            "of all streams": arrivals.spoilt_in_all_streams,
        },
        (),
        to_date=False,
        of_arrivals=True,
        members={"stream": arrivals.STREAMS},
    ),
)
