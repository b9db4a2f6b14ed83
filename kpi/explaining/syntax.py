"""SQL expressions of declarations as trees, so that they can be told in words."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>\d+(?:\.\d*)?|\.\d+)|(?P<word>[A-Za-z_]\w*)"
    r"|(?P<mark><>|!=|<=|>=|\|\||::|[-+*/%=<>(),]))"
)
_COMPARISONS: Final = ("=", "<>", "!=", "<", "<=", ">", ">=")


class Unreadable(Exception):
    """An expression of a form that is not known here; it may be right all the same."""


@dataclass(frozen=True, slots=True)
class Name:
    """What a column is called."""

    name: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A text or a number as it is written, or `true`, `false`, `null`. `is_text` tells texts apart."""

    written: str
    is_text: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A function of values; `cast` and `try_cast` leave out what to."""

    function: str
    values: tuple["Tree", ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """Two or more values joined by one sign: an arithmetic one, `||`, a comparison, `and`, `or`."""

    sign: str
    values: tuple["Tree", ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """`not` a condition, or a number with the other sign."""

    sign: str
    value: "Tree"


@dataclass(frozen=True, slots=True)
class Test:
    """What is asked of one value: `null`, `in` or `between` others, or `like` a pattern; or the contrary."""

    kind: str
    value: "Tree"
    others: tuple["Tree", ...] = ()
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """The value beside the first condition that holds, or else the last one."""

    cases: tuple[tuple["Tree", "Tree"], ...]
    otherwise: "Tree | None"


Tree = Name | Literal | Call | Operation | Negation | Test | Choice


def tree_of(sql: str) -> Tree:
    """The tree of an expression. Raises Unreadable."""
    reader = _Reader(sql)
    tree = reader.disjunction()
    if reader.rest:
        raise Unreadable(sql)
    return tree


class _Reader:
    """Reads an expression from the left to the right, by what binds least."""

    def __init__(self, sql: str) -> None:
        self._sql = sql
        self.rest: list[tuple[str, str]] = []
        place, end = 0, len(sql.rstrip())
        while place < end:
            match = _TOKEN.match(sql, place)
            if match is None or match.lastgroup is None:
                raise Unreadable(sql)
            kind, text = match.lastgroup, match[match.lastgroup]
            self.rest.append((kind, text.lower() if kind == "word" and text.lower() in _KEYWORDS else text))
            place = match.end()

    def disjunction(self) -> Tree:
        return self._chain(self._conjunction, ("or",))

    def _conjunction(self) -> Tree:
        return self._chain(self._negated, ("and",))

    def _negated(self) -> Tree:
        if self._take("not"):
            return Negation("not", self._negated())
        return self._compared()

    def _compared(self) -> Tree:
        left = self._sum()
        for sign in _COMPARISONS:
            if self._take(sign):
                return Operation("<>" if sign == "!=" else sign, (left, self._sum()))
        if self._take("is"):
            negated = self._take("not")
            self._expect("null")
            return Test("null", left, negated=negated)
        negated = self._take("not")
        if self._take("in"):
            self._expect("(")
            return Test("in", left, self._values(), negated)
        if self._take("between"):
            low = self._sum()
            self._expect("and")
            return Test("between", left, (low, self._sum()), negated)
        if self._take("like") or self._take("ilike"):
            return Test("like", left, (self._sum(),), negated)
        if negated:
            raise Unreadable(self._sql)
        return left

    def _sum(self) -> Tree:
        return self._chain(self._product, ("+", "-", "||"))

    def _product(self) -> Tree:
        return self._chain(self._signed, ("*", "/", "%"))

    def _signed(self) -> Tree:
        if self._take("-"):
            return Negation("-", self._signed())
        value = self._single()
        if self._take("::"):
            self._next()
            return Call("cast", (value,))
        return value

    def _single(self) -> Tree:
        kind, text = self._next()
        tree: Tree
        if kind == "text":
            tree = Literal(text[1:-1].replace("''", "'"), is_text=True)
        elif kind == "number" or text in ("true", "false", "null"):
            tree = Literal(text)
        elif text == "(":
            tree = self.disjunction()
            self._expect(")")
        elif text == "case":
            tree = self._choice()
        elif kind != "word" or text in _KEYWORDS:
            raise Unreadable(self._sql)
        elif self._take("("):
            tree = self._called(text.lower())
        else:
            tree = Name(text)
        return tree

    def _called(self, function: str) -> Tree:
        if function not in ("cast", "try_cast"):
            return Call(function, self._values())
        value = self.disjunction()
        while not self._take(")"):
            self._next()
        return Call("cast", (value,))

    def _choice(self) -> Tree:
        subject = None if self._ahead("when") else self.disjunction()
        cases = []
        while self._take("when"):
            condition = self.disjunction()
            self._expect("then")
            whole = condition if subject is None else Operation("=", (subject, condition))
            cases.append((whole, self.disjunction()))
        otherwise = self.disjunction() if self._take("else") else None
        self._expect("end")
        return Choice(tuple(cases), otherwise)

    def _values(self) -> tuple[Tree, ...]:
        """What stands in parentheses, of which the first is read."""
        values: list[Tree] = []
        while not self._take(")"):
            if values:
                self._expect(",")
            values.append(self.disjunction())
        return tuple(values)

    def _chain(self, part: Callable[[], "Tree"], signs: tuple[str, ...]) -> Tree:
        tree = part()
        while self.rest and self.rest[0][1] in signs and self.rest[0][0] != "text":
            sign = self._next()[1]
            further = part()
            if isinstance(tree, Operation) and tree.sign == sign and sign in ("and", "or"):
                tree = Operation(sign, (*tree.values, further))
            else:
                tree = Operation(sign, (tree, further))
        return tree

    def _ahead(self, text: str) -> bool:
        return bool(self.rest) and self.rest[0][0] != "text" and self.rest[0][1] == text

    def _take(self, text: str) -> bool:
        found = self._ahead(text)
        if found:
            del self.rest[0]
        return found

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise Unreadable(self._sql)

    def _next(self) -> tuple[str, str]:
        if not self.rest:
            raise Unreadable(self._sql)
        return self.rest.pop(0)


_KEYWORDS: Final = frozenset({
    "and", "or", "not", "is", "null", "in", "between", "like", "ilike", "true", "false",
    "case", "when", "then", "else", "end",
})  # fmt: skip
