import { writeFileSync } from 'node:fs'

/** What a fault did to a deploy, as it was seen. */
export interface FaultRow {
  readonly fault: string
  readonly code: number
  readonly says: string
  readonly serves: string
  /** of clients that kept asking, and never again when one failed */
  readonly requests: number
  readonly failed: number
}

/** Writes docs/faults.md. */
export function writeFaults(rows: readonly FaultRow[]): void {
  const shown = (text: string) => text.replaceAll('|', '\\|').replace(/(fault-\d+)-\d+/g, '$1')
  const lines = rows.map(
    ({ fault, code, says, serves, requests, failed }) =>
      `| ${fault} | ${code} | ${shown(says)} | ${serves} | ${failed} of ${requests} |`,
  )
  writeFileSync(
    new URL('../../docs/faults.md', import.meta.url),
    `# What goes wrong during a deploy

Written by \`npm run test:soak\`, which does each of these to a deploy of the lab while clients keep asking both edges, half of
them on kept-alive connections, none of them ever again for a request that failed. After each, the next deploy
goes through without anybody having to clean up.

| what goes wrong | exit code | what the run says | who serves then | failed requests |
| --- | --: | --- | --- | --: |
${lines.join('\n')}
`,
  )
}
