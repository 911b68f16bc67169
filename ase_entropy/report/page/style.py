"""How the page of a report looks."""

__all__ = ['STYLE']

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto;
  padding: 0 1rem; color: #222; background: #fff; }
h1, h2 { line-height: 1.2; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid #bbb; }
h3 { margin: 1.5rem 0 0.5rem; line-height: 1.2; }
a { color: #0059a3; }
#verdict { border-left: 4px solid #0072b2; padding-left: 1.5rem; }
#verdict h2 { margin-top: 1rem; border: 0; }
#verdict li pre { margin: 0.2rem 0 0.6rem; }
.advice { font-size: 1.1rem; }
nav { font-size: 0.9rem; }
pre, code { font: 0.85rem/1.4 ui-monospace, monospace; }
summary { cursor: pointer; }
figure { margin: 1.5rem 0; }
figure img { max-width: 100%; height: auto; background: #fff; }
figcaption, .small { color: #555; font-size: 0.9rem; }
.wide { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: 0.85rem; }
th, td { padding: 0.2rem 0.6rem; border-bottom: 1px solid #ddd; text-align: left;
  white-space: nowrap; }
thead th { white-space: normal; vertical-align: bottom; }
tbody th { font-weight: normal; }
td { font-variant-numeric: tabular-nums; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
#live-map canvas { width: 100%; border: 1px solid #bbb; background: #fff;
  touch-action: pan-y; }
#live-map .panels { display: grid; grid-template-columns: 3fr 2fr; gap: 1rem; }
#live-map .plane { height: 26rem; cursor: crosshair; }
#live-map .drawing { height: 20rem; cursor: grab; touch-action: none; }
#live-map .said { margin: 0.5rem 0; font-size: 0.9rem; overflow-wrap: anywhere; }
#live-map .sets { display: flex; flex-wrap: wrap; gap: 0.3rem 1rem; margin: 0.5rem 0;
  font-size: 0.9rem; overflow-wrap: anywhere; }
#live-map .sets canvas { width: 16px; height: 16px; vertical-align: middle; border: 0; }
figure.live > .wide { display: none; }
@media screen and (max-width: 40rem) {
  #live-map .panels { grid-template-columns: minmax(0, 1fr); }
  #live-map .plane { height: 20rem; }
  figure .wide img { width: 36rem; max-width: none; }
}
.notes { border-left: 4px solid #d55e00; padding-left: 2rem; }
@media (prefers-color-scheme: dark) {
  body { color: #ddd; background: #181818; }
  figcaption, .small { color: #bbb; }
  a { color: #7fbfff; }
  th, td { border-color: #444; }
  figure img { border-radius: 4px; padding: 4px; }
}
@media print {
  body { color: #000; background: #fff; max-width: none; margin: 0; }
  figcaption, .small { color: #333; }
  nav, #live-map { display: none; }
  figure.live > .wide { display: block; }
  figure, tr { break-inside: avoid; }
  .wide { overflow: visible; }
  table { font-size: 0.6rem; }
  th, td { border-color: #bbb; padding: 0.1rem 0.3rem; }
}
"""
