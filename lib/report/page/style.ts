/** The page's style sheet; colours by what they mean, in light and dark. */
export const style = `
:root {
  --paper: #f6f7f9; --card: #fff; --ink: #1b2430; --soft: #5b6776; --faint: #e3e7ec; --line: #d3d9e1;
  --ok: #1a7f4b; --changed: #a86400; --pending: #0b6bb8; --failed: #c4283c; --handler: #7447c4; --look: #4a90d9; --connect: #9aa5b3;
  --bar-changed: #e29a1c; --bar-failed: #d5404f; --added: #e6f5ec; --removed: #fdeaec; --shadow: 0 1px 2px #1b24300f, 0 2px 12px #1b24300a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #10151c; --card: #18202a; --ink: #e4eaf1; --soft: #98a5b4; --faint: #232d39; --line: #2f3b49;
    --ok: #4cc88a; --changed: #f0b24b; --pending: #62b1f5; --failed: #ff7583; --handler: #b593f5; --look: #4f8fd0; --connect: #5f6d7d;
    --bar-changed: #cf8f2b; --bar-failed: #cf4a58; --added: #12301f; --removed: #3a1a20; --shadow: none;
  }
}
* { box-sizing: border-box }
[hidden] { display: none !important }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; -webkit-text-size-adjust: 100% }
header, main { max-width: 1180px; margin: 0 auto; padding: 0 24px }
header { padding-top: 36px }
main { padding-bottom: 64px }
h1 { margin: 4px 0 2px; font-size: 30px; line-height: 1.2; letter-spacing: -.015em; font-weight: 650; display: flex; align-items: baseline; gap: 12px }
h2 { margin: 44px 0 12px; font-size: 18px; letter-spacing: -.005em; font-weight: 620 }
h2 small { margin-left: 8px; font-size: 14px; font-weight: 400; color: var(--soft) }
h3 { margin: 0; font-size: 15px; font-weight: 600 }
p { margin: 0 }
section { scroll-margin-top: 70px }
.what { font-weight: 600; color: var(--soft) } .what span { font-weight: 400 }
.when { color: var(--soft) }
.tag { margin-left: 8px; padding: 1px 9px; border-radius: 99px; border: 1px solid var(--pending); color: var(--pending); font-size: 13px; white-space: nowrap }
.dot { flex: none; display: inline-block; width: 10px; height: 10px; border-radius: 50%; background: var(--soft) }
h1 .dot { width: 16px; height: 16px; transform: translateY(-1px) }
.dot.ok { background: var(--ok) } .dot.changed { background: var(--bar-changed) } .dot.pending { background: var(--pending) } .dot.failed, .dot.interrupted { background: var(--failed) }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(128px, 1fr)); gap: 12px; margin: 24px 0 0 }
.tiles div { padding: 12px 16px 10px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; box-shadow: var(--shadow); display: flex; flex-direction: column-reverse }
.tiles dt { color: var(--soft); font-size: 13px } .tiles dd { margin: 0; font-size: 26px; line-height: 1.2; font-weight: 620; font-variant-numeric: tabular-nums }
.tiles .ok dd { color: var(--ok) } .tiles .changed dd { color: var(--changed) } .tiles .pending dd { color: var(--pending) } .tiles .failed dd { color: var(--failed) } .tiles .handler dd { color: var(--handler) }
.card { margin: 0 0 12px; padding: 14px 18px; background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--failed); border-radius: 10px; box-shadow: var(--shadow) }
.card.interrupted { border-left-color: var(--bar-changed) }
.card .word { color: var(--failed) } .card .id { margin-top: 4px } .card .why { margin-top: 4px; overflow-wrap: anywhere } .card .left { margin-top: 4px; color: var(--soft) }
.card pre { margin: 10px 0 0; padding: 10px 12px; background: var(--paper); border-radius: 6px; overflow-x: auto; max-height: 24em }
.hint { margin-top: 10px; white-space: pre-wrap; overflow-wrap: anywhere } .hint b { margin-right: 6px; color: var(--pending); font-weight: 600 }
pre, .id, .host, .name, tbody th, .slow .host { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: 13px }
.host { white-space: nowrap; color: var(--soft) } h3 .host { color: var(--ink); font-size: 14px }
.role { color: var(--soft) } .role::after { content: " /" }
.filters { position: sticky; top: 0; z-index: 2; display: flex; flex-wrap: wrap; align-items: center; gap: 10px 18px; margin: 28px -24px 0; padding: 10px 24px; background: color-mix(in srgb, var(--paper) 92%, transparent); backdrop-filter: blur(6px); border-bottom: 1px solid var(--line) }
.filters label span { color: var(--soft); margin-right: 4px }
.filters input[type=search] { width: 200px; padding: 6px 10px; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 8px }
.filters fieldset { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; margin: 0; padding: 0; border: 0 } .filters legend { float: left; margin-right: 8px; color: var(--soft) }
.chip { display: inline-flex; align-items: center; gap: 7px; padding: 4px 12px; background: var(--card); border: 1px solid var(--line); border-radius: 99px; cursor: pointer; user-select: none }
.chip input { position: absolute; opacity: 0; pointer-events: none } .chip .dot { margin: 0; width: 9px; height: 9px }
.chip:has(:checked) { border-color: var(--ink); box-shadow: inset 0 0 0 1px var(--ink) } .chip:has(:focus-visible) { outline: 2px solid var(--pending); outline-offset: 2px }
#shown { color: var(--soft); font-size: 14px }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0 0 10px; padding: 0; list-style: none; color: var(--soft); font-size: 13px } .legend li { display: flex; align-items: center; gap: 6px }
.key { width: 12px; height: 12px; border-radius: 3px }
.bar.connect { fill: var(--connect) } .key.connect { background: var(--connect) } .bar.look { fill: var(--look) } .key.look { background: var(--look) } .bar.change { fill: var(--bar-changed) } .key.change { background: var(--bar-changed) } .bar.handler { fill: var(--handler) } .key.handler { background: var(--handler) } .bar.failed { fill: var(--bar-failed) } .key.failed { background: var(--bar-failed) }
.chart { padding: 8px 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px; box-shadow: var(--shadow); max-height: 76vh; overflow: auto }
.row, .axis { display: grid; grid-template-columns: minmax(72px, 170px) 1fr; grid-template-rows: 100%; align-items: center; gap: 12px; height: 30px; padding: 0 16px }
.many .row { height: 20px } .many .name { font-size: 12px }
.axis { position: sticky; top: -8px; height: 26px; background: var(--card); z-index: 1; border-bottom: 1px solid var(--faint) }
.axis line { stroke: var(--line) } .axis text { fill: var(--soft); font-size: 11px; font-variant-numeric: tabular-nums }
.row:hover { background: color-mix(in srgb, var(--faint) 45%, transparent) }
.row .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.row svg { height: 100%; overflow: visible; min-width: 0 }
.bar { outline: none } .row .bar { cursor: default; stroke: var(--card); stroke-width: 1 } .row .bar:hover, .row .bar:focus { stroke: var(--ink); stroke-width: 2 }
#tip { position: fixed; z-index: 9; max-width: min(460px, calc(100vw - 16px)); padding: 7px 11px; background: var(--ink); color: var(--paper); border-radius: 7px; font-size: 13px; line-height: 1.4; pointer-events: none; overflow-wrap: anywhere }
.entry { background: var(--card); border: 1px solid var(--line); border-top-width: 0 } h2 + .entry { border-top-width: 1px; border-radius: 10px 10px 0 0 } .entry { overflow: hidden }
.entry:not(details), .entry > summary { display: grid; grid-template-columns: 88px minmax(0, 5fr) minmax(0, 5fr) minmax(90px, 2fr) 56px; gap: 4px 14px; align-items: baseline; padding: 8px 16px }
details.entry > summary { cursor: pointer; list-style: none; position: relative } details.entry > summary::-webkit-details-marker { display: none }
details.entry > summary::before { content: ""; position: absolute; left: 5px; top: 16px; border: 4px solid transparent; border-left-color: var(--soft) } details.entry[open] > summary::before { transform: rotate(90deg); transform-origin: 2px 4px }
details.entry > summary:hover { background: color-mix(in srgb, var(--faint) 45%, transparent) } summary:focus-visible { outline: 2px solid var(--pending); outline-offset: -2px }
.entry .id, .entry .summary { overflow-wrap: anywhere } .entry .summary { color: var(--soft); font-size: 14px } .entry .on { overflow-wrap: anywhere; font-size: 13px; color: var(--soft) } .entry .ms { text-align: right; color: var(--soft); font-size: 13px; font-variant-numeric: tabular-nums }
#changes .entry:nth-last-child(2) { border-radius: 0 0 10px 10px } #changes h2 + .entry:nth-last-child(2) { border-radius: 10px }
.badge { font-size: 13px; font-weight: 600 } .badge.changed { color: var(--changed) } .badge.pending, .badge.unknown { color: var(--pending) } .badge.failed { color: var(--failed) }
.all { padding: 0 16px 10px } .all .host { display: inline-block; margin-right: 8px }
.diff { margin: 0; padding: 8px 0; border-top: 1px solid var(--faint); overflow: auto; max-height: 32em; line-height: 1.45 } .diff span { display: block; min-width: max-content; padding: 0 16px; white-space: pre }
.added { background: var(--added); color: var(--ok) } .removed { background: var(--removed); color: var(--failed) } .hunk { color: var(--pending) } .same { color: var(--soft) }
.none { color: var(--soft) }
.slow { margin: 0; padding: 0; list-style: none; display: grid; gap: 10px } .slow li { display: grid; grid-template-columns: 64px 1fr; gap: 2px 12px; align-items: baseline } .slow .ms { text-align: right; font-variant-numeric: tabular-nums; font-weight: 600 } .slow .id { overflow-wrap: anywhere } .slow .more { color: var(--soft) } .slow svg { grid-column: 2; display: block }
.wide { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 10px; box-shadow: var(--shadow) }
table { width: 100%; border-collapse: collapse } th, td { padding: 7px 16px; text-align: left; white-space: nowrap; border-bottom: 1px solid var(--faint) } tr:last-child > * { border-bottom: 0 }
thead th { color: var(--soft); font-size: 13px; font-weight: 500 } tbody th { font-weight: 400 } .number { text-align: right; font-variant-numeric: tabular-nums } .dim { color: var(--soft) }
.state { font-weight: 600 } .state.ok { color: var(--ok) } .state.failed, .state.unreachable { color: var(--failed) } .state.left-out { color: var(--soft) }
.notes { margin-top: 14px; color: var(--soft) } .notes summary { cursor: pointer } .notes ul { margin: 8px 0 0; padding-left: 20px } .notes li { overflow-wrap: anywhere }
@media (max-width: 760px) {
  header, main { padding-left: 14px; padding-right: 14px } header { padding-top: 20px } h1 { font-size: 23px } h1 .dot { width: 13px; height: 13px } h2 { margin-top: 32px }
  .tiles { grid-template-columns: repeat(3, 1fr); gap: 8px } .tiles div { padding: 9px 10px 7px } .tiles dd { font-size: 21px } .tiles dt { font-size: 12px }
  .filters { position: static; margin: 20px -14px 0; padding: 10px 14px } .filters label:first-child { display: flex; width: 100%; align-items: center } .filters input[type=search] { flex: 1; min-width: 0 } .filters legend { display: none }
  .row, .axis { grid-template-columns: 84px 1fr; padding: 0 10px; gap: 8px } .name { font-size: 12px }
  .entry:not(details), .entry > summary { grid-template-columns: 1fr auto; padding: 8px 12px 8px 18px } .entry .badge { grid-row: 1 } .entry .ms { grid-row: 1; grid-column: 2 } .entry .id, .entry .summary, .entry .on { grid-column: 1 / -1 }
  .slow li { grid-template-columns: 50px 1fr } th, td { padding: 7px 10px }
}
@media print { .filters { display: none } .chart { max-height: none } }
`
