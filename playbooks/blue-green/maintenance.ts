import { ask, live, parseAnswers } from '../../lib/deploy/edge.ts'
import { siteOf } from '../../lib/deploy/index.ts'
import { paths } from '../../lib/deploy/paths.ts'
import { StepError } from '../../lib/engine/error.ts'
import type { Run } from '../../lib/playbook/index.ts'
import { sh } from '../../lib/script/index.ts'

const file = `${paths.switch}/maintenance`

/**
 * Puts the file by which nginx closes the site on every edge, or takes it away, and asks each edge as a client would. What
 * is asked on an edge itself is answered as ever: deploys and checks of health go on working while the site is closed.
 */
export async function maintenance(run: Run, close: boolean): Promise<void> {
  const { fleet, emit, check } = run
  const { edges, access, apps } = siteOf(run.inventory)
  const names = edges.map(({ name }) => name).join(', ')
  if (check) {
    emit({ type: 'step', text: `would ${close ? 'close' : 'open'} the site on ${names}` })
    return
  }
  await fleet.run(edges, close ? 'close the site' : 'open the site', () =>
    close ? sh`: > ${file}` : sh`rm -f ${file}`,
  )
  const path = apps[0]?.health ?? '/'
  // By the address that clients come to: nginx lets 127.0.0.1 in.
  const asked = await fleet.run(edges, 'ask the edge as a client would', (edge) =>
    ask([live(access, path, edge.privateAddress)]),
  )
  for (const [host, { stdout }] of asked) {
    const [answer] = parseAnswers([live(access, path)], stdout)
    const status = answer?.status ?? 0
    if ((status === 503) === close) continue
    const why = `it answers HTTP ${status} ${answer?.failure ?? ''}`.trim()
    throw new StepError(host, close ? 'the site is not closed' : 'the site is not open', { why })
  }
  emit({
    type: 'step',
    text: close
      ? `closed: ${names} answer 503; maintenance.ts off opens the site`
      : `open: ${names} serve again`,
  })
}
