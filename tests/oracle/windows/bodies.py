"""The batch job of each body."""

from tests.oracle.windows.counting import Windowed
from tests.oracle.windows.held import machine, respondent, stock
from tests.oracle.windows.tickets import amended, resolution, response
from tests.oracle.windows.trade import course, customer, lead, newcomer, order

WINDOWS: dict[str, Windowed] = {
    windowed.__name__: windowed
    for windowed in (response, resolution, lead, customer, newcomer, course, machine, stock, order, respondent, amended)
}
