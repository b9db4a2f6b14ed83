"""The lines of marketing."""

from tests.table.lines.line import FAST, Line, clocks, everything
from tests.table.oracle import web
from tests.table.oracle.facts import count, mean, mean_of_members, ratio, total

_click_through = ratio(count(web.clicks), total(web.impressions))
_visits = count(web.visits)
_sessions = mean(web.sessions)
_asked = total(web.asked_about_brands)
MARKETING = (
    Line(
        "click_through_rate",
        ("campaign_id", "placement"),
        _click_through,
        {
            **everything(_click_through),
            "with bots": ratio(count(web.clicks_with_bots), total(web.impressions)),
            "impressions by record": ratio(count(web.clicks), count(web.impressions)),
            "a mean of members": mean_of_members(_click_through, "campaign_id", web.clicks),
        },
        FAST,
    ),
    Line(
        "website_visits",
        ("device", "country"),
        _visits,
        {**everything(_visits), "with bots": count(web.visits_with_bots), "visitors": web.different_visitors},
        FAST,
    ),
    Line(
        "website_traffic",
        ("device", "country"),
        web.different_visitors,
        {**clocks(web.different_visitors), "visits": _visits, "added up by day": web.sum_of_days},
        FAST,
    ),
    Line(
        "session_conversion_rate",
        ("device", "country"),
        _sessions,
        {
            **clocks(_sessions),
            "at any time": mean(web.sessions_of_any_length),
            "an exclusive day": mean(web.sessions_short_of_a_day),
            "conversions by visits": ratio(count(web.conversions), count(web.visits)),
        },
        FAST,
    ),
    *(
        Line(
            name,
            ("wave_id", "region"),
            ratio(total(known), _asked),
            {
                **everything(ratio(total(known), _asked)),
                "without weights": ratio(count(known), count(web.asked_about_brands)),
                "of those who knew": ratio(total(known), total(web.who_knew_or_not)),
            },
            (),
        )
        for name, known in (
            ("brand_awareness", web.aided),
            ("brand_awareness_unaided", web.unaided),
            ("brand_awareness_top_of_mind", web.top_of_mind),
        )
    ),
)
