"""The picture: processor time of a cached user, by who serves it."""

import statistics
from xml.sax.saxutils import escape

import report
import works

PANELS = (("W1", "lighttpd", 64), ("W1", "nginx-kept", 64))
SHOWN = (("app", "program"), ("web", "web server"), ("redis", "Redis"))
WIDTH, LEFT, BAR, GAP, TOP, HEAD = 760, 130, 18, 12, 76, 34
ROOM = WIDTH - LEFT - 170       # for the longest bar

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.paper { fill: #ffffff; }
.h { font-weight: 600; } .s { fill: #59636e; }
.app { fill: #1f6feb; } .web { fill: #8c959f; } .redis { fill: #d0d7de; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; } .paper { fill: #0d1117; } .s { fill: #9198a1; }
.app { fill: #58a6ff; } .web { fill: #6e7681; } .redis { fill: #3d444d; }
}
"""


def medians(records, who, point):
    """Microseconds of each group, or None where it was not measured."""
    found = report.rounds_of(records, who, *point).values()
    if not found:
        return None
    return {group: statistics.median(r["cpu_us"][group] for r in found)
            for group, _ in SHOWN}


def text(x, y, words, kind="", anchor="start"):
    mark = f' class="{kind}"' if kind else ""
    return (f'<text x="{x:.0f}" y="{y:.0f}"{mark} text-anchor="{anchor}">'
            f'{escape(words)}</text>')


def bars(records, point, y, scale):
    out = []
    for who, label in report.LABELS.items():
        found = medians(records, who, point)
        if found is None:
            continue
        out.append(text(LEFT - 10, y + BAR - 5, label,
                        "h" if who == "sessgate" else "", "end"))
        x = LEFT
        for group, _ in SHOWN:
            width = found[group] * scale
            if width >= 0.5:
                out.append(f'<rect class="{group}" x="{x:.1f}" y="{y}" '
                           f'width="{width:.1f}" height="{BAR}"/>')
            x += width
        shown = f"{sum(found.values()):.0f} µs"
        if found["app"] >= 0.5:
            shown += f", program {found['app']:.0f}"
        out.append(text(x + 8, y + BAR - 5, shown, "s"))
        y += BAR + GAP
    return out, y


def legend(y):
    out, x = [], LEFT
    for group, label in SHOWN:
        out.append(f'<rect class="{group}" x="{x}" y="{y - 10}" width="12" '
                   'height="12"/>')
        out.append(text(x + 18, y, label, "s"))
        x += 40 + 8 * len(label)
    return out


def render(records):
    shown = [p for p in PANELS if report.rounds_of(records, "sessgate", *p)]
    sums = [sum(m.values()) for p in shown for who in report.LABELS
            if (m := medians(records, who, p))]
    scale = ROOM / max(sums, default=1)
    out, y = [], TOP
    for point in shown:
        out.append(text(LEFT, y + 14, works.WAYS[point[1]], "h"))
        rows, y = bars(records, point, y + HEAD - 8, scale)
        out += rows
        y += GAP
    machine = next(r for r in records if r["kind"] == "machine")
    notes = [text(20, 28, "Processor time of one GET /user/{id}, cached", "h"),
             *legend(54)]
    y += 8
    notes.append(text(20, y, f"{machine['cores']} cores, {machine['date']}, "
                      f"{machine['commit']}; medians; bench/run", "s"))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
            f'height="{y + 16}" viewBox="0 0 {WIDTH} {y + 16}" role="img" '
            'aria-label="Processor time of one cached user">\n'
            f"<style>{STYLE}</style>\n"
            # its own, since the page around it may be of the other kind
            '<rect class="paper" width="100%" height="100%" rx="6"/>\n' + "\n".join(notes + out)
            + "\n</svg>\n")
