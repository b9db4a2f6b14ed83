"""The batch job of each body."""

from tests.oracle.windows.counting import Windowed
from tests.oracle.windows.episodes import handled, served
from tests.oracle.windows.held import machine, respondent, stock
from tests.oracle.windows.lanes import basket, crossing
from tests.oracle.windows.overlapping import contact, sale
from tests.oracle.windows.plant import unit
from tests.oracle.windows.shared import shared
from tests.oracle.windows.tickets import amended, classified, resolution, response
from tests.oracle.windows.trade import complete, course, customer, lead, newcomer, order

WINDOWS: dict[str, Windowed] = {
    windowed.__name__: windowed
    for windowed in (
        response,
        classified,
        resolution,
        handled,
        served,
        lead,
        contact,
        sale,
        customer,
        newcomer,
        complete,
        basket,
        crossing,
        course,
        machine,
        unit,
        shared,
        stock,
        order,
        respondent,
        amended,
    )
}
