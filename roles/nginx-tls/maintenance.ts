import { plain } from '../../lib/secret/index.ts'

const page =
  '<!doctype html><meta charset=utf-8><title>Maintenance</title><h1>Back in a moment</h1><p>We are working on this site.</p>'

/**
 * What a server answers while a file is there: 503, and when to come back. nginx looks for it on each request. `openTo` is
 * an address that the site stays open to: that of the edge itself, by which a deploy proves what it has done.
 */
export function whileClosed(file: string, { openTo }: { openTo?: string } = {}): string {
  return plain`
    set $closed '';
    if (-f ${file}) { set $closed yes; }
    ${openTo === undefined ? '' : `if ($remote_addr = ${openTo}) { set $closed ''; }`}
    if ($closed) {
      set $retry_after 60;
      return 503 '${page}';
    }`
}
