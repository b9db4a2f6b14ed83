"""The lines of marketing."""

from tests.table.lines.line import FAST, Line, clocks, everything
from tests.table.oracle import sales, social, spending, web
from tests.table.oracle.customers import order_revenue
from tests.table.oracle.facts import count, mean, mean_of_members, ratio, total
from tests.table.oracle.growth import a_week_ago, growth, growth_to_date, up_to_a_week

_click_through = ratio(count(web.clicks), total(web.impressions))
_visits = count(web.visits)
_sessions = mean(web.sessions)
_of_campaigns = total(sales.revenue_by_campaign)
_converting = ratio(web.different(web.converted), web.different_visitors)
_attributed = ratio(count(web.attributed), count(web.clicks))
_asked = total(web.asked_about_brands)
_engaged = total(social.engagements)
_OF_SPENDING = ("week", "month", "quarter", "year")
"""What is spent is dated by the first instants of days, and a day that has just begun elsewhere holds none."""

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
    Line(
        "conversion_rate",
        ("device", "country"),
        _converting,
        {
            **clocks(_converting),
            "by visits": ratio(count(web.converted), count(web.visitors)),
            "at any time": ratio(web.different(web.converted_at_any_time), web.different_visitors),
            "an exclusive day": ratio(web.different(web.converted_to_the_day), web.different_visitors),
            "by the conversion": web.converting_visitors_by_their_conversion,
        },
        FAST,
    ),
    Line(
        "ad_conversion_rate",
        ("campaign_id", "placement"),
        _attributed,
        {
            **clocks(_attributed),
            "the first click": ratio(count(web.attributed_to_the_first_click), count(web.clicks)),
            "at any time": ratio(count(web.attributed_at_any_time), count(web.clicks)),
            "an exclusive horizon": ratio(count(web.attributed_to_the_day), count(web.clicks)),
            "all conversions": ratio(count(web.conversions), count(web.clicks)),
        },
        FAST,
    ),
    Line(
        "website_traffic_growth",
        ("country",),
        growth_to_date(web.different_visitors),
        {
            **clocks(growth_to_date(web.different_visitors)),
            "visits": growth_to_date(_visits),
            "what runs against what is over": growth(web.different_visitors),
            "against a week ago": growth_to_date(web.different_visitors, a_week_ago),
        },
        ("24h",),
        {
            "week_ago": up_to_a_week(growth_to_date(web.different_visitors, a_week_ago)),
            "year_ago": lambda *_: None,
        },
        periods=("day", "week", "month"),
    ),
    Line(
        "cost_per_click",
        ("campaign_id",),
        spending.cost_per_click,
        {
            **clocks(spending.cost_per_click),
            "media only": ratio(total(spending.spent_on_media), count(web.billable_clicks)),
            "when it is said": ratio(total(spending.spent_when_said), count(web.billable_clicks)),
            "on the first day": ratio(total(spending.spent_on_the_first_day), count(web.billable_clicks)),
            "short of the last day": ratio(total(spending.spent_short_of_the_last_day), count(web.billable_clicks)),
            "all clicks": ratio(total(spending.spent), count(web.clicks_with_bots)),
            "a mean of members": mean_of_members(spending.cost_per_click, "campaign_id", web.billable_clicks),
        },
        (),
        periods=_OF_SPENDING,
    ),
    Line(
        "return_on_ad_spend",
        ("campaign_id",),
        spending.return_on_ad_spend,
        {
            **clocks(spending.return_on_ad_spend),
            "the first click": ratio(total(web.attributed_to_the_first_click), total(spending.spent)),
            "at any time": ratio(total(web.attributed_at_any_time), total(spending.spent)),
            "all conversions": ratio(total(web.conversions), total(spending.spent)),
            "media only": ratio(total(web.attributed), total(spending.spent_on_media)),
        },
        (),
        periods=_OF_SPENDING,
    ),
    Line(
        "blended_return",
        ("campaign_id",),
        spending.blended_return,
        {
            **clocks(spending.blended_return),
            "whatever was taken back": spending.blended_return_as_said,
            "what advertisements brought": spending.return_on_ad_spend,
            "media only": ratio(order_revenue, total(spending.spent_on_media)),
        },
        (),
        periods=_OF_SPENDING,
    ),
    Line(
        "social_engagements",
        ("network", "kind"),
        _engaged,
        {
            **everything(_engaged),
            "running totals as they are": total(social.engagements_as_said),
            "since the first reading": total(social.engagements_since_the_first_reading),
            "who saw it as well": total(social.engagements_with_views),
        },
        FAST,
        members={"kind": ("like", "comment", "share", "save", "click")},
    ),
    Line(
        "social_engagement_rate",
        ("network", "kind"),
        social.social_engagement_rate,
        {
            **everything(social.social_engagement_rate),
            "running totals as they are": social.rate(social.engagements_as_said, social.impressions_as_said),
            "of those reached as well": social.rate(social.engagements, social.impressions_and_reach),
            "a mean of members": mean_of_members(social.social_engagement_rate, "network", social.engagements),
        },
        FAST,
        members={"kind": ("like", "comment", "share", "save", "click")},
    ),
)
