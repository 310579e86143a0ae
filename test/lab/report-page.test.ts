import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { junit } from '../../lib/report/junit.ts'
import { page as pageOf } from '../../lib/report/page/page.ts'
import { launchBrowser } from '../browser.ts'
import { recorded, sampleRun } from '../unit/report/sample-run.ts'
import { inLab } from './playbook.ts'

const scratch = mkdtempSync(join(tmpdir(), 'quayside-report-'))
let browser: Browser

beforeAll(async () => {
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser?.close()
  rmSync(scratch, { recursive: true })
})

/** Opens a file as a person does, and keeps what the browser complains of and whatever it asks the network for. */
async function open(file: string, width = 1280): Promise<{ page: Page; problems: string[] }> {
  const page = await browser.newPage({ viewport: { width, height: 900 } })
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => problems.push(message.text()))
  page.on('dialog', (dialog) => problems.push(`a dialog: ${dialog.message()}`))
  page.on('request', (request) => {
    if (request.url() !== pathToFileURL(file).href) problems.push(`asked for ${request.url()}`)
  })
  await page.goto(pathToFileURL(file).href)
  return { page, problems }
}

function written(count: number): string {
  const file = join(scratch, `run-${count}.html`)
  writeFileSync(file, pageOf(recorded(sampleRun(count))))
  return file
}

const bars = (page: Page, host: string) =>
  page
    .locator(`#timeline .row[data-hosts="${host}"] .bar`)
    .evaluateAll((all) => all.map((bar) => bar.classList.item(1)))

test('the timeline has the bars of each host; the filters leave what they say; a key goes from bar to bar', async () => {
  const { page, problems } = await open(written(5))
  expect(await page.locator('h1').innerText()).toBe('2 of 5 hosts failed')
  const well = ['connect', 'look', 'change', 'change', 'change', 'change', 'handler']
  expect(await bars(page, 'edge-1')).toEqual(well)
  expect(await bars(page, 'app-1')).toEqual(['failed'])
  expect(await bars(page, 'app-2')).toEqual(['connect', 'look', 'change', 'change', 'change', 'failed'])

  const [connect, install] = await Promise.all(
    ['.bar.connect', '.bar.change'].map((bar) =>
      page.locator(`[data-hosts=edge-1] ${bar}`).first().boundingBox(),
    ),
  )
  // 4.2 seconds beside 0.3: as long as they are, and one after the other.
  expect((install?.width ?? 0) / (connect?.width ?? 1)).toBeCloseTo(14, 0)
  expect(install?.x).toBeGreaterThan((connect?.x ?? 0) + (connect?.width ?? 0))

  await page.locator('[data-hosts=edge-1] .bar.connect').focus()
  await page.keyboard.press('ArrowRight')
  expect(await page.locator('#tip').innerText()).toBe('edge-1 · look at 12 resources · 580 ms, from 0.3s')
  await page.keyboard.press('ArrowDown')
  expect(await page.locator('#tip').innerText()).toContain('edge-2 · look at 12 resources')

  const shown = (what: string) => page.locator(`${what}:visible`).count()
  expect([await shown('.row'), await shown('.entry'), await shown('.card')]).toEqual([5, 5, 2])
  await page.getByLabel('failed', { exact: true }).check({ force: true })
  expect([await shown('.row'), await shown('tbody tr'), await shown('.card')]).toEqual([2, 2, 2])
  await page.getByLabel('failed', { exact: true }).uncheck({ force: true })
  await page.getByLabel('Host', { exact: true }).fill('app-2')
  expect([await shown('.row'), await shown('.entry'), await shown('.card')]).toEqual([1, 3, 1])
  expect(await page.locator('#shown').innerText()).toBe('1 of 5 hosts')
  await page.getByLabel('Host', { exact: true }).fill('edge-*')
  expect(await shown('.row')).toBe(2)
  expect(problems).toEqual([])
  await page.close()
})

test.each([1, 200])('a page of %i hosts fits the widest and the narrowest window', async (count) => {
  for (const width of [1280, 400]) {
    const { page, problems } = await open(written(count), width)
    expect(await page.locator('.row').count()).toBe(count)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
    expect(await page.locator('#filters').isVisible()).toBe(count > 1)
    expect(problems).toEqual([])
    await page.close()
  }
})

test('a JUnit report is XML to a browser', async () => {
  const { page } = await open(written(1))
  const xml = junit(recorded(sampleRun(5)))
  const parse = `new DOMParser().parseFromString(${JSON.stringify(xml)}, 'text/xml')`
  expect(await page.evaluate(`${parse}.querySelectorAll('testcase').length`)).toBe(23)
  expect(await page.evaluate(`${parse}.querySelector('parsererror')`)).toBeNull()
  await page.close()
})

test('a real run writes a page with every host of it, and no secret', async () => {
  const file = join(scratch, 'site.html')
  const { code, output } = await inLab('site', ['--check', '--diff', '--report', file])
  expect(code, output).toBe(0)
  expect(output).toContain(`report: ${file}`)
  const { page, problems } = await open(file)
  for (const host of ['edge-1', 'edge-2', 'app-1', 'app-2', 'db-1'])
    expect((await bars(page, host)).slice(0, 2)).toEqual(['connect', 'look'])
  expect(problems).toEqual([])
  expect(readFileSync(file, 'utf8')).not.toContain('PRIVATE KEY')
  await page.close()
})
