import { createHash } from 'node:crypto'
import { html, Markup } from './markup.ts'

/** What a page is made of. */
export interface Framed {
  readonly title: string
  /** a word for programs: it stands at the root of the page */
  readonly verdict: string
  readonly style: string
  readonly header: Markup
  /** its sections, those that there are */
  readonly main: readonly (Markup | undefined)[]
  /** what follows, and the script that makes it live; a page can be read without */
  readonly live?: { readonly markup: Markup; readonly script: string }
}

/** A page that needs nothing else: it loads nothing and sends nothing, and its policy forbids both. */
export function framed({ title, verdict, style, header, main, live }: Framed): string {
  const script = live === undefined ? '' : ` script-src ${hashOf(live.script)};`
  const policy = `default-src 'none'; style-src ${hashOf(style)};${script} base-uri 'none'; form-action 'none'`
  return html`<!doctype html>
<html lang="en" data-verdict="${verdict}">
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
${header}
<main>
${main.map((part) => part && html`${part}\n`)}</main>
${live === undefined ? undefined : html`${live.markup}\n<script>${new Markup(live.script)}</script>\n`}</body>
</html>
`.text
}

/** Names and values, large: what somebody wants to know first. `kind` says how a value is coloured. */
export function tiles(all: readonly (readonly [name: string, value: string, kind: string])[]): Markup {
  return html`<dl class="tiles">${all.map(
    ([name, value, kind]) => html`<div class="${kind}"><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl>`
}

function hashOf(source: string): string {
  return `'sha256-${createHash('sha256').update(source).digest('base64')}'`
}
