import { createHash } from 'node:crypto'
import type { Recording } from '../recording.ts'
import { verdictOf } from '../verdict.ts'
import { changes } from './changes.ts'
import { failures } from './failures.ts'
import { filters, header } from './header.ts'
import { hosts } from './hosts.ts'
import { html, Markup } from './markup.ts'
import { script } from './script.ts'
import { slowest } from './slowest.ts'
import { style } from './style.ts'
import { timeline } from './timeline.ts'

/**
 * A run as one page that needs nothing else: it loads nothing and sends nothing, and its policy forbids both. Without
 * its script it can still be read; the script filters, and tells what a bar of the timeline is.
 */
export function page(recording: Recording): string {
  const verdict = verdictOf(recording)
  const policy = `default-src 'none'; style-src ${hashOf(style)}; script-src ${hashOf(script)}; base-uri 'none'; form-action 'none'`
  const title = `${recording.playbook} · ${recording.env}: ${verdict.text}`
  return html`<!doctype html>
<html lang="en" data-verdict="${verdict.state}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Quayside">
<title>${title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
${header(recording, verdict)}
<main>
${failures(recording)}
${filters(recording)}
${timeline(recording)}
${changes(recording)}
${slowest(recording)}
${hosts(recording)}
</main>
<div id="tip" role="status" aria-live="polite" hidden></div>
<script>${new Markup(script)}</script>
</body>
</html>
`.text
}

function hashOf(source: string): string {
  return `'sha256-${createHash('sha256').update(source).digest('base64')}'`
}
