import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const path = '/usr/bin/chromium'

/** Debian's Chromium without a window, installed where it is missing; it asks nothing of the network by itself, and by TCP unless told. */
export async function launchBrowser(more: readonly string[] = ['--disable-quic']): Promise<Browser> {
  if (!existsSync(path)) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit' })
    const words = ['install', '-y', '-qq', '--no-install-recommends', 'chromium']
    spawnSync('apt-get', words, { stdio: 'inherit', env })
  }
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    ...more,
  ]
  return chromium.launch({ executablePath: path, args })
}
