import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { page as pageOf } from '../../../lib/backup/drill/page.ts'
import { launchBrowser } from '../../browser.ts'
import { failedDrill, passedDrill } from '../../unit/backup/drill/sample.ts'

const scratch = mkdtempSync(join(tmpdir(), 'quayside-drill-page-'))

afterAll(() => rmSync(scratch, { recursive: true }))

test('the page opens in a browser, asks for nothing, and fits the widest and the narrowest window', async () => {
  const browser = await launchBrowser()
  try {
    for (const [name, evidence] of Object.entries({ failedDrill, passedDrill })) {
      const file = join(scratch, `${name}.html`)
      writeFileSync(file, pageOf(evidence))
      for (const width of [1280, 400]) {
        const page = await browser.newPage({ viewport: { width, height: 900 } })
        const problems: string[] = []
        page.on('pageerror', (error) => problems.push(error.message))
        page.on('console', (message) => problems.push(message.text()))
        page.on('dialog', (dialog) => problems.push(`a dialog: ${dialog.message()}`))
        page.on('request', (request) => {
          if (request.url() !== pathToFileURL(file).href) problems.push(`asked for ${request.url()}`)
        })
        await page.goto(pathToFileURL(file).href)
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
        expect(await page.locator('#timeline .row').count()).toBe(evidence.steps.length)
        expect(await page.locator('#steps tbody tr').count()).toBe(evidence.steps.length)
        expect(await page.locator('#tables [data-equal=false]').count()).toBe(evidence.ok ? 0 : 1)
        const widths = await page
          .locator('#timeline .bar')
          .evaluateAll((all) => all.map((bar) => bar.getBoundingClientRect().width))
        expect((widths[1] ?? 0) / (widths[0] ?? 1)).toBeCloseTo(60, 0) // a minute beside a second
        expect(problems).toEqual([])
        await page.close()
      }
    }
  } finally {
    await browser.close()
  }
})
