"""The lines of service."""

from tests.table.lines.line import FAST, Line, clocks, everything
from tests.table.oracle import backlog, customers, support, surveys
from tests.table.oracle.facts import Facts, Oracle, count, mean, mean_of_members, ratio, seconds, share_of_order, total


def _middle_and_tail(facts: Facts) -> dict[str, Oracle]:
    return {"median": seconds(share_of_order(facts, 0.5)), "p95": seconds(share_of_order(facts, 0.95))}


_response = seconds(mean(support.responses))
_within = mean(support.due)
_resolution = seconds(mean(support.resolutions))
_contacted_once = mean(support.contacted_once)
_one_touch = mean(support.one_touch)
_called_once = mean(support.called_once)
_complaints = count(support.complaints)
_a_thousand = ratio(_complaints, customers.active_customers, 1000)
_an_hour = ratio(count(support.resolutions), total(support.desk), 60)
_after_complaint = mean(surveys.after_complaint)
_first_resolution = seconds(mean(support.first_resolutions))
_contacts = count(support.contacts)
_content = mean(surveys.rated)
_answered = ratio(count(surveys.answered), count(surveys.sent))
_written = count(surveys.written)
SERVICE = (
    Line(
        "average_response_time",
        ("team", "priority"),
        _response,
        {
            **clocks(_response),
            "bots and notes as well": seconds(mean(support.responses_of_anybody)),
            "by the opening": seconds(mean(support.responses_at_opening)),
            "a mean of members": mean_of_members(_response, "team", support.responses),
        },
        FAST,
        {**_middle_and_tail(support.responses), "p90": seconds(share_of_order(support.responses, 0.9))},
    ),
    Line(
        "oldest_unanswered",
        (),
        backlog.oldest_unanswered,
        {
            "a program's answer": backlog.oldest_unanswered_by_anybody,
            "merged and deleted ones": backlog.oldest_unanswered_with_merged,
            "given up by nobody": backlog.oldest_unanswered_for_ever,
            "the newest": backlog.newest_unanswered,
        },
        FAST,
        to_date=False,
        periods=(),
    ),
    Line(
        "response_within_target",
        ("team", "priority"),
        _within,
        {
            **clocks(_within),
            "of those answered": mean(support.due_if_answered),
            "one target for all": mean(support.due_by_one_target),
        },
        FAST,
    ),
    Line(
        "resolution_time",
        ("team", "kind"),
        _resolution,
        {
            **clocks(_resolution),
            "each resolution": seconds(mean(support.resolutions_each_time)),
            "an exclusive horizon": seconds(mean(support.resolutions_to_the_day)),
            "the first one": _first_resolution,
        },
        also=_middle_and_tail(support.resolutions),
    ),
    Line(
        "first_resolution_time",
        ("team", "kind"),
        _first_resolution,
        {**clocks(_first_resolution), "the last one": _resolution},
        also=_middle_and_tail(support.first_resolutions),
    ),
    Line(
        "first_contact_resolution",
        ("team", "kind"),
        _contacted_once,
        {
            **clocks(_contacted_once),
            "each resolution": mean(support.contacted_once_each_time),
            "reopened at any time": mean(support.contacted_once_for_ever),
            "whoever comes back": mean(support.contacted_once_whoever_comes_back),
            "an exclusive horizon": mean(support.contacted_once_to_the_day),
            "where we call": mean(support.contacted_once_if_we_are_silent),
        },
        (),
    ),
    Line(
        "one_touch_rate",
        ("team", "kind"),
        _one_touch,
        {
            **clocks(_one_touch),
            "however often it was answered": mean(support.one_touch_however_often_answered),
            "each resolution": mean(support.one_touch_each_time),
        },
        (),
    ),
    Line(
        "first_call_resolution",
        ("team", "kind"),
        _called_once,
        {
            **clocks(_called_once),
            "whatever the channel": _contacted_once,
            "whoever comes back": mean(support.called_once_whoever_comes_back),
        },
        (),
    ),
    Line(
        "complaints",
        ("team", "priority"),
        _complaints,
        {
            **clocks(_complaints),
            "as they were opened": count(support.complaints_as_opened),
            "as last classified at any time": count(support.complaints_for_ever),
        },
        ("24h",),
    ),
    Line(
        "complaints_per_thousand_customers",
        (),
        _a_thousand,
        {
            **clocks(_a_thousand),
            "as they were opened": ratio(count(support.complaints_as_opened), customers.active_customers, 1000),
            "of orders": ratio(_complaints, count(customers.orders), 1000),
        },
        ("24h",),
    ),
    Line(
        "tickets_per_agent_hour",
        ("team",),
        _an_hour,
        {
            **clocks(_an_hour),
            "each resolution": ratio(count(support.resolutions_each_time), total(support.desk), 60),
            "whatever was worked on": ratio(count(support.resolutions), total(support.desk_and_all_else), 60),
            "hours when they are said": ratio(count(support.resolutions), total(support.desk_when_said), 60),
            "a mean of members": mean_of_members(_an_hour, "team", support.desk),
        },
        (),
        periods=("week", "month", "quarter", "year"),
    ),
    Line(
        "csat_after_complaint",
        ("team", "segment"),
        _after_complaint,
        {
            **everything(_after_complaint),
            "of all ratings": _content,
            "an exclusive horizon": mean(surveys.after_complaint_exclusively),
            "at any time": mean(surveys.after_complaint_for_ever),
            "of the ticket alone": mean(surveys.after_complaint_of_ticket),
            "of the customer alone": mean(surveys.after_complaint_of_customer),
        },
        ("24h",),
    ),
    Line(
        "average_ticket_backlog",
        ("team", "priority"),
        backlog.average_ticket_backlog,
        {
            **clocks(backlog.average_ticket_backlog),
            "as it ended": backlog.ticket_backlog,
            "between the ends": backlog.middle_of_the_ends,
            "of those opened meanwhile": backlog.average_of_new_tickets,
            "merged and deleted ones": backlog.average_with_merged,
        },
        FAST,
    ),
    Line(
        "ticket_backlog",
        ("team", "priority"),
        backlog.ticket_backlog,
        {
            **clocks(backlog.ticket_backlog),
            "as it began": backlog.ticket_backlog_at_start,
            "merged and deleted ones": backlog.ticket_backlog_with_merged,
            "given up by nobody": backlog.ticket_backlog_for_ever,
        },
        FAST,
    ),
    Line(
        "pending_tickets",
        ("team", "priority"),
        backlog.pending_tickets,
        {
            **clocks(backlog.pending_tickets),
            "as it began": backlog.pending_tickets_at_start,
            "resolved ones": backlog.pending_until_released,
        },
        FAST,
    ),
    Line(
        "customer_contacts",
        ("channel", "reason"),
        _contacts,
        {**everything(_contacts), "outbound ones": count(support.all_contacts)},
        FAST,
    ),
    Line(
        "csat",
        ("team", "segment"),
        _content,
        {
            **everything(_content),
            "the best mark only": mean(surveys.rated_best),
            "of all answers": mean(surveys.rated_or_written),
            "a mean of members": mean_of_members(_content, "team", surveys.rated),
        },
        FAST,
    ),
    Line(
        "survey_response_rate",
        ("question", "segment"),
        _answered,
        {
            **everything(_answered),
            "employees as well": ratio(count(surveys.answered_by_anybody), count(surveys.sent)),
            "a mean of members": mean_of_members(_answered, "question", surveys.sent),
        },
        FAST,
    ),
    Line(
        "nps",
        ("segment", "segment"),
        surveys.nps,
        {
            **clocks(surveys.nps),
            "all answers": surveys.nps_of_all_answers,
            "the first answer": surveys.nps_of_first_answers,
            "without passives": surveys.nps_without_passives,
        },
        FAST,
    ),
    Line(
        "feedback_count",
        ("theme", "journey_step"),
        _written,
        {**everything(_written), "all answers": count(surveys.answered)},
        FAST,
    ),
)
