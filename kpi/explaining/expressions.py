"""SQL expressions in words: conditions on events, and arithmetic with what has a name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kpi.explaining.syntax import Call, Choice, Literal, Name, Negation, Operation, Test, Tree, Unreadable, tree_of
from kpi.explaining.words import listed, plain, quoted

_SIGNS: Final = {"*": "×", "/": "÷", "+": "+", "-": "−", "%": "modulo", "||": "followed by"}
_BINDING: Final = {"or": 1, "and": 2, "+": 4, "-": 4, "||": 4, "*": 5, "/": 5, "%": 5}
_COMPARED: Final = {
    "=": "is", "<>": "is not", "<": "is less than", "<=": "is at most", ">": "is more than", ">=": "is at least",
}  # fmt: skip
_IN_TIME: Final = {
    "=": "is also", "<>": "is not", "<": "is before", "<=": "is not after", ">": "is after", ">=": "is not before",
}  # fmt: skip
_FUNCTIONS: Final = {
    "abs": "the size of {}", "floor": "{} rounded down", "ceil": "{} rounded up", "ceiling": "{} rounded up",
    "round": "{} rounded", "sqrt": "the square root of {}", "exp": "e to the power of {}", "ln": "the logarithm of {}",
    "upper": "{} in capitals", "lower": "{} in small letters", "trim": "{}", "cast": "{}", "sign": "the sign of {}",
    "length": "the length of {}",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Term:
    """What a name stands for, as a noun phrase. `is_moment`: in time. `yes`: of what is 1 or 0, when it is 1."""

    phrase: str
    is_moment: bool = False
    yes: str | None = None


Terms = Mapping[str, Term]


def condition(sql: str, terms: Terms | None = None) -> str:
    """A condition as a clause: `direction is “out”`. What cannot be read stands there as it is written."""
    try:
        return _Words(terms or {}).condition(tree_of(sql))
    except Unreadable:
        return f"this holds: {quoted(sql)}"


def value(sql: str, terms: Terms | None = None) -> str:
    """What an expression gives, as a noun phrase or an arithmetic expression."""
    try:
        return _Words(terms or {}).value(tree_of(sql))
    except Unreadable:
        return quoted(sql)


def is_always(sql: str) -> bool:
    """Whether the condition holds of everything."""
    return sql.strip().lower() in ("true", "1 = 1")


class _Words:
    def __init__(self, terms: Terms) -> None:
        self._terms = terms

    def condition(self, tree: Tree, around: int = 0) -> str:
        match tree:
            case Name(name):
                text = f"it is marked {quoted(self._flag(name))}"
            case Literal(written):
                text = "whatever it is" if written == "true" else "never"
            case Negation("not", Name(name)):
                text = f"it is not marked {quoted(self._flag(name))}"
            case Negation("not", inner):
                text = f"it is not so that {self.condition(inner, 3)}"
            case Operation(("and" | "or") as sign, values):
                joined = f" {sign} ".join(self.condition(each, _BINDING[sign]) for each in values)
                text = f"({joined})" if around and (sign == "or" or around > _BINDING[sign]) else joined
            case Operation(sign, (left, right)) if sign in _COMPARED:
                text = self._comparison(sign, left, right)
            case Test():
                text = self._test(tree)
            case _:
                text = f"{self.value(tree)} holds"
        return text

    def value(self, tree: Tree, around: int = 0) -> str:
        match tree:
            case Name(name):
                text = self._terms[name].phrase if name in self._terms else plain(name.removesuffix("_minor"))
            case Literal(written, is_text):
                text = quoted(written) if is_text else "nothing" if written == "null" else written
            case Negation("-", inner):
                text = f"−{self.value(inner, 6)}"
            case Operation("-", (left, right)) if self._is_moment(left) and self._is_moment(right):
                text = f"the time from {self.value(right)} to {self.value(left)}"
            case Operation("/", (left, Call("nullif", (right, _)))):
                text = self._arithmetic("/", left, right, around)
            case Operation(sign, (left, right)) if sign in _SIGNS:
                text = self._arithmetic(sign, left, right, around)
            case Choice(cases, otherwise):
                chosen = ", ".join(f"{self.value(then)} if {self.condition(when)}" for when, then in cases)
                text = f"{chosen}, else {'nothing' if otherwise is None else self.value(otherwise)}"
                text = f"({text})" if around else text
            case Call(function, values):
                text = self._call(function, values)
            case _:
                text = f"1 if {self.condition(tree)}, else 0"
        return text

    def _flag(self, name: str) -> str:
        return self._terms[name].phrase if name in self._terms else plain(name.removeprefix("is_"))

    def _is_moment(self, tree: Tree) -> bool:
        match tree:
            case Name(name):
                return name in self._terms and self._terms[name].is_moment
            case Call("coalesce" | "least" | "greatest", values):
                return all(self._is_moment(each) for each in values)
            case _:
                return False

    def _comparison(self, sign: str, left: Tree, right: Tree) -> str:
        if isinstance(right, Literal) and right.written in ("true", "false") and not right.is_text:
            positive = (right.written == "true") == (sign == "=")
            return self.condition(left if positive else Negation("not", left))
        yes = self._terms[left.name].yes if isinstance(left, Name) and left.name in self._terms else None
        if yes is not None and sign == "=" and right in (Literal("0"), Literal("1")):
            return yes if right == Literal("1") else f"it is not so that {yes}"
        words = _IN_TIME if self._is_moment(left) and self._is_moment(right) else _COMPARED
        return f"{self.value(left)} {words[sign]} {self.value(right)}"

    def _test(self, tree: Test) -> str:
        subject, others = self.value(tree.value), [self.value(each) for each in tree.others]
        is_ = "is not" if tree.negated else "is"
        match tree.kind:
            case "null":
                return f"{subject} is {'known' if tree.negated else 'not known'}"
            case "in" if tree.negated and len(others) > 1:
                return f"{subject} is neither {listed(others, 'nor')}"
            case "in":
                return f"{subject} {is_} {listed(others, 'or')}"
            case "between":
                return f"{subject} {is_} from {others[0]} to {others[1]}"
            case _:
                return f"{subject} {is_} of the form {others[0]}"

    def _arithmetic(self, sign: str, left: Tree, right: Tree, around: int) -> str:
        binding = _BINDING[sign]
        text = f"{self.value(left, binding)} {_SIGNS[sign]} {self.value(right, binding + (sign in '-/%'))}"
        return f"({text})" if binding < around else text

    def _call(self, function: str, values: tuple[Tree, ...]) -> str:
        said = [self.value(each) for each in values]
        match function, said:
            case "coalesce", [first, second] if isinstance(values[1], Literal):
                text = f"{first} ({second} where there is none)"
            case "coalesce", _:
                text = f"the first that is known of {listed(said)}"
            case "nullif", [first, second]:
                text = f"{first} (nothing where it is {second})"
            case (("greatest" | "least"), _):
                text = f"the {'largest' if function == 'greatest' else 'smallest'} of {listed(said)}"
            case (("power" | "pow"), [_, exponent]):
                text = f"{self.value(values[0], 6)} to the power of {exponent}"
            case _, [only, *_] if function in _FUNCTIONS:
                text = _FUNCTIONS[function].format(only)
            case _:
                text = f"{function}({', '.join(said)})"
        return text
