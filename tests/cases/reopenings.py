"""What happens to the tickets of case T1: which, what, and when in March 2026."""

STORY = (
    ("A", "opened", "02T09:00:00"),
    ("A", "replied", "02T09:10:00"),
    ("B", "opened", "02T09:30:00"),
    ("B", "replied", "02T09:50:00"),
    ("A", "resolved", "02T10:00:00"),
    ("C", "opened", "02T10:00:00"),
    ("C", "replied", "02T10:05:00"),
    ("B", "resolved", "02T10:30:00"),
    ("A", "reopened", "02T11:00:00"),
    ("A", "replied", "02T12:30:00"),
    ("A", "resolved", "02T13:00:00"),
    ("B", "reopened", "09T10:30:01"),
)
