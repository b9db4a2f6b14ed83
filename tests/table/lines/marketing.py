"""The lines of marketing."""

from tests.table.lines.line import FAST, Line, clocks, everything
from tests.table.oracle import sales, web
from tests.table.oracle.facts import count, mean, mean_of_members, ratio, total

_click_through = ratio(count(web.clicks), total(web.impressions))
_visits = count(web.visits)
_sessions = mean(web.sessions)
_of_campaigns = total(sales.revenue_by_campaign)
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
    Line(
        "revenue_by_campaign",
        ("campaign_id", "region"),
        _of_campaigns,
        {
            **clocks(_of_campaigns),
            "whatever was reverted": total(sales.revenue_by_campaign_for_ever),
            "the deal's own campaign": total(sales.revenue_by_campaign_of_the_deal),
            "of leads alone": total(sales.revenue_by_campaign_of_leads_alone),
            "of no campaign as well": total(sales.won),
        },
    ),
)
