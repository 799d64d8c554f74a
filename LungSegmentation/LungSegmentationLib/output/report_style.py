"""How the report looks, on a screen (light or dark) and on A4 paper."""

STYLE = """\
:root { color-scheme: light dark; --ink: #22262c; --quiet: #606872; --paper: #ffffff; --rule: #d9dee4;
  --pass: #1d7a46; --review: #9a6200; --fail: #b3261e; }
@media screen and (prefers-color-scheme: dark) {
  :root { --ink: #e8ebef; --quiet: #9aa3ae; --paper: #14171b; --rule: #343a42; --pass: #58c48a; --review: #f0b45a; --fail: #ff8a80; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem; background: var(--paper); color: var(--ink);
  font: 0.95rem/1.45 system-ui, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; }
h1 { margin: 0; font-size: 1.1rem; font-weight: 600; color: var(--quiet); }
h2 { margin: 1.6rem 0 0.5rem; font-size: 1.1rem; border-bottom: 1px solid var(--rule); padding-bottom: 0.2rem; }
.scan { margin: 0.1rem 0 0.4rem; font-size: 1.7rem; font-weight: 600; overflow-wrap: anywhere; }
.notice { margin: 0; color: var(--quiet); font-size: 0.85rem; }
table { width: 100%; border-collapse: collapse; font-size: 0.85rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.22rem 0.5rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); overflow-wrap: break-word; }
th { font-weight: 600; color: var(--quiet); }
.number { text-align: right; }
td.number { white-space: nowrap; }
.facts th { width: 16rem; }
.flag, .verdict strong { font-weight: 700; }
.flag.pass, .verdict.pass strong { color: var(--pass); }
.flag.review, .flag.cut, .verdict.review strong, .verdict.cut strong { color: var(--review); }
.flag.fail, .verdict.fail strong { color: var(--fail); }
.verdict { margin: 0 0 0.5rem; padding: 0.5rem 0.7rem; border: 1px solid var(--rule); border-left-width: 6px; }
.verdict.pass { border-left-color: var(--pass); }
.verdict.review, .verdict.cut { border-left-color: var(--review); }
.verdict.fail { border-left-color: var(--fail); }
figure { margin: 0 0 1rem; break-inside: avoid; }
img { display: block; max-width: 100%; height: auto; }
figcaption { color: var(--quiet); font-size: 0.85rem; padding-top: 0.2rem; }
@page { size: A4; margin: 14mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 9pt; }
  table { font-size: 8pt; }
  h2 { break-after: avoid; }
  tr { break-inside: avoid; }
  img { max-height: 235mm; }
}
"""
