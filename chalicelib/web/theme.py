"""What a website can set and hear of a form that stands in it: variables, parts, events, prefilled answers."""

# Each variable of the style sheet with its default; the accents are the association's own.
VARIABLES = {
    "accent": "",
    "on-accent": "",
    "ink": "#1d2529",
    "soft": "#535d63",
    "paper": "#fff",
    "wash": "#f3f5f3",
    "line": "#7a8388",
    "error": "#b01e1e",
    "radius": "6px",
    "scheme": "light",
}
PARTS = (
    "loket",
    "form",
    "field",
    "label",
    "input",
    "party",
    "person",
    "invoice",
    "total",
    "button",
    "notice",
    "errors",
)
EVENTS = ("ready", "invalid", "checkout", "error", "unavailable")
PREFILLED = ("organisation", "name", "email", "reference", "member")
