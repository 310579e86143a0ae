import type { Recording } from '../recording.ts'
import { verdictOf } from '../verdict.ts'
import { changes } from './changes.ts'
import { failures } from './failures.ts'
import { framed } from './frame.ts'
import { filters, header } from './header.ts'
import { hosts } from './hosts.ts'
import { html } from './markup.ts'
import { script } from './script.ts'
import { slowest } from './slowest.ts'
import { style } from './style.ts'
import { timeline } from './timeline.ts'

/**
 * A run as one page that needs nothing else. Without its script it can still be read; the script filters, and tells what a
 * bar of the timeline is.
 */
export function page(recording: Recording): string {
  const verdict = verdictOf(recording)
  return framed({
    title: `${recording.playbook} · ${recording.env}: ${verdict.text}`,
    verdict: verdict.state,
    style,
    header: header(recording, verdict),
    main: [
      failures(recording),
      filters(recording),
      timeline(recording),
      changes(recording),
      slowest(recording),
      hosts(recording),
    ],
    live: { markup: html`<div id="tip" role="status" aria-live="polite" hidden></div>`, script },
  })
}
