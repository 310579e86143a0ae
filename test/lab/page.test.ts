import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../browser.ts'
import { liveRelease } from './live.ts'

const scratch = mkdtempSync(join(tmpdir(), 'quayside-page-'))
let browser: Browser

beforeAll(async () => {
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser?.close()
  rmSync(scratch, { recursive: true })
})

test('the page, in a browser through nginx, shows the release, a search result and a live WebSocket', async () => {
  const release = await liveRelease()
  const page = await browser.newPage({ ignoreHTTPSErrors: true, viewport: { width: 1100, height: 800 } })
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text())
  })
  await page.goto('https://localhost:8441/?q=harbour')
  expect(await page.getByTestId('release-web').innerText()).toContain(release)
  expect(await page.getByTestId('release-api').innerText()).toContain(release)
  expect(await page.getByTestId('result').first().innerText()).toMatch(/\w+/)
  await page.getByTestId('websocket').getByText('live').waitFor({ timeout: 10_000 })
  const shot = await page.screenshot({ path: join(scratch, 'page.png') })
  // A blank page compresses to a few kilobytes; this one has text, colours and borders.
  expect(shot.length).toBeGreaterThan(10_000)
  expect(problems).toEqual([])
})
